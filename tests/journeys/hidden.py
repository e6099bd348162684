"""A person's canaries: strings that nobody else has, and every clear form in which a file could hold them."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

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
FULL, ETHIOPIC, ARABIC, CYRILLIC, PHONE, ADDRESS, STORY, LETTER = CANARIES


def forms(canary: str) -> Iterator[bytes]:
    """UTF-8, UTF-16, JSON-escaped, base64 at each alignment; as written, in lower case, and without accents."""
    spelled = {canary, canary.casefold(), canary.upper(), unicodedata.normalize("NFKD", canary)}
    for text in spelled:
        for raw in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
            yield raw
            for shift in range(3):
                whole = base64.b64encode(bytes(shift) + raw)
                yield whole[4 if shift else 0 : -4]
        yield json.dumps(text)[1:-1].encode()
        yield raw.hex().encode()


FORMS = {form: canary for canary in CANARIES for form in forms(canary)}


def seen_in(told: bytes | str) -> set[str]:
    """The canaries that stand somewhere in it, in any of these forms."""
    raw = told.encode() if isinstance(told, str) else told
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
