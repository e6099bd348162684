"""A depot in a local folder: readable by its owner alone, each file written whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


class FolderDepot:
    """Files in a folder of 256 folders, by the beginning of their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        """Written beside, waited for until the disk has it, and only then given its name."""
        folder = self._place(name).parent
        self._make(folder)
        draft = folder / f".{name}.{secrets.token_hex(4)}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            draft.rename(self._place(name))
        except OSError:
            with suppress(OSError):
                draft.unlink()
            raise
        _settle(folder)

    def get(self, name: str) -> bytes | None:
        """What was kept under that name."""
        try:
            return self._place(name).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Take it away, with what a crash left of an attempt to keep it."""
        place = self._place(name)
        drafts = list(place.parent.glob(f".{name}.*"))
        for one in (place, *drafts):
            one.unlink(missing_ok=True)
        if place.parent.exists():
            _settle(place.parent)

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        for one in (self._folder, folder):
            one.mkdir(mode=0o700, exist_ok=True)
            _settle(one.parent)


def _settle(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
