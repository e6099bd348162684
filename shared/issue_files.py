"""The files of published reports, as reporting hands them to the service that mails them: beside the feed, not public.

`services.reporting.files` is the other end. An issue never changes, so what is asked for twice is the same.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

import httpx2

from shared.errors import KinbridgeError

MOST_BYTES = 20 * 1024 * 1024
"""Of all files of one mail together: what mail servers commonly take."""
RENDERED_WITHIN = 120.0
"""Seconds for one file: a PDF of thousands of rows is made when it is asked for."""
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]+=*):")


class FilesUnavailable(KinbridgeError):
    """Reporting does not hand out a file, or not whole; it is asked again."""


@dataclass(frozen=True)
class IssueHead:
    """What a published issue is about. `digest` is that of its frozen bytes."""

    number: int
    digest: str
    organisation: str
    grant_number: str
    grant_title: str
    date_from: date
    date_to: date
    """Included."""


@dataclass(frozen=True)
class IssueFile:
    """One rendering of an issue, and what reporting says is the SHA-256 of its bytes."""

    form: str
    media_type: str
    content: bytes = field(repr=False)
    sha256: bytes

    @property
    def whole(self) -> bool:
        """Whether these are the bytes that were rendered, and any."""
        return bool(self.content) and hashlib.sha256(self.content).digest() == self.sha256


class IssueFiles(Protocol):
    """What notify asks of reporting. Raises `FilesUnavailable`."""

    def head(self, report_id: UUID, number: int) -> IssueHead: ...

    def file(self, report_id: UUID, number: int, form: str) -> IssueFile: ...


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


def content_digest(sha256: bytes) -> str:
    """The header that tells of whole bytes (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"
