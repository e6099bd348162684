"""From figures to an issue: tables and charts, what may not be shown withheld, beside what people wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from services.reporting.disclosure import THRESHOLD, TOTAL, UNKNOWN, is_small
from services.reporting.domain import Grant
from services.reporting.drafting import people, tables
from services.reporting.drafting.figures import CLOSED, LOADS, OPENED, Counted, begun_with, counted, whole
from services.reporting.drafting.issues import INDICATORS_TABLE, SEX_AGE, TREND
from services.reporting.drafting.told import differs_by_few, told_already
from services.reporting.drafting.withholding import ALWAYS, Hidden, withheld_codes
from services.reporting.indicators import INDICATORS, PEOPLE_REACHED, Indicator
from services.reporting.queries import figures, name_of_organisation, positions_covered
from services.reporting.queries import grants as of_grants
from services.reporting.rendering.issue import (
    Cell,
    Chart,
    Definition,
    GrantHeading,
    Issue,
    KeyFigure,
    Section,
    Table,
)
from shared.errors import Conflict

KEY_FIGURES = 4
_ATTACHED: Mapping[str, tuple[str, ...]] = {
    "measuring_results": (INDICATORS_TABLE, TREND, tables.ROUTES_TABLE, tables.SOURCES_TABLE),
    "affected_persons": (SEX_AGE, "people_disability", "people_nationality", "people_legal_status"),
}
"""Which tables stand in a section; the others follow at the end."""


def draft_issue(
    session: Session,
    grant: Grant,
    first: date,
    last: date,
    *,
    narrative: Sequence[Section],
    now: datetime,
    number: int = 1,
) -> Issue:
    """The issue as it would be published now, over a period of which both days are included. To be read in one
    snapshot: the issue names the positions that it covers.

    Raises `Conflict` where a target names an indicator that is not declared.
    """
    made = _Draft(session, grant, first, last).parts()
    return Issue(
        report="grant",
        number=number,
        title=f"Report on {grant.title}",
        organisation=name_of_organisation(session, grant.organisation_id),
        grant=_heading(session, grant),
        date_from=first,
        date_to=last,
        made_at=now,
        sections=_sections(narrative, made["tables"], made["charts"]),
        covers=tuple(positions_covered(session)),
        **made,
    )


@dataclass(frozen=True)
class _Draft:
    session: Session
    grant: Grant
    first: date
    last: date

    def parts(self) -> dict[str, Any]:
        """What the period's figures fill in."""
        session, grant = self.session, self.grant
        targets = of_grants.targets_of(session, grant.id)
        asked = _declared(one.indicator for one in targets)
        beside = {code: INDICATORS[code] for code in (*ALWAYS, *LOADS, *tables.OF_ROUTES)}
        found = counted(session, grant, self.first, self.last, list({**beside, **asked}.values()))
        hidden, reached, trend = self._shown(found, asked)
        indicators = tables.indicator_table(found, targets, asked, hidden) if targets else None
        routes = tables.routes_table(found.period)
        sources = tables.sources_table(found.period)
        spent = of_grants.finance(session, grant.id, self.first, self.last)
        money = tables.finance_table(spent, grant.currency)
        shown = [one for one in (indicators, trend, *reached.tables, routes, sources, money) if one is not None]
        charts = [tables.trend_chart(trend)] if trend else []
        charts += reached.charts
        charts += [chart for chart in [routes and tables.routes_chart(routes)] if chart]
        return {
            "tables": tuple(shown),
            "charts": tuple(charts),
            "key_figures": _key_figures(indicators, asked),
            "definitions": _definitions({PEOPLE_REACHED.code: PEOPLE_REACHED, **asked}),
            "suppression": _suppression(shown, found.least),
            "quality": tuple(_quality(found, reached, shown, spent.unsigned)),
        }

    def _shown(self, found: Counted, asked: Mapping[str, Indicator]) -> tuple[Hidden, people.People, Table | None]:
        """What is withheld, the same in every table: what one cannot show, the others do not."""
        told = told_already(self.session, self.grant, self.first, self.last, found.sharing, asked.values())
        months = self._months(found)
        shut: frozenset[str] = frozenset()
        while True:
            hidden = withheld_codes(found, asked, shut, told)
            reached = people.people_reached(found, told.beside, hidden=PEOPLE_REACHED.code in hidden.period)
            trend, more = tables.trend_table(months, found.least, hidden.period) if months else (None, frozenset[str]())
            if trend and any(
                differs_by_few(trend, one.tables[TREND], found.least) for one in told.beside if TREND in one.tables
            ):
                months, trend, more = {}, None, frozenset()
            more |= {PEOPLE_REACHED.code} if reached.hidden else set()
            if more <= hidden.period:
                return hidden, reached, trend
            shut |= more

    def _months(self, found: Counted) -> Mapping[str, Mapping[str, Decimal]]:
        """Cases by month; nothing where there are fewer than two, where another grant's report cuts them otherwise (the
        differences of two trends are small), or where few cases were open when a month began: what was opened and
        closed would tell how many."""
        if found.beside or found.other_rhythm:
            return {}
        cases = [INDICATORS[code] for code in (OPENED, CLOSED, LOADS[0])]
        months = figures.trend(self.session, found.scope, self.first, self.last, cases)
        *open_between, _ = months.pop(LOADS[0]).values()
        begun = found.period[begun_with(LOADS[0])].total or Decimal(0)
        if any(is_small(whole(load), found.least) for load in (begun, *open_between)):
            return {}
        return months if len({month for of in months.values() for month, figure in of.items() if figure}) > 1 else {}


