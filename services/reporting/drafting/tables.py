"""The tables of a draft that are not about who was reached: indicators against their targets, cases month by month,
incidents by route, and what was spent."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from services.reporting.disclosure import TOTAL, withheld_of_list
from services.reporting.domain import Target
from services.reporting.drafting.cells import NOT_APPLICABLE, count, decimal, money, per_cent, row, words
from services.reporting.drafting.figures import CLOSED, OPENED, Counted, whole
from services.reporting.drafting.issues import INDICATORS_TABLE, TREND
from services.reporting.drafting.withholding import Hidden
from services.reporting.indicators import Indicator
from services.reporting.indicators.indicator import Dimension, Services
from services.reporting.queries.figures import Cells
from services.reporting.queries.grants import Finance
from services.reporting.rendering.issue import Cell, Chart, Column, MapPoint, Table, TableRow
from services.reporting.rendering.routes import ROUTES

ROUTES_TABLE, SOURCES_TABLE = "incident_routes", "incident_sources"
FINANCE = "finance"
SOURCES = {
    "official_or_several": "5: an official source, or several humanitarian actors",
    "humanitarian_actor": "4: a humanitarian actor with direct knowledge",
    "several_media_reports": "3: several media reports",
    "uncorroborated_witness": "2: witnesses whom nobody confirms",
    "one_media_report": "1: one media report",
    "unknown": "Not assessed",
}
"""The levels of IOM's Missing Migrants Project (*Methodology*)."""
OF_ROUTES = ("inc.incidents", "inc.dead", "inc.missing", "inc.survivors")


def indicator_table(
    found: Counted, targets: Sequence[Target], indicators: Mapping[str, Indicator], hidden: Hidden
) -> Table:
    """Each indicator of the grant with baseline and target, what was reached in the period and since the grant began.
    `share` is what the grant's share of each service comes to, where several grants pay for it."""
    rows = [_indicator(found, one, indicators[one.indicator], hidden) for one in targets]
    return Table(
        key=INDICATORS_TABLE,
        title="Indicators",
        about="people",
        columns=(
            Column(key="indicator", label="Indicator", kind="text"),
            Column(key="unit", label="Unit", kind="text"),
            Column(key="baseline", label="Baseline", kind="decimal"),
            Column(key="target", label="Target", kind="decimal"),
            Column(key="actual", label="This period", kind="decimal"),
            Column(key="share", label="Of which this grant's share", kind="decimal"),
            Column(key="cumulative", label="Since the grant began", kind="decimal"),
            Column(key="reached", label="Of the target", kind="per_cent"),
        ),
        rows=tuple(rows),
        notes=("People are counted once in a period, and once since the grant began: periods do not add up.",),
    )


def _indicator(found: Counted, target: Target, one: Indicator, hidden: Hidden) -> TableRow:
    actual, so_far = found.period[one.code], found.to_date[one.code]
    shut, shut_so_far = one.code in hidden.period, one.code in hidden.to_date
    goal = target.target
    reached = goal is not None and so_far.total is not None
    return row(
        one.code,
        one.label,
        words(one.unit.replace("_", " ")),
        NOT_APPLICABLE if target.baseline is None else decimal(target.baseline),
        NOT_APPLICABLE if goal is None else decimal(goal),
        decimal(actual.total, shut=shut),
        _share(one, actual, found.least, shut=shut),
        decimal(so_far.total, shut=shut_so_far),
        per_cent(so_far.total or Decimal(0), goal or Decimal(0), shut=shut_so_far) if reached else NOT_APPLICABLE,
    )


def _share(one: Indicator, actual: Cells, least: int, *, shut: bool) -> Cell:
    """A share tells how many people a small part of the services reached: it is withheld where it is small itself."""
    if not isinstance(one.measure, Services) or actual.attributed is None:
        return NOT_APPLICABLE
    small = one.unit == "people" and 0 < actual.attributed < least
    return decimal(actual.attributed, shut=shut or small)


def trend_table(
    months: Mapping[str, Mapping[str, Decimal]], least: int, hidden: Collection[str]
) -> tuple[Table, frozenset[str]]:
    """Cases opened and closed month by month, and the codes whose total cannot be shown either. `hidden`: codes whose
    total is withheld for another reason."""
    keys = sorted({month for of in months.values() for month in of})
    figures = {code: {month: whole(months[code].get(month)) for month in keys} for code in (OPENED, CLOSED)}
    shut = {
        code: frozenset({TOTAL, *of}) if code in hidden else withheld_of_list(of, least) for code, of in figures.items()
    }
    rows = [
        row(month, _month(month), *(count(figures[code][month], shut=month in shut[code]) for code in (OPENED, CLOSED)))
        for month in keys
    ]
    sums = (count(sum(figures[code].values()), shut=TOTAL in shut[code]) for code in (OPENED, CLOSED))
    rows.append(row(TOTAL, "Total", *sums, total=True))
    made = Table(
        key=TREND,
        title="Cases opened and closed",
        about="cases",
        columns=(
            Column(key="month", label="Month", kind="text"),
            Column(key="opened", label="Opened", unit="cases"),
            Column(key="closed", label="Closed", unit="cases"),
        ),
        rows=tuple(rows),
    )
    return made, frozenset(code for code, of in shut.items() if TOTAL in of)


