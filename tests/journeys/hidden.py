"""A person's canaries: strings that nobody else has, and every clear form in which a file could hold them."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from anyascii import anyascii

from services.intake.naming import words

CANARIES = (
    "Zainabcanary Quillfeather",
    "ዘይነብ ካናሪኛ ቁልፍ",
    "زينب الكناريه المفتاح",
    "Зайнабканарейка",
    "+218917731442013",
    "Canary Quay 4417, Tajuracanary",
    "She whispered canarysong near the harbour",
    "request by canaryletter",
)
TELLING = 9
"""Letters from which on a word of a canary stands for it: a shorter one may stand anywhere."""
FULL, ETHIOPIC, ARABIC, CYRILLIC, PHONE, ADDRESS, STORY, LETTER = CANARIES


def forms(canary: str) -> Iterator[bytes]:
    """UTF-8, UTF-16, JSON-escaped, percent-encoded, hexadecimal, base64 at each alignment; as written, in lower and
    upper case, without accents, in Latin letters, and each telling word by itself, as an index or a log may hold it."""
    spelled = {canary, unicodedata.normalize("NFKD", canary), anyascii(canary), " ".join(words(canary))}
    spelled |= {word for text in tuple(spelled) for word in re.findall(r"\w+", text) if len(word) >= TELLING}
    spelled = {each for text in spelled for each in (text, text.casefold(), text.upper(), text.title())}
    for text in spelled:
        for raw in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
            yield raw
            yield raw.hex().encode()
            yield raw.hex().upper().encode()
            for shift in range(3):
                for encode in (base64.b64encode, base64.urlsafe_b64encode):
                    whole = encode(bytes(shift) + raw)
                    yield whole[4 if shift else 0 : -4]
        yield json.dumps(text)[1:-1].encode()
        for percent in (quote(text), quote(text, safe=""), quote_plus(text)):
            yield percent.encode()
            yield percent.lower().encode()


def _shortest(found: dict[bytes, str]) -> dict[bytes, str]:
    """Without those that hold another: where the longer one stands, the shorter one does."""
    kept: dict[bytes, str] = {}
    for form in sorted(found, key=len):
        if len(form) >= TELLING and not any(one in form for one in kept):
            kept[form] = found[form]
    return kept


FORMS = _shortest({form: canary for canary in CANARIES for form in forms(canary)})
_NOTHING = re.compile(b"\0{16,}")


def seen_in(told: bytes | str) -> set[str]:
    """The canaries that stand somewhere in it, in any of these forms."""
    raw = _NOTHING.sub(b"\0\0", told.encode() if isinstance(told, str) else told)
    return {canary for form, canary in FORMS.items() if form in raw}


def files_with(folders: Iterable[Path], but: Iterable[str] = ()) -> dict[str, set[str]]:
    """Every file below these folders that holds a canary in the clear."""
    found = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and path.name not in but:
                seen = seen_in(path.read_bytes())
                if seen:
                    found[str(path)] = seen
    return found
