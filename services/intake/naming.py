"""Name keys for the blind index: how a name is found again, also when it is written a little differently.

The seam for the real matcher: names in, keys out; nothing here knows the database. A name becomes words in Latin
letters, each word its consonants in classes that scripts and ears confuse (`skeleton`). Keys are skeletons, pairs of
them in any order, neighbours written as one word, and skeletons that lack one consonant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import combinations, pairwise

from anyascii import anyascii
from rapidfuzz import fuzz

from services.intake.casework.people import Name

MOST_WORDS = 8
"""Of one name: what comes after is not indexed."""
SHORTEST_WITH_SLIP = 4
"""Consonants; a shorter skeleton that lacks one says too little."""
PART = 0.85
"""The likeness of a name that holds every word asked for, and others."""

_ARABIC = str.maketrans(
    dict.fromkeys("أإآٱ", "ا")
    | dict.fromkeys("ىیېئ", "ي")
    | dict.fromkeys("ةۀہھە", "ه")
    | {"ک": "ك", "گ": "ك", "ؤ": "و", "ء": None, "ـ": None}
)
_HARAKAT = re.compile("[\u064b-\u065f\u0670\u06d6-\u06ed]")
_LATIN_WORD = re.compile("[a-z0-9]+")
_JOINING = re.compile("['’‘ʼʻ`´ʿʾ\u200b-\u200d\u2060]")
_SOUNDS = {
    "s": "tsch sch tch sh ch zh dzh dj ts tz cz c(?=[eiy])",
    "f": "ph ^w",
    "k": "kh gh ck",
    "t": "th dh",
    "ks": "x",
}
_DIGRAPHS = re.compile("|".join(f"({'|'.join(written.split())})" for written in _SOUNDS.values()))
_SOUND_OF = (*_SOUNDS,)
_CLASSES = str.maketrans("pvqcgdzj", "bfkkktss", "aeiouyhw")
_DOUBLED = re.compile(r"(.)\1+")


def name_keys(names: Iterable[Name]) -> set[str]:
    """The keys of a person's names, in the clear: never stored so."""
    return {key for name in names for key in keys_of(name.full)}


def keys_of(written: str) -> set[str]:
    """The keys of one name, whatever the order of its words. Their first part says what a shared one means (`WHY`)."""
    bare = [skeleton(word) for word in words(written)[:MOST_WORDS]]
    keys = {f"sound:{one}" for one in bare}
    keys |= {f"both:{'|'.join(sorted(pair))}" for pair in combinations(bare, 2)}
    keys |= {f"sound:{_DOUBLED.sub(_once, left + right)}" for left, right in pairwise(bare)}
    keys.add(f"sound:{_DOUBLED.sub(_once, ''.join(bare))}")
    for one in bare:
        if len(one) >= SHORTEST_WITH_SLIP:
            keys |= {f"slip:{one[:at]}{one[at + 1 :]}" for at in range(len(one))} | {f"slip:{one}"}
    return keys - {"sound:"}


WHY = {"both": "two_names", "sound": "sounds_alike", "slip": "one_letter_apart"}
"""First part of a key → what it says of a candidate that shares it."""


def words(written: str) -> list[str]:
    """The words of a name in lower-case Latin letters, from any script, without accents, vowel marks and hyphens."""
    if written.isascii():
        return _LATIN_WORD.findall(_JOINING.sub("", written).lower())
    folded = _HARAKAT.sub("", unicodedata.normalize("NFKC", written).casefold()).translate(_ARABIC)
    apart = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in _JOINING.sub("", folded))
    latin = (_plain(anyascii(word)) for word in apart.split())
    return [word for word in latin if word]


def _plain(latin: str) -> str:
    return "".join(letter for letter in latin.lower() if letter.isalnum())


def skeleton(word: str) -> str:
    """The consonants of a word in classes; empty for vowels alone. `mohammed`, `muhamad`, `mhmd` → `mmt`."""
    return _DOUBLED.sub(_once, _DIGRAPHS.sub(_sound, word).translate(_CLASSES))


def _sound(written: re.Match[str]) -> str:
    return _SOUND_OF[(written.lastindex or 0) - 1]


def _once(doubled: re.Match[str]) -> str:
    return doubled[1]


def likeness(left: Sequence[str], right: Sequence[str]) -> float:
    """How alike two names are, from 0 to 1, by their `words` in any order: the letters, or the consonants alone."""
    letters = fuzz.token_sort_ratio(" ".join(left), " ".join(right))
    bare = fuzz.token_sort_ratio(" ".join(map(skeleton, left)), " ".join(map(skeleton, right)))
    return round(max(letters, (letters + bare) / 2) / 100, 3)


def coverage(asked: Sequence[str], written: Sequence[str]) -> float:
    """How well each word asked for is found in a name, from 0 to `PART`: a part of the name is a find too."""
    best = [max((fuzz.ratio(one, other) for other in written), default=0.0) for one in asked]
    return round(PART * sum(best) / 100 / len(best), 3) if best else 0.0


def likest(asked: Sequence[str], names: Iterable[Name]) -> float:
    """How well the likest of a person's names answers a search; 0 without any."""
    found = [words(name.full) for name in names]
    return max((max(likeness(asked, one), coverage(asked, one)) for one in found), default=0.0)


def digest_of(index_key: bytes, key: str) -> int:
    """What is stored and looked up of a key: 63 bits of its MAC, a whole number for small and quick indexes.

    Keyed BLAKE2b (RFC 7693), a MAC as HMAC is, at a fifth of its cost here; submission makes a score of them a case.
    """
    return int.from_bytes(blake2b(key.encode(), key=index_key, digest_size=8).digest()) >> 1


def name_digests(index_key: bytes, names: Iterable[Name]) -> dict[str, int]:
    """Key → digest, of a person's names: what is stored of them are the digests."""
    return {key: digest_of(index_key, key) for key in name_keys(names)}


def whole_name_digests(digests: Mapping[str, int]) -> list[int]:
    """Those of `name_digests` that say the most: of pairs of names, or of the one name of somebody who has no other."""
    pairs = [digest for key, digest in digests.items() if key.startswith("both:")]
    return pairs or [digest for key, digest in digests.items() if key.startswith("sound:")]
