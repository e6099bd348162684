"""Services delivered: from rollups, and from facts at the edges of a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.reporting.domain import ServedFact, ServiceRollup, shares
from services.reporting.domain.rollup import (
    LEGAL_STATUS,
    MODALITY,
    NATIONALITY,
    OTHER_GRANT,
    PERSON,
    PLACE,
    SUMS,
    UNKNOWN,
    WHOLE,
    ByCell,
    Group,
    Sums,
    add,
    sum_up,
)
from services.reporting.indicators.indicator import Dimension, Indicator, Services
from services.reporting.queries.figures.months import Span, parts_of
from services.reporting.queries.figures.scope import JOINT_UNKNOWN, Cells, Scope
from shared.database import is_sqlite

LETTERS: Mapping[Dimension, str] = {
    "sex": PERSON,
    "age": PERSON,
    "disability": PERSON,
    "sex_age_disability": PERSON,
    "nationality": NATIONALITY,
    "legal_status": LEGAL_STATUS,
    "place": PLACE,
    "modality": MODALITY,
}
PARTS: Mapping[Dimension, int] = {"sex": 0, "age": 1, "disability": 2}
"""Where a cell of people has them."""
ABOUT_ANY: tuple[Dimension, ...] = ("place", "modality")
"""What is known of deliveries themselves, and not only of people."""


def service_cells(
    session: Session, scope: Scope, first: date, last: date, indicators: Sequence[Indicator]
) -> dict[str, Cells]:
    """Figures of `Services` measures that are summed, by code."""
    asked = {indicator: measure for indicator in indicators if isinstance(measure := indicator.measure, Services)}
    letters = {LETTERS[one] for indicator in asked for one in indicator.dimensions if one in LETTERS}
    letters |= {PLACE for measure in asked.values() if measure.what == "places"}
    read = read_sums(session, scope, (first, last), categories_of(asked.values()), letters)
    return {
        indicator.code: _cells(scope, measure, indicator.dimensions, merged(read, measure.categories))
        for indicator, measure in asked.items()
    }


def categories_of(measures: Iterable[Services]) -> frozenset[str] | None:
    """All that any of them counts; None: every category."""
    every = [measure.categories for measure in measures]
    return frozenset().union(*every) if all(every) else None


def read_sums(
    session: Session, scope: Scope, period: Span, categories: frozenset[str] | None, letters: set[str]
) -> dict[str, ByCell]:
    """Category → cell → sums, of totals and of the cells with these letters."""
    parts, found = parts_of(*period), dict[str, ByCell]()
    if parts.months is not None:
        for category, cell, *figures in session.execute(_rollups(scope, parts.months, categories, letters)):
            found.setdefault(category, {})[cell] = list(map(int, figures))
    at_edges: dict[Group, ByCell] = {}
    for edge in parts.edges:
        for fact in session.execute(_facts(session, scope, edge, categories)).mappings():
            sum_up(at_edges, dict(fact))
    _add_edges(found, at_edges, scope.grant or WHOLE, {WHOLE, *letters})
    return found


def merged(read: Mapping[str, ByCell], categories: frozenset[str]) -> dict[str, Sums]:
    """The cells of several categories as one's; empty: of all."""
    whole: ByCell = {}
    for category in categories or read:
        for cell, more in read.get(category, {}).items():
            add(whole, cell, more)
    return {cell: Sums(*added) for cell, added in whole.items()}


def paid_by(session: Session, column: InstrumentedAttribute[str], grant: str | None) -> ColumnElement[bool]:
    """Whether the grant paid for a part; always, for the whole organisation."""
    if grant is None:
        return true()
    found = func.instr if is_sqlite(session) else func.strpos
    return found(column, shares.marker(grant)) > 0


def by_dimension(
    cells: Mapping[str, int], total: int, dimensions: Iterable[Dimension]
) -> dict[Dimension, dict[str, Decimal]]:
    """Cell → figure, as category → figure of each dimension; what no cell knows is unknown."""
    return {dimension: _by(cells, total, dimension) for dimension in dimensions}


