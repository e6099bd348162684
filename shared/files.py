"""Files that are whole or not there, and on the disk when a call returns."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_whole(target: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file beside, wait until the disk has it, give it its name, and wait for that too; a file of that name is
    replaced. Its folder must be there. Raises `OSError`, and leaves nothing behind, where the disk does not take it."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(target)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    settle_names(target.parent)


def settle_names(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
