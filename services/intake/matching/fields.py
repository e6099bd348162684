"""Everything of a record but its names is compared: each field gives the level on which two records agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import asin, cos, radians, sin, sqrt

from services.intake.matching.hearing import Hearing
from services.intake.matching.names import align, rarity_of_unit
from services.intake.matching.prepared import Parts, Prepared, PreparedPlace

Levels = dict[str, float]
"""Feature → how much of it is there; what is not named is not there."""
BIRTH_LEVELS = (
    "same_day", "same_first_of_january", "day_and_month_swapped", "same_month", "same_year", "day_differs",
    "years_meet", "other_calendar", "one_year_apart", "two_years_apart", "five_years_apart", "far_apart",
    "one_year_apart of_dates", "two_years_apart of_dates", "five_years_apart of_dates", "far_apart of_dates",
    "age_fits by_0", "age_fits by_1", "one_year_apart by_1", "one_year_apart by_2", "two_years_apart by_2",
    "two_years_apart by_3", "five_years_apart of_age", "far_apart of_age",
)  # fmt: skip
"""What two births say of each other. A second word tells whence it is known: two whole dates that differ are two
people's more often than two years that do; of a stated age, the likeliest year of birth is the day's less the age."""
ETHIOPIAN_YEARS = (7, 8)
"""So many years the Ethiopian calendar is behind."""
_YEAR = 365.2425
_EARTH_KM = 6371.0
NEAR_KM, FAR_KM_A_DAY = 30.0, 900.0
"""What counts as one place; what nobody travels in a day on such routes."""
MOST_EVIDENCE = 10.0
CONFLICT_COSTS = 6.0
"""Bits that a part which differs takes from a name of a place or parent."""


def compare_births(one: Prepared, other: Prepared) -> str | None:
    """One of `BIRTH_LEVELS`; None where one of the births is not known."""
    if one.born is None or other.born is None:
        return None
    if one.born[0] == one.born[1] and other.born[0] == other.born[1]:
        return _days(date.fromordinal(one.born[0]), date.fromordinal(other.born[0]))
    gap = max(one.born[0] - other.born[1], other.born[0] - one.born[1], 0) / _YEAR
    if one.stated_age or other.stated_age:
        return _ages(gap, abs(_year_of(one.born[1]) - _year_of(other.born[1])))
    if gap == 0:
        return "years_meet"
    return "other_calendar" if gap > 5 and _by_another_calendar(one, other) else _apart(gap)


def _ages(gap: float, years: int) -> str:
    """`gap`: years between what the ages leave open; `years`: between the likeliest years of birth."""
    apart = "age_fits" if gap == 0 else _apart(gap)
    least = _LEAST_YEARS.get(apart)
    return f"{apart} of_age" if least is None else f"{apart} by_{min(max(years, least), least + 1)}"


_LEAST_YEARS = {"age_fits": 0, "one_year_apart": 1, "two_years_apart": 2}


def _year_of(day: int) -> int:
    return date.fromordinal(day).year


def _by_another_calendar(one: Prepared, other: Prepared) -> bool:
    """Whether the earlier of the two is no more than a year, which may be one of the Ethiopian calendar."""
    earlier, later = sorted((one.born or (1, 1), other.born or (1, 1)))
    years = _year_of(later[1]) - _year_of(earlier[1])
    return earlier[0] != earlier[1] and years in ETHIOPIAN_YEARS and (_ethiopian(one) or _ethiopian(other))


def _ethiopian(record: Prepared) -> bool:
    if record.nationality is not None:
        return record.nationality[:2] in {"ET", "ER"}
    return any(part.script == "Ethi" for name in record.names for part in name)


def _days(one: date, other: date) -> str:
    if one == other:
        return "same_first_of_january" if (one.month, one.day) == (1, 1) else "same_day"
    if one.year == other.year:
        if (one.month, one.day) == (other.day, other.month):
            return "day_and_month_swapped"
        if (1, 1) in {(one.month, one.day), (other.month, other.day)}:
            return "same_year"
        return "same_month" if one.month == other.month or one.day == other.day else "day_differs"
    if (one.month, one.day) == (other.month, other.day) != (1, 1):
        return "same_month"
    return f"{_apart(abs(one.year - other.year) - 0.5)} of_dates"


def _apart(years: float) -> str:
    if years <= 1:
        return "one_year_apart"
    if years <= 2:
        return "two_years_apart"
    return "five_years_apart" if years <= 5 else "far_apart"


def compare_sexes(one: Prepared, other: Prepared) -> str | None:
    """`same`, `different`; None where one is not known."""
    if "unknown" in {one.sex, other.sex}:
        return None
    return "same" if one.sex == other.sex else "different"


def compare_nationalities(one: Prepared, other: Prepared) -> str | None:
    """`same`, `different`; None where one is not known."""
    if one.nationality is None or other.nationality is None:
        return None
    return "same" if one.nationality == other.nationality else "different"


def words_alike(hearing: Hearing, ones: Parts, others: Parts, rarity: Mapping[str, float]) -> float | None:
    """Bits that two short names (a parent, a place) are one, `MOST_EVIDENCE` at the most; below 0 where they differ.

    None where one is not known.
    """
    if not ones or not others:
        return None
    aligned, left, theirs = align(hearing, ones, others)
    if not aligned:
        return -MOST_EVIDENCE
    bits = sum(
        min(pair.bits, rarity_of_unit(pair.one, rarity), rarity_of_unit(pair.other, rarity)) * pair.one.part.weight
        for pair in aligned
    )
    conflicts = min(sum(not part.light for part in left), sum(not part.light for part in theirs))
    return min(bits - CONFLICT_COSTS * conflicts, MOST_EVIDENCE)


def compare_places(hearing: Hearing, one: Prepared, other: Prepared) -> tuple[str, float] | None:
    """(`same`, `near`, `written_alike`, `same_country`, `different`, `too_far`; bits of letters) of the two places that
    agree best. None where one record has none."""
    found = [_places(hearing, here, there) for here in one.places for there in other.places]
    known = [pair for pair in found if pair is not None]
    if not known:
        return None
    impossible = [pair for pair in known if pair[0] == "too_far"]
    best = max(known, key=lambda pair: (_ORDER.index(pair[0]), pair[1]))
    return impossible[0] if impossible and best[0] not in {"same", "near"} else best


_ORDER = ("too_far", "different", "same_country", "written_alike", "near", "same")


def _places(hearing: Hearing, one: PreparedPlace, other: PreparedPlace) -> tuple[str, float] | None:
    if one.at and other.at:
        distance = km_between(one.at, other.at)
        if distance <= NEAR_KM:
            return "same", MOST_EVIDENCE
        if one.day and other.day and distance > FAR_KM_A_DAY * (abs(one.day - other.day) + 1):
            return "too_far", 0.0
    if one.code and other.code:
        if one.code == other.code:
            return "same", MOST_EVIDENCE
        if one.code[:2] == other.code[:2] and (one.code.startswith(other.code) or other.code.startswith(one.code)):
            return "near", MOST_EVIDENCE / 2
    bits = words_alike(hearing, one.parts, other.parts, {})
    if bits is not None and bits > 0:
        return "written_alike", bits
    if one.country and other.country and one.country == other.country:
        return "same_country", 0.0
    if bits is None and not (one.code and other.code):
        return None
    return "different", 0.0


def km_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two points in degrees, by the haversine formula."""
    (lat, lon), (lat2, lon2) = ((radians(a), radians(b)) for a, b in (one, other))
    h = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(h))


