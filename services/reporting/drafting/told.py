"""What the donors' issues tell already of the figures that are drafted: earlier ones, later ones that came first, and
those of other grants over the same period."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from services.reporting.disclosure import OTHER, TOTAL, is_small
from services.reporting.domain import Grant
from services.reporting.drafting.cells import WITHHELD
from services.reporting.drafting.figures import CLOSED, OPENED, counts_services, scope_of
from services.reporting.drafting.issues import INDICATORS_TABLE, SEX_AGE, TREND, told_beside, told_of
from services.reporting.drafting.late import served_untold
from services.reporting.indicators import PEOPLE_REACHED, Indicator
from services.reporting.rendering.issue import Cell, Issue, Table

_TOTALS = ((PEOPLE_REACHED.code, SEX_AGE, TOTAL), (OPENED, TREND, "opened"), (CLOSED, TREND, "closed"))
"""Indicators whose figure of a period is a total in another table, too."""


@dataclass(frozen=True)
class ToldOf:
    """Of one indicator: the figure of a period, and since the grant began; None where that is not given."""

    actual: Cell
    cumulative: Cell | None = None


@dataclass(frozen=True)
class ToldBeside:
    """What another grant's issue tells of the same period. `shares`: it paid for a part of the same services;
    `alike`: it counts cases in the same countries and time zone."""

    shares: bool
    alike: bool
    of: Mapping[str, ToldOf]
    tables: Mapping[str, Table]


@dataclass(frozen=True)
class Told:
    """`before`: the figure since the grant began that the donor read last, by code; withheld where an issue ever
    withheld it, or its figure of a period. `later`: what an issue tells of the next period that is told already."""

    before: Mapping[str, Cell] = field(default_factory=dict)
    later: Mapping[str, ToldOf] = field(default_factory=dict)
    is_late: bool = False
    """Whether there is a later one."""
    untold: Mapping[str, int] = field(default_factory=dict)
    """By code of what counts services: the people of those before the period that no issue before it counts."""
    beside: tuple[ToldBeside, ...] = ()


def told_already(
    session: Session, grant: Grant, first: date, last: date, sharing: Collection[str], asked: Iterable[Indicator]
) -> Told:
    """What is told when this period of the grant is drafted. `sharing`: numbers of the grants that paid for a part of
    the same services; `asked`: the indicators of the draft."""
    before: dict[str, Cell] = {}
    issue = None
    for issue in told_of(session, grant, before=first):
        for code, one in _figures(issue).items():
            before[code] = _since(before.get(code), one)
    later = next(told_of(session, grant, after=last), None)
    beside = tuple(_beside(grant, issue, sharing) for issue in told_beside(session, grant, first, last))
    services = list(filter(counts_services, asked))
    untold = served_untold(session, scope_of(grant), issue, first, services) if issue is not None else {}
    return Told(before, _figures(later) if later else {}, later is not None, untold, beside)


def differs_by_few(ours: Table, theirs: Table, least: int) -> bool:
    """Whether cells that are shown in both differ by a few people: of facts that came between the two."""
    alike = [row.key for row in ours.rows] == [row.key for row in theirs.rows]
    known = _shown(theirs)
    return any(
        is_small(abs(figure - known[at]), least)
        for at, figure in _shown(ours).items()
        if at in known and (alike or at[0] != OTHER)
    )


def _shown(table: Table) -> dict[tuple[str, str], int]:
    return {
        (row.key, column.key): cell.value
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if isinstance(cell.value, int)
    }


def _since(last: Cell | None, told: ToldOf) -> Cell:
    """The figure since the grant began as of an issue: what it says, or what its period adds to the issue before."""
    if any(cell is not None and cell.mark == "withheld" for cell in (last, told.actual, told.cumulative)):
        return WITHHELD
    if told.cumulative is not None or last is None:
        return told.cumulative or told.actual
    return Cell(value=str(sum(Decimal(cell.value or 0) for cell in (last, told.actual))))


def _beside(grant: Grant, issue: Issue, sharing: Collection[str]) -> ToldBeside:
    of = issue.grant
    alike = of is not None and (set(of.countries), of.time_zone) == (set(grant.countries), grant.time_zone)
    shares = of is not None and of.number in sharing
    return ToldBeside(shares, alike, _figures(issue), {table.key: table for table in issue.tables})


def _figures(issue: Issue) -> dict[str, ToldOf]:
    tables = {table.key: table for table in issue.tables}
    rows = _rows(tables[INDICATORS_TABLE]) if INDICATORS_TABLE in tables else ()
    found = dict(rows)
    for code, key, column in _TOTALS:
        if key in tables:
            found.setdefault(code, ToldOf(tables[key].cell(TOTAL, column)))
    return found


def _rows(table: Table) -> Iterator[tuple[str, ToldOf]]:
    for row in table.rows:
        yield row.key, ToldOf(table.cell(row.key, "actual"), table.cell(row.key, "cumulative"))
