"""Forms that bring a file: read as they arrive, kept in memory alone (what came in may not lie about on a disk in the
clear), never more than the limit of the body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from shared.pages.forms import FormData
from shared.web import MalformedBody, WrongMediaType

UPLOAD_TYPE = "multipart/form-data"
MOST_PARTS = 20
LONGEST_FIELD = 64 * 1024
FILE = "file"


@dataclass(frozen=True)
class Uploaded:
    """The fields of a form, and the file in its field `file`; None where none came. What the file was called, and what
    it was said to be, is not looked at."""

    fields: FormData
    file: bytes | None


async def uploaded(request: Request) -> Uploaded:
    """The form of a request. Raises `WrongMediaType`, `MalformedBody`, and `TooLarge` as soon as too much has come."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind.decode("latin-1").lower() != UPLOAD_TYPE or not options.get(b"boundary"):
        raise WrongMediaType(f"Send a form of the type {UPLOAD_TYPE}, with the file in its field `{FILE}`.")
    parts = _Parts()
    try:
        parser = MultipartParser(options[b"boundary"], parts.callbacks())  # type: ignore[arg-type] # those it needs
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except MultipartParseError:
        raise MalformedBody("The form cannot be read: it is damaged or cut off.") from None
    return parts.done()


@dataclass
class _Parts:
    """What has come so far."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    file: bytearray | None = None
    _headers: dict[str, bytes] = field(default_factory=dict)
    _named: bytes = b""
    _told: bytes = b""
    _field: bytearray = field(default_factory=bytearray)
    _is_file: bool = False
    _whole: bool = False

    def callbacks(self) -> dict[str, Callable[..., Any]]:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._start,
            "on_part_data": self._take,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def done(self) -> Uploaded:
        """Everything; raises `MalformedBody` where the end did not come."""
        if not self._whole:
            raise MalformedBody("The form cannot be read: it is damaged or cut off.")
        return Uploaded(FormData.of(self.pairs), None if self.file is None else bytes(self.file))

    def _begin(self) -> None:
        if len(self.pairs) >= MOST_PARTS:
            raise MalformedBody(f"The form may have {MOST_PARTS} fields at most.")
        self._headers, self._named, self._told, self._field = {}, b"", b"", bytearray()

    def _header_name(self, chunk: bytes, start: int, end: int) -> None:
        self._named += chunk[start:end]

    def _header_value(self, chunk: bytes, start: int, end: int) -> None:
        self._told += chunk[start:end]

    def _header_end(self) -> None:
        self._headers[self._named.decode("latin-1").lower()] = self._told
        self._named = self._told = b""

    def _start(self) -> None:
        self._is_file = self._name() == FILE
        if self._is_file:
            if self.file is not None:
                raise MalformedBody("Send one file at a time.")
            self.file = bytearray()

    def _take(self, chunk: bytes, start: int, end: int) -> None:
        into = self.file if self._is_file and self.file is not None else self._field
        into += chunk[start:end]
        if not self._is_file and len(into) > LONGEST_FIELD:
            raise MalformedBody(f"A field may have {LONGEST_FIELD:,} bytes at most.")

    def _end(self) -> None:
        if not self._is_file:
            self.pairs.append((self._name(), self._field.decode("utf-8", "replace")))

    def _finish(self) -> None:
        self._whole = True

    def _name(self) -> str:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        return options.get(b"name", b"").decode("utf-8", "replace")
