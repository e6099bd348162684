"""Mail as files, where there is no mail server: whole letters with their attachments, as mail programs open them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from services.notify.senders.channel import Channel, Handed, Outgoing
from services.notify.senders.kept import keep_once
from services.notify.senders.letter import written

NOBODY = "nobody@localhost"
"""From whom a letter is that is never sent."""


class MailFolder:
    """Writes whole letters or none, readable by the owner alone; the same reference twice is the same file."""

    name = "folder"
    channel: Channel = "email"
    per_second = 1_000.0
    takes_reference = True

    def __init__(self, folder: Path, sent_from: str | None = None) -> None:
        self._folder, self._from = folder, sent_from or NOBODY

    def send(self, outgoing: Outgoing) -> Handed:
        """Written durably: delivered. A disk that does not take it: `temporary-failure`."""
        target = self._path(outgoing.reference)
        return keep_once(target, outgoing.reference, lambda: written(outgoing, self._from, None))

    def look_up(self, reference: UUID, provider_id: str | None) -> Handed | None:  # noqa: ARG002 - the reference is the id
        """`delivered` where the file is there, `temporary-failure` where it is not."""
        there = self._path(reference).exists()
        return Handed("delivered", str(reference)) if there else Handed("temporary-failure", code="not-there")

    def _path(self, reference: UUID) -> Path:
        return self._folder / f"{reference}.eml"
