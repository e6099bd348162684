"""The files of published reports, over HTTP; `services.reporting.files` is its other end."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx2

from shared.issue_files import FilesUnavailable, IssueFile, IssueHead

RENDERED_WITHIN = 120.0
"""Seconds for one file: a PDF of thousands of rows is made when it is asked for."""
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]+=*):")


@dataclass
class HttpIssueFiles:
    """The files over HTTP, with the key of the pair of services. Raises `FilesUnavailable`."""

    client: httpx2.Client

    @classmethod
    def open(cls, url: str, key: str) -> HttpIssueFiles:
        """At the address of reporting's feed; no call is made yet."""
        headers, timeout = {"Authorization": f"Bearer {key}"}, httpx2.Timeout(10.0, read=RENDERED_WITHIN)
        return cls(httpx2.Client(base_url=url, headers=headers, timeout=timeout, trust_env=False))

    def head(self, report_id: UUID, number: int) -> IssueHead:
        with _understanding():
            said = self._get(f"/issues/v1/{report_id}/{number}").json()
            return IssueHead(
                said["number"],
                said["digest"],
                said["organisation"],
                said["grant_number"],
                said["grant_title"],
                date.fromisoformat(said["date_from"]),
                date.fromisoformat(said["date_to"]),
            )

    def file(self, report_id: UUID, number: int, form: str) -> IssueFile:
        with _understanding():
            answer = self._get(f"/issues/v1/{report_id}/{number}.{form}")
            said = _DIGEST.fullmatch(answer.headers.get("content-digest", ""))
            digest = base64.b64decode(said.group(1)) if said else b""
            return IssueFile(form, answer.headers.get("content-type", ""), answer.content, digest)

    def _get(self, path: str) -> Any:
        answer = self.client.get(path)
        answer.raise_for_status()
        return answer


@contextmanager
def _understanding() -> Iterator[None]:
    try:
        yield
    except (httpx2.HTTPError, KeyError, TypeError, ValueError) as error:
        raise FilesUnavailable("Reporting does not hand out the files of this issue.") from error
