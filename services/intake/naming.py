"""Name keys for the blind index: how a name is found again, also when it is written a little differently.

The seam for the real matcher: names in, keys out; nothing here knows the database.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable
from hashlib import sha256

from services.intake.casework.people import Name

DIGEST_BYTES = 16


def name_keys(names: Iterable[Name]) -> set[str]:
    """The normalised keys of a person's names, in the clear: never stored so."""
    keys = set()
    for name in names:
        for token in normalised(name.full).split():
            keys.add(f"token:{token}")
    return keys


def normalised(text: str) -> str:
    """Lower case, without accents and punctuation; the script stays."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter if letter.isalnum() else " " for letter in decomposed if not unicodedata.combining(letter))


def digests_of(index_key: bytes, keys: Iterable[str]) -> list[bytes]:
    """What is stored and looked up: keyed HMACs, cut to 16 bytes."""
    return sorted(hmac.digest(index_key, key.encode(), sha256)[:DIGEST_BYTES] for key in keys)


def name_digests(index_key: bytes, names: Iterable[Name]) -> list[bytes]:
    """The digests of a person's name keys."""
    return digests_of(index_key, name_keys(names))
