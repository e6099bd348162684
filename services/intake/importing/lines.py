"""The physical lines of a file, in bounded memory, with the last few able to be read again."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import BinaryIO

LONGEST_RECORD = 256 * 1024
"""Bytes of one record, line ends included; a longer line is cut to one byte more than this."""

PROGRESS_EVERY = 64 * 1024
"""Bytes between two calls of `on_progress`: a call per line would cost more than reading it."""


class Lines:
    """Lines of a buffered binary stream, split at LF alone, so that a CR or U+2028 in a cell stays there."""

    def __init__(self, stream: BinaryIO, on_progress: Callable[[int], None] | None = None) -> None:
        self.number = 0
        """How many lines were handed out and not given back: the number of the last one, from 1."""
        self._stream = stream
        self._again: deque[bytes] = deque()
        self._on_progress = on_progress
        self._consumed = 0
        self._reported = 0

    def next(self) -> bytes:
        """The next line with its line end; b'' at the end of the file.

        A line longer than `LONGEST_RECORD` bytes comes cut (and so still longer than that limit); the rest of
        it is read and dropped.
        """
        line = self._again.popleft() if self._again else self._read()
        if line:
            self.number += 1
        return line

    def give_back(self, lines: Iterable[bytes]) -> None:
        """Hand these lines, the last ones handed out, out again in the same order."""
        returned = list(lines)
        self._again.extendleft(reversed(returned))
        self.number -= len(returned)

    def _read(self) -> bytes:
        line = self._stream.readline(LONGEST_RECORD + 1)
        self._consumed += len(line)
        if len(line) > LONGEST_RECORD and not line.endswith(b"\n"):
            self._drop_rest_of_line()
        if self._on_progress is not None:
            self._report(at_end=not line)
        return line

    def _drop_rest_of_line(self) -> None:
        piece = b" "
        while piece and not piece.endswith(b"\n"):
            piece = self._stream.readline(LONGEST_RECORD)
            self._consumed += len(piece)

    def _report(self, at_end: bool) -> None:
        behind = self._consumed - self._reported
        if self._on_progress is not None and (behind >= PROGRESS_EVERY or (at_end and behind)):
            self._reported = self._consumed
            self._on_progress(self._consumed)
