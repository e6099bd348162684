"""Attempts at what must never go out twice, in a file that is never restored.

It lies beside the erasure journal and is kept as that one is: a database that came back from a backup may have
forgotten an attempt, this file has not. It holds ids of attempts and of mails with reports, and nothing of
any person.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

_LINE = 37
"""Bytes: an id and a line break."""


class SentOnce:
    """The file. Several processes may write to it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: set[UUID] = set()
        self._read = 0
        self._lock = threading.Lock()

    def add(self, attempts: Collection[UUID]) -> None:
        """Note attempts that are about to be made, and wait until the disk has them. Raises `OSError`: then nothing may
        be sent."""
        if not attempts:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.seek(0, os.SEEK_END)
            whole = stream.tell() // _LINE * _LINE  # what a crash cut off was never sent
            stream.seek(whole)
            stream.truncate()
            stream.write("".join(f"{one}\n" for one in attempts).encode())
            stream.flush()
            os.fsync(stream.fileno())

    def __contains__(self, attempt: object) -> bool:
        with self._lock:
            self._catch_up()
            return attempt in self._known

    def _catch_up(self) -> None:
        """Read what was added since. Raises `ValueError` where the file is damaged."""
        try:
            with self._file.open("rb") as stream:
                stream.seek(self._read)
                added = stream.read()
        except FileNotFoundError:
            return
        whole = len(added) // _LINE * _LINE
        self._known.update(UUID(one) for one in added[:whole].decode().split())
        self._read += whole
