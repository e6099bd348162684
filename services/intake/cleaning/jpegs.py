"""JPEG pictures inside a PDF, without what their cameras wrote; the picture's own bytes stay as they are.

Markers are those of ITU-T T.81, table B.1; boxes of JPEG 2000 those of ISO/IEC 15444-1, annex I.
"""

from __future__ import annotations

from services.intake.cleaning.refusing import Refused

_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""
_KEPT_OF_APPLICATIONS = frozenset({0xE0, 0xEE})
"""JFIF, and Adobe's, which says how colours are coded."""


def plain_jpeg(raw: bytes) -> bytes:
    """The picture without comments and what applications wrote (EXIF, XMP, ICC, thumbnails), and nothing behind its
    end. Raises `Refused` for what is no JPEG."""
    if raw[:2] != b"\xff\xd8":
        raise Refused("broken")
    made, at = [raw[:2]], 2
    while True:
        at, kept, ended = _segment(raw, at)
        made.append(kept)
        if ended:
            return b"".join(made)


def _segment(raw: bytes, at: int) -> tuple[int, bytes, bool]:
    """(where the next begins, what is kept of this one, whether it is the last)."""
    while raw[at : at + 2] == b"\xff\xff":
        at += 1
    if at + 2 > len(raw) or raw[at] != 0xFF:
        raise Refused("broken")
    marker = raw[at + 1]
    if marker == _END:
        return at + 2, raw[at : at + 2], True
    if marker in _ALONE:
        return at + 2, raw[at : at + 2], False
    behind = at + 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    if behind > len(raw) or behind < at + 4:
        raise Refused("broken")
    if marker == _SCAN:
        behind = _end_of_scan(raw, behind)
        return behind, raw[at:behind], False
    of_application = 0xE0 <= marker <= 0xEF and marker not in _KEPT_OF_APPLICATIONS
    return behind, b"" if of_application or marker == _COMMENT else raw[at:behind], False


def _end_of_scan(raw: bytes, at: int) -> int:
    """Where the next marker stands: in coded data 0xFF is followed by 0, or by a restart."""
    while True:
        at = raw.find(b"\xff", at)
        if at < 0 or at + 1 >= len(raw):
            raise Refused("broken")
        if raw[at + 1] != 0x00 and not 0xD0 <= raw[at + 1] <= 0xD7:
            return at
        at += 2


def plain_jpx(raw: bytes) -> bytes:
    """The same of a JPEG 2000: without boxes of XML and UUIDs, in which EXIF and XMP stand."""
    if raw[:4] == b"\xff\x4f\xff\x51":  # a bare code stream has no boxes
        return raw
    made, at = [], 0
    while at < len(raw):
        size, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(raw[at + 8 : at + 16], "big")
        elif size == 0:
            size = len(raw) - at
        if size < 8 or at + size > len(raw):
            raise Refused("broken")
        if kind not in {b"xml ", b"uuid", b"uinf"}:
            made.append(raw[at : at + size])
        at += size
    return b"".join(made)
