"""The mailbox to which families' answers and bounces come back: a Maildir, into which any mail server delivers.

https://cr.yp.to/proto/maildir.html: a letter is a file in `new`, there whole or not at all; what was looked at and is
kept lies in `cur`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.notify.senders.channel import Inbound, Receipt

LONGEST_LETTER = 256 * 1024
"""Bytes that are read of one: what families write, and what a server says of a bounce, stands at its beginning."""


@dataclass(frozen=True)
class Inbox:
    """Where letters come in, and who understands them."""

    letters: Maildir
    understood: Callable[[bytes], Receipt | Inbound | None]
    """See `returned.understood`."""


class Maildir:
    """One folder, made where it is not there. Several processes may read it: a letter that is gone is passed over."""

    def __init__(self, folder: Path) -> None:
        self._new, self._seen = folder / "new", folder / "cur"
        for one in (self._new, self._seen, folder / "tmp"):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)

    def waiting(self, limit: int) -> Sequence[str]:
        """The names of letters that nobody has looked at, some of them."""
        found = sorted(one.name for one in self._new.iterdir() if not one.name.startswith("."))
        return found[:limit]

    def read(self, name: str) -> bytes | None:
        """The beginning of a letter; None where it is gone, or no file."""
        try:
            with (self._new / name).open("rb") as stream:
                return stream.read(LONGEST_LETTER)
        except OSError:
            return None

    def remove(self, name: str) -> None:
        """It was taken in: no second copy of what a family wrote is kept in the clear."""
        (self._new / name).unlink(missing_ok=True)

    def set_aside(self, name: str) -> None:
        """It is not ours to act on: whoever looks after the mailbox finds it, as read."""
        try:
            (self._new / name).rename(self._seen / f"{name.partition(':')[0]}:2,S")
        except FileNotFoundError:
            return
