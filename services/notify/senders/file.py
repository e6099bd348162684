"""The "file" channel: a message becomes a file in the organisation's folder of the data folder."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from shared.files import write_whole


class FileSender:
    """Writes whole files or none; the same id twice is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, recipient: str, message_id: UUID, text: str) -> None:
        """Write the message durably; nothing where it was written before. Raises `OSError` when the disk does not take
        it."""
        target = self.path(recipient, message_id)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text.encode(), 0o666)

    def was_delivered(self, recipient: str, message_id: UUID) -> bool:
        """True when the message is there."""
        return self.path(recipient, message_id).exists()

    def path(self, recipient: str, message_id: UUID) -> Path:
        """Where a message lies. `recipient` is an organisation's short name: letters, digits and hyphens."""
        return self._folder / recipient / f"{message_id}.txt"
