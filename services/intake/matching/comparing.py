"""Two records are compared: terms that add up to the score, each with its reason.

Fellegi & Sunter, *A theory for record linkage*, JASA 64 (1969): each field adds log2 of how much likelier its agreement
is for one person than for two. The weights are fitted together, so that fields that say the same are not counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp2
from operator import itemgetter
from typing import Literal

from services.intake.matching.fields import (
    Levels,
    compare_births,
    compare_marks,
    compare_nationalities,
    compare_places,
    compare_relatives,
    compare_sexes,
    parent_in_name,
    words_alike,
)
from services.intake.matching.hearing import Hearing
from services.intake.matching.names import FEATURES, features, units_of
from services.intake.matching.prepared import Parts, Prepared
from services.intake.matching.tokens import Part
from services.intake.matching.weights import COMMON, NAME_IN_RECORD, NAME_WEIGHTS, WEIGHTS

Evidence = Literal["strong", "partial", "unknown", "different"]
STRONG_BITS = 3.0
"""A term that says more than this is strong evidence."""


@dataclass(frozen=True, slots=True)
class Term:
    """What one field says of a pair. It holds no value of either record."""

    field: str
    """`prior`, `name`, `birth`, `sex`, `nationality`, `place`, `father`, `mother`, `relatives`, `marks`."""
    evidence: Evidence
    reason: str
    """A code: `REASONS` has its words."""
    bits: float
    """Weight of evidence, log2 of a likelihood ratio: above 0 for one person, below 0 for two; 0 where unknown."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How likely two records are of one person. `score` is the sum of the terms' bits, exactly."""

    score: float
    probability: float
    terms: tuple[Term, ...]


REASONS: dict[str, str] = {
    "how_rare_a_match_is": "Of the records that come into question, few are of the same person.",
    "not_known": "One of the two records does not say.",
    "name_same": "The names are the same.",
    "name_sounds_alike": "The names sound alike, and are spelled differently.",
    "name_partly": "Some parts of the names agree; others are missing or differ.",
    "name_common": "The names agree, but many people have them.",
    "name_initial": "A name agrees with an initial.",
    "name_different": "The names differ.",
    "same_day": "The same day of birth.",
    "same_first_of_january": "The same year; 1 January often stands for a day that nobody knows.",
    "day_and_month_swapped": "The same date with day and month swapped.",
    "same_month": "The birth dates agree but for the year, the month or the day.",
    "same_year": "The same year of birth.",
    "day_differs": "The same year, on another day.",
    "years_meet": "The years of birth agree.",
    "age_fits": "The stated age fits.",
    "other_calendar": "The years of birth agree if one is by the Ethiopian calendar.",
    "one_year_apart": "Born one year apart.",
    "two_years_apart": "Born two years apart.",
    "five_years_apart": "Born up to five years apart.",
    "far_apart": "Born more than five years apart.",
    "sex_same": "The same sex.",
    "sex_different": "Another sex.",
    "nationality_same": "The same nationality.",
    "nationality_different": "Another nationality.",
    "place_same": "A place agrees.",
    "place_near": "The places are near each other.",
    "place_written_alike": "A place is written alike.",
    "place_same_country": "The same country, another place.",
    "place_different": "Other places.",
    "place_too_far": "Too far apart for the days on which the person was there.",
    "father_same": "The father's name agrees.",
    "father_in_name": "The father's name is a part of the other's name.",
    "father_not_in_name": "The father's name is no part of the other's name.",
    "father_different": "Another father's name.",
    "mother_same": "The mother's name agrees.",
    "mother_different": "Another mother's name.",
    "relatives_same": "The same relatives are named.",
    "relatives_different": "No relative is named by both.",
    "marks_same": "The descriptions of marks have words in common.",
    "marks_different": "The descriptions of marks have nothing in common.",
}


def compare(one: Prepared, other: Prepared, rarity: Mapping[str, float] | None = None) -> Comparison:
    """Compare two records; which comes first does not matter.

    `rarity`: of parts of names, as `rank` counts it in an index; without it, the rarity that came with the weights.
    """
    hearing = Hearing()
    listen(hearing, one, [other])
    return compared(hearing, one, other, COMMON if rarity is None else rarity)


