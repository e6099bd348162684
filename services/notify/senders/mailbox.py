"""The "file" channel for families: each message is a file in a local mailbox, where there are no gateways."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from services.notify.senders.channel import Channel, Handed, Outgoing
from services.notify.senders.kept import keep_once


@dataclass(frozen=True)
class Letter:
    """One message in the mailbox."""

    reference: UUID
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    at: datetime


class MailboxSender:
    """Writes whole files or none, readable by the owner alone; the same reference twice is the same file."""

    name = "file"
    channel: Channel = "file"
    takes_reference = True

    def __init__(self, folder: Path, per_second: float = 1_000.0) -> None:
        self._folder = folder
        self.per_second = per_second

    def send(self, outgoing: Outgoing) -> Handed:
        """Written durably: delivered. A disk that does not take it: `temporary-failure`."""
        target = self._path(outgoing.to, outgoing.reference)
        return keep_once(target, outgoing.reference, lambda: _content(outgoing))

    def look_up(self, reference: UUID, provider_id: str | None) -> Handed | None:  # noqa: ARG002 - the reference is the id
        """`delivered` where the file is there, `temporary-failure` where it is not."""
        try:
            there = next(self._folder.glob(f"*/{reference}.json"), None)
        except OSError:
            return None
        return Handed("delivered", str(reference)) if there else Handed("temporary-failure", code="not-there")

    def messages(self, limit: int) -> Sequence[Letter]:
        """The newest `limit` messages, newest first. What cannot be read is left out."""
        written = sorted(((_written_at(path), path) for path in self._folder.glob("*/*.json")), reverse=True)
        letters = [letter for _, path in written[:limit] if (letter := _read(path)) is not None]
        return sorted(letters, key=lambda letter: letter.at, reverse=True)

    def written_before(self, moment: datetime) -> Sequence[UUID]:
        """The references of the messages that were written before a moment."""
        return [
            UUID(path.stem) for path in self._folder.glob("*/*.json") if _written_at(path) < moment.timestamp() * 1e9
        ]

    def remove(self, references: Collection[UUID]) -> None:
        """Take messages out; those that are not there are not missed."""
        for path in self._folder.glob("*/*.json"):
            if UUID(path.stem) in references:
                path.unlink(missing_ok=True)

    def _path(self, to: str, reference: UUID) -> Path:
        return self._folder / hashlib.sha256(to.encode()).hexdigest()[:32] / f"{reference}.json"


def _content(outgoing: Outgoing) -> bytes:
    letter = {
        "to": outgoing.to,
        "subject": outgoing.subject,
        "text": outgoing.text,
        "language": outgoing.language,
        "at": datetime.now(UTC).isoformat(),
    }
    return json.dumps(letter, ensure_ascii=False, indent=1).encode()


def _read(path: Path) -> Letter | None:
    try:
        found = json.loads(path.read_bytes())
        return Letter(
            UUID(path.stem),
            found["to"],
            found["subject"],
            found["text"],
            found["language"],
            datetime.fromisoformat(found["at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