def _by(cells: Mapping[str, int], total: int, dimension: Dimension) -> dict[str, Decimal]:
    known: dict[str, int] = {}
    for cell, figure in cells.items():
        letter, _, code = cell.partition("|")
        if letter and letter == LETTERS.get(dimension):
            key = code.split("|")[PARTS[dimension]] if dimension in PARTS else code
            known[key] = known.get(key, 0) + figure
    unknown = JOINT_UNKNOWN if dimension == "sex_age_disability" else UNKNOWN
    known[unknown] = known.get(unknown, 0) + total - sum(known.values())
    return {key: Decimal(figure) for key, figure in sorted(known.items()) if figure}


def _cells(scope: Scope, measure: Services, dimensions: tuple[Dimension, ...], cells: Mapping[str, Sums]) -> Cells:
    whole = cells.get(WHOLE, Sums())
    if measure.what == "places":
        return _places(cells, dimensions, whole.services)
    figures = {cell: int(getattr(of, measure.what)) for cell, of in cells.items()}
    total, share = int(getattr(whole, measure.what)), int(getattr(whole, f"{measure.what}_share"))
    told = dimensions if measure.what == "people" else tuple(one for one in dimensions if one in ABOUT_ANY)
    by = {one: {UNKNOWN: Decimal(total)} if total else {} for one in dimensions} | by_dimension(figures, total, told)
    attributed = None if scope.grant is None else Decimal(share) / shares.MILLION
    return Cells(Decimal(total), attributed, by, whole.services)


def _places(cells: Mapping[str, Sums], dimensions: tuple[Dimension, ...], facts: int) -> Cells:
    """Different places, however often; deliveries at an unknown place add none."""
    places = {cell: 1 for cell, of in cells.items() if cell.startswith(f"{PLACE}|") and of.services}
    return Cells(Decimal(len(places)), None, by_dimension(places, len(places), dimensions), facts)


def _rollups(scope: Scope, months: Span, categories: frozenset[str] | None, letters: set[str]) -> Any:
    row = ServiceRollup
    kinds = or_(row.cell == WHOLE, func.substr(row.cell, 1, 1).in_(sorted(letters))) if letters else row.cell == WHOLE
    return (
        select(row.category, row.cell, *(func.sum(getattr(row, name)) for name in SUMS))
        .where(
            row.organisation_id == scope.organisation_id,
            row.grant == (scope.grant or WHOLE),
            row.month.between(*months),
            row.category.in_(sorted(categories)) if categories is not None else true(),
            kinds,
        )
        .group_by(row.category, row.cell)
    )


def _facts(session: Session, scope: Scope, days: Span, categories: frozenset[str] | None) -> Any:
    fact = ServedFact
    columns = (
        fact.organisation_id,
        fact.category,
        fact.delivered_on,
        fact.place,
        fact.modality,
        fact.quantity,
        fact.people,
        fact.unlinked,
        fact.cells,
        fact.shares,
    )
    return select(*columns).where(
        fact.organisation_id == scope.organisation_id,
        fact.delivered_on.between(*days),
        fact.category.in_(sorted(categories)) if categories is not None else true(),
        paid_by(session, fact.shares, scope.grant),
    )


def _add_edges(found: dict[str, ByCell], at_edges: Mapping[Group, ByCell], of: str, letters: set[str]) -> None:
    for (_, grant, _, category), cells in at_edges.items():
        for cell, sums in cells.items() if grant == of else ():
            if cell[:1] in letters:
                add(found.setdefault(category, {}), cell, sums)


def grants_beside(session: Session, scope: Scope, period: Span) -> tuple[str, ...]:
    """The other grants that paid for a part of what this one paid for."""
    read = merged(read_sums(session, scope, period, None, {OTHER_GRANT}), frozenset())
    return tuple(sorted(cell[2:] for cell, of in read.items() if cell[:1] == OTHER_GRANT and of.services))
