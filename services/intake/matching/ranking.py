"""Whoever shares keys is ranked: few are decrypted, fewer shown."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.intake.matching.comparing import Comparison, compared, listen
from services.intake.matching.fields import BIRTH_LEVELS, compare_births, compare_nationalities, compare_sexes
from services.intake.matching.hearing import Hearing, likeness_of
from services.intake.matching.keys import KINDS, kind_of
from services.intake.matching.names import rarity_of
from services.intake.matching.prepared import Prepared
from services.intake.matching.tokens import Part
from services.intake.matching.weights import BLOCKING, COMMON, ROUGH_WEIGHTS

Id = TypeVar("Id", bound=Hashable)
Numbers = NDArray[np.int64]
MOST_OF_KEY = 2_000
"""Of the holders of one key, so many are looked at, the newest: whoever asks the index reads no more. Among a million
records, of whom the true ones came first of all, 400 let 70 % of the true ones be found, 2,000 let 89 %."""
COMPARED, LEAST_COMPARED = 600, 100
"""Candidates that are decrypted and looked at roughly, at the most; and even where others are far likelier."""
WORTH_OPENING = 12.0
"""Bits by which a candidate may be less likely than the likeliest, before it is decrypted, to be worth that."""
HEARD, LEAST_HEARD = 300, 60
"""Candidates whose names are heard letter by letter, at the most; and even where others are far likelier."""
WORTH_HEARING = 14.0
"""The same bits after a rough look. Of the training requests, the true record is among the first, ten and hundred as
often (within two of 1,438) as if all were opened and heard; 330 are opened instead of 590, 125 heard instead of 298."""
SEX, BIRTH, PLACE, FATHER, MOTHER = 3, 4, 8, 16, 32
_SEXES = {"unknown": 0, "female": 1, "male": 2, "other": 3}
_COUNTRY = 64


def traits_of(prepared: Prepared) -> int:
    """What stands beside a record's keys, so that fewer need be decrypted: sex and nationality, which are kept in the
    clear to count by, and whether anything is known of birth, places, father and mother. Below 2**31."""
    country = 0
    for letter in prepared.nationality or "":
        country = country * 27 + ord(letter) - 64
    known = (prepared.born, BIRTH), (prepared.places, PLACE), (prepared.father, FATHER), (prepared.mother, MOTHER)
    return _SEXES[prepared.sex] + sum(bit for there, bit in known if there) + _COUNTRY * country


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds one key: the numbers of records, and their traits; `MOST_OF_KEY` at the most."""

    numbers: Numbers
    traits: Numbers


SIGNALS = (
    *(f"rarest {kind}" for kind in KINDS), *(f"sum {kind}" for kind in KINDS), "years", "other years", "place",
    "other place", "nationality", "other nationality", "sex", "other sex", "father", "mother", "rarest", "rarest name",
)  # fmt: skip
"""What is counted of a candidate before it is decrypted."""
_NAMES = [KINDS.index(kind) for kind in ("part", "pair", "joined")]
_YEARS = [KINDS.index(kind) for kind in ("years", "parent", "where", "slip")]
_PLACES = [KINDS.index(kind) for kind in ("place", "where")]