def _month(key: str) -> str:
    """2026-07 → July 2026."""
    return f"{month_name[int(key[5:])]} {key[:4]}"


def trend_chart(table: Table) -> Chart:
    """The same as a picture."""
    shown = [
        f"{one.cells[0].value}: {_told(one.cells[1])} opened, {_told(one.cells[2])} closed"
        for one in table.rows
        if not one.total
    ]
    return Chart(
        key="trend",
        title=table.title,
        kind="trend",
        table=table.key,
        series=("opened", "closed"),
        alternative=f"Cases by month. {'; '.join(shown)}.",
    )


def _told(cell: Cell) -> str:
    return "a number withheld" if cell.mark else str(cell.value)


def routes_table(period: Mapping[str, Cells]) -> Table | None:
    """Incidents, dead, missing and survivors by route: public, so nothing is withheld. None where there were none."""
    if not period[OF_ROUTES[0]].total:
        return None
    by = _by(period, "route")
    order = sorted(
        by[OF_ROUTES[0]],
        key=lambda one: (
            one == "unknown",
            -(by["inc.dead"].get(one, Decimal(0)) + by["inc.missing"].get(one, Decimal(0))),
            one,
        ),
    )
    rows = [_incidents(f"route{number}", one, one, by) for number, one in enumerate(order, 1)]
    return _incident_table(ROUTES_TABLE, "Incidents by route", ("route", "Route"), rows, period)


def sources_table(period: Mapping[str, Cells]) -> Table | None:
    """The same by how good the sources are, the best first. None where there were none."""
    if not period[OF_ROUTES[0]].total:
        return None
    by = _by(period, "source_quality")
    rows = [_incidents(code, code, said, by) for code, said in SOURCES.items() if code in by[OF_ROUTES[0]]]
    return _incident_table(SOURCES_TABLE, "Incidents by quality of source", ("source", "Best source"), rows, period)


def _by(period: Mapping[str, Cells], dimension: Dimension) -> dict[str, Mapping[str, Decimal]]:
    return {code: period[code].by.get(dimension, {}) for code in OF_ROUTES}


def _incident_table(
    key: str, title: str, of: tuple[str, str], rows: list[TableRow], period: Mapping[str, Cells]
) -> Table:
    sums = (count(whole(period[code].total)) for code in OF_ROUTES)
    return Table(
        key=key,
        title=title,
        about="incidents",
        columns=(
            Column(key=of[0], label=of[1], kind="text"),
            Column(key="incidents", label="Incidents", unit="events"),
            Column(key="dead", label="Dead", unit="people"),
            Column(key="missing", label="Missing", unit="people"),
            Column(key="survivors", label="Survivors", unit="people"),
        ),
        rows=(*rows, row(TOTAL, "Total", *sums, total=True)),
        notes=("People who are missing are not counted as dead. A figure that no source gave adds nothing.",),
    )


def _incidents(key: str, name: str, said: str, by: Mapping[str, Mapping[str, Decimal]]) -> TableRow:
    label = "Unknown" if said == "unknown" else said
    return row(key, label, *(count(whole(by[code].get(name))) for code in OF_ROUTES))


def routes_chart(table: Table) -> Chart | None:
    """A circle for each route whose place is known, as large as the dead and missing on it."""
    points = tuple(
        MapPoint(row=one.key, longitude=ROUTES[name][0], latitude=ROUTES[name][1])
        for one in table.rows
        if (name := str(one.cells[0].value)) in ROUTES
    )
    if not points:
        return None
    said = [f"{one.cells[0].value}: {one.cells[2].value} dead, {one.cells[3].value} missing" for one in table.rows]
    return Chart(
        key="routes",
        title="Dead and missing by route",
        kind="map",
        table=table.key,
        series=("dead", "missing"),
        points=points,
        alternative=f"Dead and missing by route. {'; '.join(said)}.",
    )


def finance_table(spent: Finance, currency: str) -> Table | None:
    """Budget and expenditure line by line. None where there is no budget."""
    if not spent.lines:
        return None
    sums = [
        sum((figure for figure in column), Decimal(0))
        for column in zip(*((one.budget, one.in_period, one.to_date) for one in spent.lines), strict=True)
    ]
    rows = [_line(one.code, f"{one.code} {one.title}", one.budget, one.in_period, one.to_date) for one in spent.lines]
    rows.append(_line(TOTAL, "Total", *sums, total=True))
    return Table(
        key=FINANCE,
        title="Budget and expenditure",
        about="money",
        columns=(
            Column(key="line", label="Budget line", kind="text"),
            Column(key="budget", label="Budget", kind="money", unit=currency),
            Column(key="period", label="Spent in this period", kind="money", unit=currency),
            Column(key="to_date", label="Spent since the grant began", kind="money", unit=currency),
            Column(key="left", label="Left", kind="money", unit=currency),
            Column(key="used", label="Used", kind="per_cent"),
        ),
        rows=tuple(rows),
        notes=("Each entry of the ledger is converted at its own rate and rounded to hundredths; sums are of these.",),
    )


def _line(
    code: str, label: str, budget: Decimal, period: Decimal, to_date: Decimal, *, total: bool = False
) -> TableRow:
    figures = (money(budget), money(period), money(to_date), money(budget - to_date), per_cent(to_date, budget))
    return row(f"line_{code}" if not total else code, label, *figures, total=total)
