"""References of cases: short enough to say on the phone, with a check digit that catches a slip.

`KB-7F3K9-QX2MA-5`: ten random characters of an alphabet without look-alikes, and one check character by ISO 7064
(hybrid system MOD 31,30), which catches every single wrong character and nearly every swap of two neighbours.
"""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_M = len(ALPHABET)
LENGTH = 10


def new_reference() -> str:
    """A fresh reference; 49 random bits, so it tells nothing and cannot be guessed."""
    drawn = secrets.randbits(64)
    letters = []
    for _ in range(LENGTH):
        drawn, value = divmod(drawn, _M)
        letters.append(ALPHABET[value])
    return written("".join(letters))


def written(letters: str) -> str:
    """The reference with its check character and hyphens."""
    return f"KB-{letters[:5]}-{letters[5:]}-{check_character(letters)}"


def check_character(letters: str) -> str:
    """The check character of ISO 7064 MOD 31,30."""
    product = _M
    for letter in letters:
        total = (product + _VALUE[letter]) % _M or _M
        product = total * 2 % (_M + 1)
    return ALPHABET[(1 - product) % _M]


def parse_reference(text: str) -> str | None:
    """The reference as it is stored, however it was typed; None when it is none, or has a slip."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    if len(letters) == LENGTH + 3:
        letters = letters.removeprefix("KB")
    if len(letters) != LENGTH + 1 or any(letter not in _VALUE for letter in letters):
        return None
    return written(letters[:-1]) if check_character(letters[:-1]) == letters[-1] else None