def signals(asked: Prepared, holders: Mapping[str, Holders], population: int) -> tuple[Numbers, NDArray[np.float64]]:
    """(who shares a key, `SIGNALS` of each)."""
    held = [(KINDS.index(kind_of(key)), one) for key, one in holders.items() if len(one.numbers)]
    if not held:
        return np.zeros(0, np.int64), np.zeros((0, len(SIGNALS)))
    sizes = [len(one.numbers) for _, one in held]
    says = np.repeat(np.log2(1 + population / np.array(sizes)), sizes)
    kinds = np.repeat([kind for kind, _ in held], sizes)
    numbers, first, who = np.unique(
        np.concatenate([one.numbers for _, one in held]), return_index=True, return_inverse=True
    )
    traits = np.concatenate([one.traits for _, one in held])[first]
    width, cells = len(KINDS), who * len(KINDS) + kinds
    total = np.bincount(cells, says, len(numbers) * width).reshape(-1, width)
    flat = np.zeros(len(numbers) * width)
    np.maximum.at(flat, cells, says)
    rarest = flat.reshape(-1, width)
    mine = traits_of(asked)
    years, place = rarest[:, _YEARS].max(axis=1) > 0, rarest[:, _PLACES].max(axis=1) > 0
    sexes = ((traits & SEX) > 0) & ((mine & SEX) > 0)
    countries = (traits >= _COUNTRY) & (mine >= _COUNTRY)
    same_sex, same_country = (traits & SEX) == (mine & SEX), (traits // _COUNTRY) == (mine // _COUNTRY)
    both = {bit: ((traits & bit) > 0) & ((mine & bit) > 0) for bit in (BIRTH, PLACE, FATHER, MOTHER)}
    more = [
        years, both[BIRTH] & ~years, place, both[PLACE] & ~place, countries & same_country, countries & ~same_country,
        sexes & same_sex, sexes & ~same_sex, both[FATHER], both[MOTHER], rarest.max(axis=1),
        rarest[:, _NAMES].max(axis=1),
    ]  # fmt: skip
    return numbers, np.column_stack([rarest, total, *more]).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Likely:
    """Who shares keys, the likeliest first."""

    numbers: Numbers
    scores: NDArray[np.float64]
    """Of each, in bits of which only the differences mean something."""

    def worth_opening(self, best: int = 0) -> int:
        """How many, from the first on, are not much less likely than the one at place `best`."""
        return _worth(self.scores[best:], WORTH_OPENING, LEAST_COMPARED, COMPARED) + best


def likely_candidates(
    asked: Prepared, holders: Mapping[str, Holders], population: int, limit: int = COMPARED
) -> Likely:
    """Who may be worth decrypting, `limit` at the most. `holders`: key in the clear → who holds it; `population`: how
    many records the index has."""
    numbers, counted = signals(asked, holders, population)
    scores = counted @ np.array(BLOCKING)
    likeliest = np.argsort(-scores, kind="stable")[:limit]
    return Likely(numbers[likeliest], scores[likeliest])


def _worth(scores: NDArray[np.float64], within: float, least: int, most: int) -> int:
    """How many of these, the highest first, are within so many bits of the first; of those that are there, no fewer
    than `least` and no more than `most`."""
    near = int(np.count_nonzero(scores[:1] - scores[:most] <= within)) if len(scores) else 0
    return min(max(near, least), most, len(scores))


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Id]):
    """A record that may be of the person asked for."""

    id: Id
    comparison: Comparison


def rank(
    asked: Prepared,
    candidates: Mapping[Id, Prepared],
    rarity: Mapping[str, float] | None = None,
    always: Collection[Id] = (),
) -> list[Candidate[Id]]:
    """Compare those that a rough look finds likely, and `always` these; the likest first. `rarity`: as `rarity_in`
    counts it; without it, as of the weights. `candidates`: the likeliest first, as far as that is known."""
    known = COMMON if rarity is None else rarity
    ids = _worth_hearing(asked, candidates, known)
    ids += [one for one in always if one in candidates and one not in set(ids)]
    prepared = [candidates[one] for one in ids]
    listen(_HEARING, asked, prepared)
    found = [Candidate(one, compared(_HEARING, asked, other, known)) for one, other in zip(ids, prepared, strict=True)]
    return sorted(found, key=lambda one: -one.comparison.score)


def _worth_hearing(asked: Prepared, candidates: Mapping[Id, Prepared], rarity: Mapping[str, float]) -> list[Id]:
    ids = list(candidates)
    if len(ids) <= LEAST_HEARD:
        return ids
    scores = rough_scores(asked, list(candidates.values()), rarity)
    likest = np.argsort(-scores, kind="stable")
    return [ids[at] for at in likest[: _worth(scores[likest], WORTH_HEARING, LEAST_HEARD, HEARD)].tolist()]


_HEARING = Hearing()
"""What was heard before: names come again and again."""


