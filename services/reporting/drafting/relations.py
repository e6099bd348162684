"""How the figures of one view hang together: parts and wholes, balances of cases, deliveries that add up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from services.reporting.disclosure import is_small
from services.reporting.drafting.figures import LOADS, Figures, begun_with, counts_services, served_by, whole
from services.reporting.indicators import DELIVERED, INDICATORS, Indicator
from services.reporting.indicators.indicator import Cases, Services

RATES = ("per_cent", "hours", "days")
Asked = Mapping[str, Indicator]
"""Indicators whose figures are shown, unless they are withheld, by code."""
_TIED: Mapping[str, tuple[str, ...]] = {
    "closed": ("closed", "open_at_end", "closure_rate"),
    "opened": ("open_at_end", "closure_rate"),
    "open_at_end": ("closed", "closure_rate"),
}
"""A figure of cases that is withheld → those that would give it away."""
_TELL_LOADS = ("open_at_end", "closure_rate")
"""Either tells, beside what was opened and closed, how many cases were open before."""


def stands_for(indicator: Indicator, found: Figures) -> int:
    """The people behind a figure: services stand for those they were for, or for as many as they are where that was
    not recorded."""
    if counts_services(indicator) and (people := whole(found[served_by(indicator.code)].total)):
        return people
    return whole(found[indicator.code].total)


def rests(one: Indicator, every: Asked, found: Figures) -> Iterator[int]:
    """What the figure leaves of each other one that counts the same and more; by itself, or together with what is
    closed for the other reasons."""
    if not one.of_people or one.unit in RATES:
        return
    figure = stands_for(one, found)
    complement = next((other for other in every.values() if _completes(one, other)), None)
    for code in (*every, *(load for load in LOADS if load not in every)):
        whole_of = INDICATORS[code]
        if code != one.code and is_part(one, whole_of):
            more = stands_for(whole_of, found)
            yield more - figure
            if complement is not None and is_part(complement, whole_of):
                yield more - figure - stands_for(complement, found)


def is_part(one: Indicator, of: Indicator) -> bool:
    """Whether everything that the one counts is counted by the other, too."""
    if one.part_of == of.code:
        return True
    mine, theirs = one.measure, of.measure
    if isinstance(mine, Services) and isinstance(theirs, Services):
        return of.unit == "people" and _within(mine.categories, theirs.categories)
    if isinstance(mine, Cases) and isinstance(theirs, Cases) and mine.what == theirs.what:
        narrower = _within(mine.types, theirs.types)
        return narrower and (
            not theirs.reasons or (mine.reasons, mine.other_reasons) == (theirs.reasons, theirs.other_reasons)
        )
    return False


def gives_away(one: Indicator, hidden: Iterable[Indicator], found: Figures) -> bool:
    """Whether a figure that is withheld could be worked out from this one, or is this one under another name: what was
    open before, what was opened, closed for each reason, and is open still, make one sum."""
    return any(_is_tied(one, other) or _is_same(one, other, found) for other in hidden if other.code != one.code)


def balances(every: Asked, found: Figures, to_date: Figures, least: int) -> Iterator[str]:
    """Codes of what was closed where it tells, with what was opened, of a few cases that were open before, or are
    still: how many are open is known from another figure, or to who adds up all since a begin with none."""
    for load in LOADS:
        alike = _alike(load, every)
        whats = {measure.what for measure in alike.values()}
        closed = {code: measure for code, measure in alike.items() if measure.what == "closed"}
        if "opened" in whats and _is_all(closed.values()):
            begun, ended = whole(found[begun_with(load)].total), whole(found[load].total)
            others = whole(found[begun_with(LOADS[0])].total) - begun
            is_known = not whats.isdisjoint(_TELL_LOADS) or not to_date[begun_with(load)].total or not ended
            if is_known and any(is_small(one, least) for one in (begun, ended, others)):
                yield from closed


def loads_that_tell(every: Asked, hidden: Collection[str], period: Figures, to_date: Figures, least: int) -> set[str]:
    """Codes of what is open at the end where it tells, with all that was opened since the grant began, of a few cases
    that were closed in this time, in this period, or before it; or of closings that are `hidden` since then."""
    found: set[str] = set()
    for load in LOADS:
        alike = _alike(load, every)
        opened = next((code for code, measure in alike.items() if measure.what == "opened"), None)
        if opened is None:
            continue
        in_period, since = (
            whole(view[begun_with(load)].total) + whole(view[opened].total) - whole(view[load].total)
            for view in (period, to_date)
        )
        few = any(is_small(abs(closed), least) for closed in (in_period, since, since - in_period))
        if few or any(_is_closing(every[code], INDICATORS[load]) for code in hidden):
            found |= {code for code, measure in alike.items() if measure.what in _TELL_LOADS}
    return found


def _is_closing(one: Indicator, load: Indicator) -> bool:
    """Whether it counts what is closed of cases of which some are in the load."""
    mine, theirs = one.measure, load.measure
    return isinstance(mine, Cases) and isinstance(theirs, Cases) and mine.what == "closed" and _overlap(mine, theirs)


def _alike(load: str, every: Asked) -> dict[str, Cases]:
    """What counts cases of the very types of this load."""
    of = INDICATORS[load].measure
    assert isinstance(of, Cases)
    measures = ((code, one.measure) for code, one in every.items())
    return {code: one for code, one in measures if isinstance(one, Cases) and one.types == of.types}


def adds_up(every: Asked, hidden: Collection[str], found: Figures, least: int) -> bool:
    """Whether all deliveries tell, less those that are shown by what they were, of a few that are not."""
    if DELIVERED.code not in every:
        return False
    parts = {code: found[code].facts for code, one in every.items() if _is_delivered(one) and found[code].facts}
    rest = max(found[DELIVERED.code].facts - sum(parts.values()), 0)
    kept = {code: figure for code, figure in parts.items() if code in hidden}
    unknown = rest + sum(kept.values())
    kept |= {"": rest} if is_small(rest, least) and len(kept) < len(parts) else {}
    return any(unknown - figure <= least for figure in kept.values())


def _is_delivered(one: Indicator) -> bool:
    return isinstance(one.measure, Services) and one.measure.what == "quantity" and bool(one.measure.categories)


def _is_all(closed: Iterable[Cases]) -> bool:
    """Whether these are closings for whatever reason."""
    kinds = {(one.reasons, one.other_reasons) for one in closed}
    return any(not reasons or (reasons, not other) in kinds for reasons, other in kinds)


def _completes(one: Indicator, other: Indicator) -> bool:
    """Whether they count what is closed for some reasons, and for all others."""
    mine, theirs = one.measure, other.measure
    return (
        isinstance(mine, Cases)
        and isinstance(theirs, Cases)
        and bool(mine.reasons)
        and (mine.what, mine.types, mine.reasons, mine.other_reasons)
        == (theirs.what, theirs.types, theirs.reasons, not theirs.other_reasons)
    )


def _is_same(one: Indicator, other: Indicator, found: Figures) -> bool:
    """Whether they count the very same: a part that is as large as its whole."""
    if one.unit != other.unit or not (is_part(one, other) or is_part(other, one)):
        return False
    return bool(found[one.code].total) and found[one.code].total == found[other.code].total


def _is_tied(one: Indicator, hidden: Indicator) -> bool:
    mine, theirs = one.measure, hidden.measure
    return (
        isinstance(mine, Cases)
        and isinstance(theirs, Cases)
        and mine.what in _TIED.get(theirs.what, ())
        and _overlap(mine, theirs)
    )


def _overlap(one: Cases, other: Cases) -> bool:
    return not one.types or not other.types or not one.types.isdisjoint(other.types)


def _within(one: frozenset[str], other: frozenset[str]) -> bool:
    """Empty stands for all."""
    return not other or (bool(one) and one <= other)
