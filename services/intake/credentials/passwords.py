"""Passwords: Argon2id (RFC 9106, second recommended option); long ones, and none that is guessed soon.

The rules follow NIST SP 800-63B: a minimum length, no composition rules, refusal of what is common or follows from the
person's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from shared.errors import FieldError, InvalidInput

SHORTEST, LONGEST = 12, 128
_LEAST_SCORE = 4
"""zxcvbn's "very unguessable": 10^10 guesses or more."""
_LOOKED_AT = 72
"""zxcvbn's work grows faster than the length: what stands behind adds no weakness."""

_WORDS = re.compile(r"[^\W_]+")
_hasher = PasswordHash((Argon2Hasher(time_cost=3, memory_cost=64 * 1024, parallelism=4),))
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$WI5UyaI/TwHcT8u5mRyycg$Vbqudv1SJM2m+L0LVN3rUVm+D4nkOO3+SkBx6/c1/RM"
"""The stored form, by the same parameters, of a password that was thrown away."""


def hashed_password(password: str, about: Iterable[str]) -> str:
    """The stored form of a new password; it takes some tenths of a second, so call it outside transactions.

    `about` are words that others know of the person: names, organisation. Raises `InvalidInput` for a password that is
    too short, too long, or guessed soon.
    """
    from zxcvbn import zxcvbn  # its lists of words are large: read where a password is chosen, not at each start

    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        _refuse("length", f"A password has {SHORTEST} to {LONGEST} characters: several words in a row are good.")
    words = [part for word in (*about, "kinbridge") for part in (word, *word.split("@"), *_WORDS.findall(word))]
    if zxcvbn(plain[:_LOOKED_AT], user_inputs=words, max_length=_LOOKED_AT)["score"] < _LEAST_SCORE:
        _refuse("guessable", "This password is guessed soon: take several words that have nothing to do with you.")
    return _hasher.hash(plain)


def password_fits(password: str, stored: str | None) -> bool:
    """True when it is the stored one. Takes as long for a person who is not there, or has none."""
    try:
        fits = _hasher.verify(_normal(password)[: LONGEST + 1], stored or _NOBODYS)
    except PwdlibError:
        return False
    return fits and stored is not None


def _normal(password: str) -> str:
    """One form of letters that several key sequences make."""
    return unicodedata.normalize("NFKC", password)


def _refuse(code: str, message: str) -> None:
    raise InvalidInput(message, (FieldError("#/password", code, message),))
