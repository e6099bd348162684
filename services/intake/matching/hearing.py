"""Words are heard: each part of a name against each part of another, by letters, romanisations and spellings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from services.intake.matching.channels import heard_as
from services.intake.matching.scripts import spellings, undoubled
from services.intake.matching.scripts.ways import pairs
from services.intake.matching.tokens import Part, chance_of
from services.intake.matching.weights import CHANNELS

LATIN, ROMANISED = "Latn", "Xlit"
"""Channels: for a word written in Latin letters, and for the romanisation of one of a script without its own."""
NOTHING_ALIKE = -25.0
"""Bits of two words that do not resemble each other at all, and the least that two words get."""
RESEMBLES = 0.3
"""How alike the consonants of two words must be, from 0 to 1, to be heard at all."""
SPELLED_OTHERWISE = 4.0
"""Bits that a Latin word loses that is none of the spellings which a system has for the other: *Zeng* is no *Zheng*."""
VARIANT = 7.0
"""Bits of two words that are one name by `variants`."""
_ROMANISATIONS = 3
"""Of a word in another script, so many are heard."""
_REMEMBERED = 500_000


class Hearing:
    """Part × part → bits of evidence that both are one name, the same whichever comes first.

    log2 of P(the one is written so | it is the other) over P(it is written so at all). What is asked for is heard in
    one go by `listen`; what was heard is remembered.
    """

    def __init__(self) -> None:
        self._bits: dict[tuple[Part, Part], float] = {}

    def bits(self, one: Part, other: Part) -> float:
        """Of a pair that was listened to, in whichever order; `NOTHING_ALIKE` for others."""
        known = self._bits.get((one, other))
        return self._bits.get((other, one), NOTHING_ALIKE) if known is None else known

    def listen(self, ones: Iterable[Part], others: Iterable[Part]) -> None:
        """Hear each of these against each of those that resembles it."""
        if len(self._bits) > _REMEMBERED:
            self._bits.clear()
        known = self._bits
        pairs = [
            pair for pair in _resembling(list(dict.fromkeys(ones)), list(dict.fromkeys(others))) if pair not in known
        ]
        ways: list[_Way] = []
        ends = []
        for pair in pairs:
            if pair[0] is not pair[1]:
                ways += _ways(*pair)
            ends.append(len(ways))
        scores, begin = _scores_of(ways), 0
        for (one, other), end in zip(pairs, ends, strict=True):
            scored, begin = scores[begin:end], end
            if one is other:
                scored = [-one.chance]
            elif one.script == other.script:  # both ways round: their mean
                scored = [(there + back) / 2 for there, back in zip(scored[::2], scored[1::2], strict=True)]
            best = max(scored, default=NOTHING_ALIKE)
            if one.script != other.script and not (_may_be_spelled(one, other) and _may_be_spelled(other, one)):
                best -= SPELLED_OTHERWISE
            if best < VARIANT and not one.groups.isdisjoint(other.groups):
                best = VARIANT
            known[one, other] = max(best, NOTHING_ALIKE)


def _may_be_spelled(one: Part, other: Part) -> bool:
    """Whether a Latin word is among the spellings of another, where a system says them all."""
    known = spellings(one.source, one.script) if other.script == LATIN else frozenset()
    return not known or any(undoubled(latin) in known for latin in other.latin[:2])


_Way = tuple[str, str, str]
"""To hear a pair: (channel, source, Latin word)."""


def _scores_of(ways: Sequence[_Way]) -> list[float]:
    """Bits of each."""
    scores = np.zeros(len(ways))
    by_channel: dict[str, list[int]] = {}
    for at, way in enumerate(ways):
        by_channel.setdefault(way[0], []).append(at)
    for channel, places in by_channel.items():
        words = [ways[at][1:] for at in places]
        scores[places] = heard_as(CHANNELS[channel], words)
        scores[places] -= [chance_of(latin) for _, latin in words]
    found: list[float] = scores.tolist()
    return found


def likeness_of(ones: Sequence[Part], others: Sequence[Part]) -> NDArray[np.float32]:
    """How alike the consonants of each two parts are, from 0 to 1; 1 where they are variants. (ones, others)."""
    left = [bare for one in ones for bare in one.bare]
    right = [bare for one in others for bare in one.bare]
    alike = cdist(left, right, scorer=Indel.normalized_similarity, dtype=np.float32)
    rows = np.cumsum([0, *(len(one.bare) for one in ones)])[:-1]
    columns = np.cumsum([0, *(len(one.bare) for one in others)])[:-1]
    best: NDArray[np.float32] = np.maximum.reduceat(np.maximum.reduceat(alike, rows, axis=0), columns, axis=1)
    named = [at for at, one in enumerate(others) if one.groups]
    for at, one in enumerate(ones):
        if one.groups:
            for there in named:
                if not one.groups.isdisjoint(others[there].groups):
                    best[at, there] = 1.0
    return best


def _resembling(ones: Sequence[Part], others: Sequence[Part]) -> Iterator[tuple[Part, Part]]:
    if ones and others:
        here, there = np.nonzero(likeness_of(ones, others) >= RESEMBLES)
        for one, other in zip(here.tolist(), there.tolist(), strict=True):
            yield ones[one], others[other]


def _ways(one: Part, other: Part) -> list[_Way]:
    """The ways to hear a pair. Of one script: there and back, one after the other."""
    if one.script == other.script:
        return [
            way
            for left in one.latin[:2]
            for right in other.latin[:2]
            for way in ((LATIN, left, right), (LATIN, right, left))
        ]
    found = []
    for left, right in ((one, other), (other, one)):
        if left.script == LATIN:
            continue
        for word in right.latin[: 2 if right.script == LATIN else _ROMANISATIONS]:
            if left.script in CHANNELS:
                found.append((left.script, letters_of(left), word))
            if left.script not in CHANNELS or _has_rare_letter(left):
                found += [(ROMANISED, romanised, word) for romanised in left.latin[:_ROMANISATIONS]]
    return found


WELL_HEARD = {
    "Arab": frozenset("ابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچگ"),
    "Cyrl": frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў"),
}
"""The letters of which the samples have plenty. A word with another one (of Kurdish, Urdu, Pashto, Kazakh, Tajik …) is
heard through its romanisations too."""


def _has_rare_letter(one: Part) -> bool:
    return one.script in WELL_HEARD and not WELL_HEARD[one.script].issuperset(one.source)


def letters_of(one: Part) -> str:
    """What a script's own channel hears of a word: its letters, rare ones as those that they were made of."""
    return unicodedata.normalize("NFD", one.source).translate(_KIN)


_KIN = str.maketrans(
    {
        **pairs(
            "ټ=ت ٹ=ت ډ=د ڈ=د ړ=ر ڑ=ر ڕ=ر ڵ=ل ڼ=ن ں=ن ے=ي ې=ي ۍ=ي ێ=ي ۆ=و ۇ=و ۈ=و ۋ=و ښ=ش ځ=ز څ=س ږ=ژ ڤ=ف "
            "қ=к ғ=г ҳ=х һ=х ң=н ҷ=ж җ=ж ұ=у ү=у ө=о ә=а ђ=д ћ=ч ќ=к ѓ=г љ=л њ=н џ=ж"
        ),
        "\u0304": "",
        "\u0301": "",
    }
)