def parent_in_name(hearing: Hearing, one: Prepared, other: Prepared, left: tuple[Parts, Parts]) -> float | None:
    """Bits that the father whom one record names is among the parts of the other's name that its own lacks, as in most
    of the world's patronymic names. `left`: those parts, of each. 0 where a name of three parts or more has nothing
    like him; None where nothing can be said."""
    best, missed = 0.0, False
    for father, theirs, names in ((one.father, left[1], other.names), (other.father, left[0], one.names)):
        if father:
            best = max([best, *(min(hearing.bits(part, father[0]), MOST_EVIDENCE) for part in theirs)])
            later = [part for name in names if len(name) >= THREE_PARTS for part in name[1:]]
            missed |= bool(later) and all(hearing.bits(part, father[0]) < 0 for part in later)
    return best if best > 0 else 0.0 if missed else None


THREE_PARTS = 3


def compare_relatives(hearing: Hearing, one: Prepared, other: Prepared, rarity: Mapping[str, float]) -> float | None:
    """Bits of the relatives whom both records name: families raise each other's score. None where one names none."""
    if not one.relatives or not other.relatives:
        return None
    best = 0.0
    for _, mine in one.relatives:
        alike = (words_alike(hearing, mine, theirs, rarity) or 0.0 for _, theirs in other.relatives)
        best += max(0.0, *alike)
    return min(best, 2 * MOST_EVIDENCE)


def compare_marks(one: Prepared, other: Prepared) -> float | None:
    """The share of words that two descriptions have in common, from 0 to 1. None where one has none."""
    if not one.marks or not other.marks:
        return None
    return len({*one.marks} & {*other.marks}) / min(len(one.marks), len(other.marks))