def listen(hearing: Hearing, asked: Prepared, others: Sequence[Prepared]) -> None:
    """Hear whatever `compared` will ask for."""
    mine, my_joined = _named(_names([asked]))
    theirs, their_joined = _named(_names(others))
    hearing.listen([*mine, *my_joined], theirs)
    hearing.listen(mine, their_joined)  # two that are joined are never aligned
    for pick in (_mothers, _places, _relatives):
        hearing.listen(list(pick(asked)), [part for one in others for part in pick(one)])


def _names(records: Iterable[Prepared]) -> Iterator[Parts]:
    for record in records:
        yield from record.names
        yield record.father


def _named(names: Iterable[Parts]) -> tuple[list[Part], list[Part]]:
    """(parts, neighbours as one word)."""
    units = [unit for name in names for unit in units_of(name)]
    return [one.part for one in units if not one.joined], [one.part for one in units if one.joined]


def _parts(names: Iterable[Parts]) -> Iterator[Part]:
    return (unit.part for name in names for unit in units_of(name))


def _mothers(record: Prepared) -> Iterator[Part]:
    return _parts([record.mother])


def _places(record: Prepared) -> Iterator[Part]:
    return _parts(place.parts for place in record.places)


def _relatives(record: Prepared) -> Iterator[Part]:
    return _parts(name for _, name in record.relatives)


def compared(hearing: Hearing, one: Prepared, other: Prepared, rarity: Mapping[str, float]) -> Comparison:
    """As `compare`, of what was listened to."""
    name = name_evidence(hearing, one, other, rarity)
    return explained(name, levels_of(hearing, one, other, rarity, name))


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """What the names of two records say."""

    counted: tuple[float, ...]
    """`names.FEATURES` of the two names that agree best."""
    left: tuple[Parts, Parts]
    """The parts of each that the other does not have."""
    another: Levels
    """What other pairs of their names say: `name other_pair` where both are others, `name other_form` where one is."""


def name_evidence(hearing: Hearing, one: Prepared, other: Prepared, rarity: Mapping[str, float]) -> NameEvidence | None:
    """None where one record has no name."""
    found = []
    for at, mine in enumerate(one.names):
        for there, theirs in enumerate(other.names):
            counted, aligned = features(hearing, mine, theirs, rarity)
            found.append((_name_bits(counted), at, there, counted, aligned))
    if not found:
        return None
    _, best_at, best_there, counted, aligned = max(found, key=itemgetter(0))
    another: Levels = {}
    for bits, at, there, *_ in found:
        if (at, there) != (best_at, best_there):
            level = "name other_form" if best_at == at or best_there == there else "name other_pair"
            said = max(-MOST_OF_ANOTHER, min(MOST_OF_ANOTHER, bits))
            another[level] = max(said, another.get(level, said))
    taken, theirs_taken = 0, 0
    for pair in aligned:
        taken, theirs_taken = taken | pair.one.mask, theirs_taken | pair.other.mask
    left = tuple(part for at, part in enumerate(one.names[best_at]) if not taken >> at & 1)
    theirs_left = tuple(part for at, part in enumerate(other.names[best_there]) if not theirs_taken >> at & 1)
    return NameEvidence(tuple(counted), (left, theirs_left), another)


MOST_OF_ANOTHER = 15.0


def _name_bits(counted: Iterable[float]) -> float:
    return sum(weight * value for weight, value in zip(NAME_IN_RECORD, counted, strict=True))


def same_name_bits(one: Parts, other: Parts) -> float:
    """Weight of evidence that two names alone, without anything else, are of one person."""
    hearing = Hearing()
    hearing.listen([unit.part for unit in units_of(one)], [unit.part for unit in units_of(other)])
    counted, _ = features(hearing, one, other, COMMON)
    return NAME_WEIGHTS[0] + sum(weight * value for weight, value in zip(NAME_WEIGHTS[1:], counted, strict=True))


