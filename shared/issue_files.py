"""The files of published reports, as reporting hands them to the service that mails them: beside the feed, not public.

`services.reporting.files` is the other end, and `http_issue_files` the way to it. An issue never changes, so what is
asked for twice is the same.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from shared.errors import KinbridgeError

MOST_BYTES = 20 * 1024 * 1024
"""Of all files of one mail together: what mail servers commonly take."""


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
    """What notify asks of reporting. Whatever is raised, there is no file now; over HTTP it is `FilesUnavailable`."""

    def head(self, report_id: UUID, number: int) -> IssueHead: ...

    def file(self, report_id: UUID, number: int, form: str) -> IssueFile: ...


def content_digest(sha256: bytes) -> str:
    """The header that tells of whole bytes (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"
