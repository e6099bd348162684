"""How a text travels as SMS: alphabets of 3GPP TS 23.038 (§6.2.1, §6.2.3), concatenation of TS 23.040 (§9.2.3.24)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]

DEFAULT_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""TS 23.038 §6.2.1: one septet each. The 128th place is the escape to the extension."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""TS 23.038 §6.2.1.1: an escape and a septet, two together."""

SINGLE = {"gsm7": 160, "ucs2": 70}
"""Units in a message of one segment: 140 octets of septets, or of 16-bit units."""
JOINED = {"gsm7": 153, "ucs2": 67}
"""Units in each segment of several: six octets are the header with an 8-bit reference."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a text takes: septets or UTF-16 code units, and segments (0 for an empty text)."""

    encoding: Encoding
    units: int
    segments: int


def count(text: str) -> Size:
    """The size of a text: GSM-7 where every character has a place there, else UCS-2."""
    encoding = encoding_of(text)
    return Size(encoding, sum(map(_measure(encoding), text)), len(split(text)))


def split(text: str) -> list[str]:
    """The text in segments. An escape pair or a surrogate pair is never divided; joined, the parts are the text."""
    encoding = encoding_of(text)
    measured = list(zip(text, map(_measure(encoding), text), strict=True))
    if sum(units for _, units in measured) <= SINGLE[encoding]:
        return [text] if text else []
    return list(_filled(measured, JOINED[encoding]))


def encoding_of(text: str) -> Encoding:
    """`gsm7` where the default alphabet and its extension hold every character."""
    return "gsm7" if DEFAULT_ALPHABET.union(EXTENSION).issuperset(text) else "ucs2"


def utf16_units(character: str) -> int:
    """2 for a character beyond the Basic Multilingual Plane, else 1."""
    return 2 if ord(character) > 0xFFFF else 1


def _septets(character: str) -> int:
    return 2 if character in EXTENSION else 1


def _measure(encoding: Encoding) -> Callable[[str], int]:
    return _septets if encoding == "gsm7" else utf16_units


def _filled(measured: Iterable[tuple[str, int]], room: int) -> Iterable[str]:
    part, used = "", 0
    for character, units in measured:
        if used + units > room:
            yield part
            part, used = "", 0
        part, used = part + character, used + units
    yield part
