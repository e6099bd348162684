"""How letters may be written: a table gives each letter its ways, and the likeliest ways through a word are kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence

from services.intake.matching.sounds import sound

Ways = tuple[tuple[str, float], ...]
"""Latin letters → what they cost, in bits above the likeliest."""
MOST = 5
"""Romanisations of one word."""
_KEPT = 10
"""Ways through a word that are followed at the same time."""
_SAME_SOUND = 0.9
"""What a text costs that is only another spelling of one before it."""


def ways(written: str) -> Ways:
    """`sh,ch:1.5,-:3` → (("sh", 0), ("ch", 1.5), ("", 3)); `-` is no letter."""
    found = []
    for way in written.split(","):
        latin, _, cost = way.partition(":")
        found.append((latin.replace("-", ""), float(cost or 0)))
    return tuple(found)


def pairs(text: str) -> dict[str, str]:
    """`a=b c=d` → {"a": "b", "c": "d"}."""
    return dict(entry.split("=") for entry in text.split())


def words(text: str) -> tuple[str, ...]:
    """What stands between spaces."""
    return tuple(text.split())


def table(text: str) -> dict[str, Ways]:
    """`а=a б=b х=kh,h:1` → letters → ways. A key may begin with `^` (start of the word) and end with `$` (its end)."""
    return {
        letters: ways(written)
        for letters, _, written in (entry.partition("=") for entry in unicodedata.normalize("NFC", text).split())
    }


class Alphabet:
    """A script that writes its vowels: letters → ways, the longest entry first."""

    def __init__(self, text: str, upon: Alphabet | None = None) -> None:
        self._ways: dict[str, Ways] = {**(upon._ways if upon else {}), **table(text)}
        self._longest: dict[str, int] = {}
        """First letter → letters of the longest key that begins with it."""
        for key in self._ways:
            self._longest[key[0]] = max(self._longest.get(key[0], 1), len(key))

    def slots(self, word: str, otherwise: Callable[[str], str] | None = None) -> list[Ways]:
        """The ways of each piece of a word. An unknown letter becomes what `otherwise` makes of it, or nothing."""
        text, found, at = f"^{word}$", [], 0
        while at < len(text):
            for length in range(self._longest.get(text[at], 0), 0, -1):
                known = self._ways.get(text[at : at + length])
                if known is not None:
                    found.append(known)
                    break
            else:
                length = 1
                if otherwise:
                    found.append(((otherwise(text[at]), 0.0),))
            at += length
        return found

    def romanisations(self, word: str, most: int = MOST) -> tuple[str, ...]:
        """The likeliest first."""
        return likeliest(self.slots(word), most)


def likeliest(slots: Iterable[Ways], most: int = MOST) -> tuple[str, ...]:
    """The cheapest ways through the slots, each text once."""
    kept: dict[str, float] = {"": 0.0}
    certain = ""
    for slot in slots:
        if len(slot) == 1:
            certain += slot[0][0]
            continue
        if certain:
            kept, certain = {text + certain: cost for text, cost in kept.items()}, ""
        grown: dict[str, float] = {}
        for text, cost in kept.items():
            for latin, more in slot:
                longer = text + latin
                if cost + more < grown.get(longer, 1e9):
                    grown[longer] = cost + more
        kept = grown
        if len(kept) > _KEPT:
            kept = dict(sorted(kept.items(), key=lambda item: item[1])[:_KEPT])
    kept = {text + certain: cost for text, cost in kept.items() if text + certain}
    return _unlike(kept, most)


def _unlike(costs: dict[str, float], most: int) -> tuple[str, ...]:
    """The cheapest; one that sounds as a cheaper one gives way to another."""
    heard: set[str] = set()
    dearer: dict[str, float] = {}
    for text, cost in sorted(costs.items(), key=lambda item: item[1]):
        heard_as = sound(text)
        dearer[text] = cost + (_SAME_SOUND if heard_as in heard else 0)
        heard.add(heard_as)
    return tuple(sorted(dearer, key=dearer.__getitem__))[:most]


def one_by_one(lists: Sequence[Sequence[str]], most: int = MOST) -> tuple[str, ...]:
    """The first of each list, then the second of each, … each text once."""
    longest = max(map(len, lists), default=0)
    found = dict.fromkeys(listed[at] for at in range(longest) for listed in lists if at < len(listed) and listed[at])
    return tuple(found)[:most]
