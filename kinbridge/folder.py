"""The data folder: one process owns it at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from shared.errors import MisconfiguredError

SOCKET = "kinbridge.sock"


class FolderTaken(MisconfiguredError):
    """Another process owns this data folder."""


class FolderLock:
    """Owns a data folder until released, or until this process dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def __enter__(self) -> FolderLock:
        """Take the folder, making it when it is missing; raises `FolderTaken`."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise MisconfiguredError(
                f"The data folder {self._folder} cannot be used ({error.strerror}). "
                "Name another with --data-dir, or mend its rights."
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise FolderTaken(
                f"Another process works on the data folder {self._folder}. Wait for it to end, "
                "or name another folder with --data-dir."
            ) from None
        self._descriptor = descriptor
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