ROUGH = ("place", "sounds", "covers", "covered", "father", "mother", *(f"birth {level}" for level in BIRTH_LEVELS),
         "sex same", "sex different", "nationality same", "nationality different")  # fmt: skip
"""What a rough look counts."""
_LEVEL = {name: at for at, name in enumerate(ROUGH)}


def rough_scores(asked: Prepared, others: Sequence[Prepared], rarity: Mapping[str, float]) -> NDArray[np.float64]:
    """How likely each is to be worth hearing. `others`: the likeliest first."""
    scores: NDArray[np.float64] = rough_look(asked, others, rarity) @ np.array(ROUGH_WEIGHTS)
    return scores


def rough_look(asked: Prepared, others: Sequence[Prepared], rarity: Mapping[str, float]) -> NDArray[np.float64]:
    """`ROUGH` of each: consonants of names and parents instead of letters, and the fields that cost nothing."""
    counted = np.zeros((len(others), len(ROUGH)))
    counted[:, 0] = np.log2(1 + np.arange(len(others)))
    mine = [*dict.fromkeys(one for name in asked.names for one in name)]
    names = [[*dict.fromkeys(one for name in other.names for one in name)] for other in others]
    whole = max(1.0, sum(rarity_of(one, rarity) * one.weight for one in mine))
    counted[:, 1], counted[:, 3] = _sounding_alike(mine, names, rarity)
    counted[:, 2] = counted[:, 1] / whole
    fathers = [[*other.father[:1], *name[1:]] for other, name in zip(others, names, strict=True)]
    counted[:, 4], _ = _sounding_alike(asked.father[:1], fathers, rarity)
    counted[:, 5], _ = _sounding_alike(asked.mother[:1], [other.mother[:1] for other in others], rarity)
    for row, other in enumerate(others):
        for field, level in (
            ("birth", compare_births(asked, other)),
            ("sex", compare_sexes(asked, other)),
            ("nationality", compare_nationalities(asked, other)),
        ):
            if level is not None:
                counted[row, _LEVEL[f"{field} {level}"]] = 1.0
    return counted


def _sounding_alike(
    mine: Sequence[Part], theirs: Sequence[Sequence[Part]], rarity: Mapping[str, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each of `theirs`: (bits of my parts, as far as one of its parts sounds like each; the share of its parts that
    sounds like one of mine)."""
    found, covered = np.zeros(len(theirs)), np.zeros(len(theirs))
    every = list(dict.fromkeys(one for parts in theirs for one in parts))
    if not mine or not every:
        return found, covered
    share = np.clip((likeness_of(mine, every) - 0.4) / 0.6, 0, 1)
    said = share * np.array([[rarity_of(one, rarity) * one.weight] for one in mine])
    their_worth = np.array([rarity_of(one, rarity) * one.weight for one in every])
    at = {one: column for column, one in enumerate(every)}
    columns = [at[one] for parts in theirs for one in parts]
    filled = [number for number, parts in enumerate(theirs) if parts]
    begins = np.cumsum([0, *(len(theirs[number]) for number in filled)])[:-1]
    found[filled] = np.maximum.reduceat(said[:, columns], begins, axis=1).sum(axis=0)
    heard = np.add.reduceat((share.max(axis=0) * their_worth)[columns], begins)
    covered[filled] = heard / np.maximum(1.0, np.add.reduceat(their_worth[columns], begins))
    return found, covered


def rarity_in(holders: Mapping[str, Holders], population: int) -> dict[str, float]:
    """Skeleton of a part → bits that agreeing on it says, in this index; what its holders do not tell is as of the
    weights. Of a part that too many hold to be counted, it is known that it says no more than they would."""
    found = dict(COMMON)
    for key, one in holders.items():
        if kind_of(key) == "part" and len(one.numbers):
            skeleton = key.partition(" ")[2]
            says = float(np.log2(max(2, population) / len(one.numbers)))
            found[skeleton] = says if len(one.numbers) < MOST_OF_KEY else min(says, found.get(skeleton, says))
    return found