def levels_of(
    hearing: Hearing, one: Prepared, other: Prepared, rarity: Mapping[str, float], name: NameEvidence | None
) -> Levels:
    """What the other fields say: `field level` → how much of it: bits where letters are compared, else 1."""
    levels: Levels = {}
    for field, level in (
        ("birth", compare_births(one, other)),
        ("sex", compare_sexes(one, other)),
        ("nationality", compare_nationalities(one, other)),
    ):
        if level is not None:
            levels[f"{field} {level}"] = 1.0
    place = compare_places(hearing, one, other)
    if place is not None:
        levels[f"place {place[0]}"] = place[1] if place[0] == "written_alike" else 1.0
    for field, mine, theirs in (("father", one.father, other.father), ("mother", one.mother, other.mother)):
        bits = words_alike(hearing, mine, theirs, rarity)
        if bits is not None:
            levels[f"{field} same" if bits > 0 else f"{field} different"] = bits if bits > 0 else 1.0
    if name is not None:
        levels |= name.another
        inside = parent_in_name(hearing, one, other, name.left)
        if inside is not None:
            levels["father in_name" if inside > 0 else "father not_in_name"] = inside if inside > 0 else 1.0
    relatives = compare_relatives(hearing, one, other, rarity)
    if relatives is not None:
        levels["relatives same" if relatives > 0 else "relatives different"] = relatives or 1.0
    marks = compare_marks(one, other)
    if marks is not None:
        levels["marks same" if marks > 0 else "marks different"] = marks or 1.0
    return levels


FIELDS = ("birth", "sex", "nationality", "place", "father", "mother", "relatives", "marks")
_NOT_KNOWN = {field: Term(field, "unknown", "not_known", 0.0) for field in FIELDS}


def explained(name: NameEvidence | None, levels: Levels) -> Comparison:
    """The terms of a pair, their sum, and the probability that it means."""
    of_field: dict[str, dict[str, float]] = {}
    for level, value in levels.items():
        of_field.setdefault(level.partition(" ")[0], {})[level] = value
    terms = [
        Term("prior", "unknown", "how_rare_a_match_is", WEIGHTS["prior"]),
        _name_term(name, of_field.get("name", {})),
    ]
    terms += [_term(field, of_field.get(field)) for field in FIELDS]
    score = sum(term.bits for term in terms)
    return Comparison(score, probability_of(score), tuple(terms))


def probability_of(score: float) -> float:
    """Of a score in bits."""
    return 1.0 / (1.0 + exp2(min(60.0, -score)))


def _name_term(name: NameEvidence | None, another: Levels) -> Term:
    if name is None:
        return Term("name", "unknown", "not_known", 0.0)
    bits = _name_bits(name.counted) + WEIGHTS["named"]
    bits += sum(WEIGHTS.get(level, 0.0) * value for level, value in another.items())
    counted = dict(zip(FEATURES, name.counted, strict=True))
    return Term("name", _evidence(bits), _name_reason(counted, bits), bits)


def _name_reason(counted: Mapping[str, float], bits: float) -> str:
    if counted["cover_shorter"] < 0.3:
        return "name_different"
    if counted["conflict"] or counted["cover_longer"] < 0.6:
        return "name_partly"
    if counted["initial"]:
        return "name_initial"
    if counted["spelling"] > 2:
        return "name_sounds_alike"
    return "name_same" if bits > STRONG_BITS else "name_common"


def _term(field: str, levels: Levels | None) -> Term:
    if not levels:
        return _NOT_KNOWN[field]
    parts = {level: WEIGHTS.get(level, 0.0) * value for level, value in levels.items()}
    bits = sum(parts.values())
    telling = max(parts, key=lambda level: abs(parts[level])).split(" ")[:2]
    return Term(field, _evidence(bits), "_".join(telling).removeprefix("birth_"), bits)


def _evidence(bits: float) -> Evidence:
    if bits >= STRONG_BITS:
        return "strong"
    return "partial" if bits > 0 else "different" if bits < 0 else "unknown"
