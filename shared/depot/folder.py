"""A depot in a local folder: readable by its owner alone, each file written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from shared.files import settle_names, write_whole


class FolderDepot:
    """Files in a folder of 256 folders, by the beginning of their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        """Written beside, waited for until the disk has it, and only then given its name."""
        folder = self._place(name).parent
        self._make(folder)
        write_whole(self._place(name), content)

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
            settle_names(place.parent)

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        for one in (self._folder, folder):
            one.mkdir(mode=0o700, exist_ok=True)
            settle_names(one.parent)
