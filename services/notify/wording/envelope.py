"""To whom a message is written: an alias, a one-time code, the address of the family's page. All three are foreign
text to our sentences, and are kept from changing how those read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from services.notify.wording.segments import utf16_units
from shared.errors import FieldError, InvalidInput

LONGEST_ALIAS = 20
"""UTF-16 code units: letters beyond the Basic Multilingual Plane count double, as they do in an SMS."""
LONGEST_PAGE = 40
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
MOST_DIGITS = 3
"""In an alias: more make a telephone number, which telephones turn into a link."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message carries beside its words. Raises `InvalidInput` where one of the three is malformed.

    `alias`: see `clean_alias`. `code`: `XXXX-XXXX-XXXX`. `page`: at most 40 letters, digits and `:/?=.~_-` of ASCII.
    """

    alias: str | None = field(repr=False)
    code: str | None = field(repr=False)
    page: str

    def __post_init__(self) -> None:
        if self.alias is not None and clean_alias(self.alias) != self.alias:
            raise _refused("alias", "not_clean", "An alias is stored as `clean_alias` returns it")
        if self.code is not None and not CODE.fullmatch(self.code):
            raise _refused("code", "malformed", "A code is three groups of four capitals or digits")
        if not re.fullmatch(rf"[\w:/?=.~-]{{1,{LONGEST_PAGE}}}", self.page, re.ASCII):
            raise _refused("page", "malformed", f"A page's address has at most {LONGEST_PAGE} plain characters")


def clean_alias(text: str) -> str:
    """An alias as it may stand in a message: composed (NFC), with single spaces.

    Raises `InvalidInput` (field `#/alias`) for more than 20 UTF-16 units; for anything but letters, their marks, at
    most three digits, spaces, apostrophes, hyphens and the full stop after an initial: no control or bidirectional
    character, no line break, nothing that a telephone turns into a link.
    """
    if _invisible(text):
        raise _refused("alias", "characters", "An alias has no invisible characters and no line breaks")
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if not clean or sum(map(utf16_units, clean)) > LONGEST_ALIAS:
        raise _refused("alias", "length", f"An alias has 1 to {LONGEST_ALIAS} characters")
    if not all(map(_belongs, clean)) or not clean[0].isalnum() or _linked(clean):
        raise _refused("alias", "characters", "An alias has letters, spaces and hyphens, and no address or number")
    return clean


def opening(value: str, direction: str) -> str:
    """A value that begins a text of a direction: a mark before it says how the line runs, where its own first letter
    would say otherwise (Unicode Standard Annex #9, P2)."""
    mark = RIGHT_TO_LEFT_MARK if direction == "rtl" else LEFT_TO_RIGHT_MARK
    return value if _direction(value) == direction else mark + value


def in_order(code: str, direction: str) -> str:
    """A code within a text of a direction. Its groups would be reversed after Arabic letters where it begins with
    digits (Annex #9, W2): a left-to-right mark stands before it."""
    return LEFT_TO_RIGHT_MARK + code if direction == "rtl" else code


LEFT_TO_RIGHT_MARK, RIGHT_TO_LEFT_MARK = "\u200e", "\u200f"

_JOINERS = "\u200c\u200d"
"""Persian, Bengali and others spell with them."""
_LETTERS = ("Ll", "Lu", "Lt", "Lo", "Mn", "Mc", "Nd")


def _invisible(text: str) -> bool:
    return any(unicodedata.category(one)[0] in "CZ" and one not in " " + _JOINERS for one in text)


def _belongs(character: str) -> bool:
    return character in " '’-." + _JOINERS or unicodedata.category(character) in (
        "Ll",
        "Lu",
        "Lt",
        "Lo",
        "Mn",
        "Mc",
        "Nd",
    )


def _linked(clean: str) -> bool:
    digits = sum(character.isdigit() for character in clean)
    return digits > MOST_DIGITS or bool(re.search(r"\.(?! |$)|(?<!\w)\.", clean))


def _direction(value: str) -> str:
    for one in value:
        if (strong := unicodedata.bidirectional(one)) in ("L", "R", "AL"):
            return "ltr" if strong == "L" else "rtl"
    return "none"


def _refused(name: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(message, (FieldError(f"#/{name}", code, message),))