def _declared(codes: Iterable[str]) -> dict[str, Indicator]:
    asked = list(codes)
    unknown = sorted(set(asked) - INDICATORS.keys())
    if unknown:
        raise Conflict(f"The grant has targets for indicators that nothing counts: {', '.join(unknown)}. Change them.")
    return {code: INDICATORS[code] for code in asked}


def _heading(session: Session, grant: Grant) -> GrantHeading:
    donor = of_grants.donor_of(session, grant)
    return GrantHeading(
        number=grant.number,
        title=grant.title,
        donor=donor.name,
        donor_group=donor.donor_group,
        countries=tuple(grant.countries),
        themes=tuple(grant.themes),
        frameworks=tuple(grant.frameworks),
        currency=grant.currency,
        starts_on=grant.starts_on,
        ends_on=grant.ends_on,
        time_zone=grant.time_zone,
    )


def _sections(narrative: Sequence[Section], shown: Sequence[Table], charts: Sequence[Chart]) -> tuple[Section, ...]:
    """What people wrote, with the tables and charts that belong to it."""
    there = {table.key for table in shown}
    made = []
    for section in narrative:
        keys = tuple(key for key in _ATTACHED.get(section.key, ()) if key in there)
        own = tuple(chart.key for chart in charts if chart.table in keys)
        made.append(section.model_copy(update={"tables": keys, "charts": own}))
    return tuple(made)


def _key_figures(table: Table | None, asked: Mapping[str, Indicator]) -> tuple[KeyFigure, ...]:
    if table is None:
        return ()
    return tuple(
        KeyFigure(key=row.key, label=asked[row.key].label, cell=row.cells[4], kind="decimal", unit=asked[row.key].unit)
        for row in table.rows[:KEY_FIGURES]
    )


def _definitions(asked: Mapping[str, Indicator]) -> tuple[Definition, ...]:
    return tuple(
        Definition(key=code, label=one.label, unit=one.unit, text=one.definition, source=one.source, tags=one.tags)
        for code, one in asked.items()
    )


def _suppression(shown: Sequence[Table], least: int) -> str:
    number = sum(cell.mark == "withheld" for table in shown for row in table.rows for cell in row.cells)
    rule = (
        f"Figures about people from 1 to {least - 1} are withheld, and the figures from which they could be worked "
        "out: within this report, from earlier ones, or from those of other grants. 0 is shown. Figures of incidents "
        "are public."
    )
    if least > THRESHOLD:
        rule += (
            " The threshold is the higher one: services of detention, unaccompanied children or mental health are in."
        )
    return f"{rule} In this issue {number} {'figure is' if number == 1 else 'figures are'} withheld."


def _quality(found: Counted, reached: people.People, shown: Sequence[Table], unsigned: int) -> Iterable[str]:
    total = whole(found.period[PEOPLE_REACHED.code].total)
    if total and not reached.hidden:
        for what, cell in _unknown({table.key: table for table in shown}):
            if cell.value != 0:
                yield f"Of the people reached, {'some' if cell.mark else f'{cell.value:,}'} are of unknown {what}."
        unlinked = found.period[PEOPLE_REACHED.code].unlinked
        if unlinked:
            few = is_small(unlinked, found.least) or is_small(total - unlinked, found.least)
            some = "some" if few or found.sharing else f"{unlinked:,}"  # of two grants, a difference
            yield f"Of the people reached, {some} are known by number alone, and may be counted more than once."
    if found.sharing:
        number = len(found.sharing)
        several = "Another grant" if number == 1 else f"{number} other grants"
        yield f"{several} paid for a part of the same services. This grant's own share stands beside."
    if unsigned:
        yield f"{unsigned:,} entries of the ledger are not signed by a finance officer yet, and are in no sum."


def _unknown(shown: Mapping[str, Table]) -> Iterable[tuple[str, Cell]]:
    """What the tables themselves say of unknown sex, age and the rest: a sentence gives no more away."""
    matrix = shown[SEX_AGE]
    sexes = {column.key for column in matrix.columns}
    sex = UNKNOWN if UNKNOWN in sexes else people.OTHER_OR_UNKNOWN
    yield "sex" if sex == UNKNOWN else "or other sex", matrix.cell(TOTAL, sex)
    yield "age", matrix.cell(UNKNOWN, TOTAL)
    for key, what in (("disability", "disability"), ("nationality", "nationality"), ("legal_status", "legal status")):
        table = shown.get(f"people_{key}")
        if table is not None and UNKNOWN in {row.key for row in table.rows}:
            yield what, table.cell(UNKNOWN, "people")
