"""The reports of three overlapping grants on that year: every figure that one shows equals the slow recount."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from services.reporting import disclosure
from services.reporting.domain import Donor, Grant, Target
from services.reporting.drafting import draft_issue
from services.reporting.rendering.issue import Issue, Table
from shared.crypto import KeyRing
from shared.database import reading, transaction, uuid7
from tests.reporting.facts.recount import Recount, read_log
from tests.reporting.facts.test_recount import INCIDENTS, exact
from tests.reporting.facts.world import Counting
from tests.reporting.facts.year import GRANTS, ORGANISATIONS, Year

NOW = datetime(2028, 12, 5, tzinfo=UTC)
COUNTRIES: Mapping[str, tuple[str, ...]] = dict(zip(GRANTS, (("ETH",), ("ETH", "SOM"), ()), strict=True))
SINCE, FIRST, LAST = date(2028, 1, 1), date(2028, 3, 1), date(2028, 11, 30)
TARGET = 200
REUNITED = "reunification", "child_reunification"
TRACING = "tracing_request"
Figure = int | Fraction | None


def positively(again: Recount) -> int:
    return sum(one["type"] == TRACING and reason == "located" for _, one, reason in again.closed)


def in_time(again: Recount) -> Fraction | None:
    released, told = again.told()
    return Fraction(100 * told, released) if released else None


COUNTED: Mapping[str, Callable[[Recount], Figure]] = {
    "people.reached": lambda again: again.unique()[0],
    "services.delivered": lambda again: again.service_figure("services")[0],
    "3w.food": lambda again: again.unique("food")[0],
    "3w.wash": lambda again: again.unique("water")[0],
    "mrc.food": lambda again: again.unique("food")[0],
    "rfl.phone_calls": lambda again: again.service_figure("quantity", "phone_call")[0],
    "rfl.reunited": lambda again: again.unique(*REUNITED)[0],
    "rfl.uasc_reunited": lambda again: again.unique(REUNITED[1])[0],
    "det.places": lambda again: again.places("detention_followed"),
    "det.followed": lambda again: again.unique("detention_followed")[0],
    "rfl.tracing_opened": lambda again: again.opened(TRACING),
    "rfl.tracing_open": lambda again: again.open_at_end(TRACING),
    "rfl.tracing_closed_positively": positively,
    "case.opened": lambda again: again.opened(),
    "case.closed": lambda again: len(again.closed),
    "case.open": lambda again: again.open_at_end(),
    "case.closure_rate": lambda again: again.closure_rate(),
    "case.days_to_close": lambda again: again.days_to_close(),
    "ref.sent": lambda again: again.referrals()[0],
    "ref.received": lambda again: again.referrals()[1],
    "ref.answer_hours": lambda again: again.referrals()[3],
    "told.in_time": in_time,
    **{f"inc.{what}": lambda again, what=what: again.incidents()[0][what] for what in INCIDENTS},  # type: ignore[misc] # what is bound
}
SHARED = {
    "services.delivered": ("services",),
    "rfl.phone_calls": ("quantity", "phone_call"),
}
"""Of which services a grant's share is told."""
BANDS = {
    "0-4": {"0-1"},
    "5-11": set[str](),
    "12-17": {"13-17"},
    "18-59": {"18-49"},
    "60plus": {"80+"},
    "unknown": {"unknown"},
    "0-17": {"0-1", "13-17"},
}
"""Band of UNHCR's scheme or a broad one → the atomic bins of it that the year has."""
SEXES = {"other_or_unknown": {"other", "unknown"}}
LISTS = {f"people_{name}": name for name in ("disability", "nationality", "legal_status", "place", "modality")}


def hundredth(figure: Figure) -> Decimal | None:
    """As it is counted: rates and means have two decimals."""
    return None if figure is None else exact(Fraction(figure)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def tenth(figure: Decimal | None) -> str | None:
    """As it is shown."""
    if figure is None:
        return None
    found = figure.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return str(int(found) if found == int(found) else found)


def granted(engine: Engine, organisation: UUID, number: str, countries: Iterable[str]) -> Grant:
    """A grant with a target for each of these indicators."""
    whose = {"organisation_id": organisation}
    donor = Donor(
        id=uuid7(), name=number, donor_group="", kind="government", country="SWE", version=1, made_at=NOW, **whose
    )
    lists: dict[str, list[str]] = {"themes": [], "frameworks": [], "sections": [], "countries": list(countries)}
    terms = {"starts_on": SINCE, "ends_on": date(2028, 12, 31), "time_zone": "Africa/Addis_Ababa", "currency": "EUR"}
    named = {"id": uuid7(), "number": number, "title": number, "donor_id": donor.id, "donor_organisation_id": None}
    grant = Grant(kind="grant", age_scheme="unhcr", version=1, made_at=NOW, **named, **whose, **lists, **terms)
    with transaction(engine) as session:
        session.add(donor)
        session.flush()
        session.add(grant)
        session.flush()
        session.add_all(
            Target(grant_id=grant.id, indicator=code, baseline=None, target=Decimal(TARGET), order=order, **whose)
            for order, code in enumerate(COUNTED)
        )
        session.flush()
        session.expunge_all()
    return grant


def indicators(period: Recount, so_far: Recount) -> Iterator[tuple[str, str, Any]]:
    for code, counted in COUNTED.items():
        since = hundredth(counted(so_far))
        yield code, "actual", tenth(hundredth(counted(period)))
        yield code, "cumulative", tenth(since)
        yield code, "reached", tenth(None if since is None else 100 * since / TARGET)
        if code in SHARED:
            yield code, "share", tenth(exact(period.service_figure(*SHARED[code])[1]))


def matrix(period: Recount, table: Table) -> Iterator[tuple[str, str, int]]:
    figure, _, by = period.unique()
    whole = {tuple(key.split("|")): people for (name, key), people in by.items() if name == "sex_age_disability"}
    for row in table.rows:
        for column in table.columns[1:]:
            ages, sexes = BANDS.get(row.key), SEXES.get(column.key, {column.key})
            yield (
                row.key,
                column.key,
                sum(
                    people
                    for (sex, age, _), people in whole.items()
                    if (row.total or age in (ages or ())) and (column.key == "total" or sex in sexes)
                ),
            )
    assert sum(whole.values()) == figure


def listed(period: Recount, table: Table) -> Iterator[tuple[str, str, int]]:
    figure, _, by = period.unique()
    own = {key: people for (name, key), people in by.items() if name == LISTS[table.key]}
    apart = {row.key for row in table.rows}
    for key in apart:
        rest = sum(people for other, people in own.items() if other not in apart)
        yield key, "people", {"total": figure, "other": rest}.get(key, own.get(key, 0))


def trend(months: Mapping[str, Recount], period: Recount) -> Iterator[tuple[str, str, int]]:
    for month, again in months.items():
        yield month, "opened", again.opened()
        yield month, "closed", len(again.closed)


def routes(period: Recount, table: Table) -> Iterator[tuple[str, str, int]]:
    figures, by = period.incidents()
    for row in table.rows:
        name = str(row.cells[0].value).replace("Unknown", "unknown") if table.key == "incident_routes" else row.key
        dimension = "route" if table.key == "incident_routes" else "source_quality"
        for what, figure in figures.items():
            yield row.key, what, figure if row.total else by[what, dimension, name]


def months_of(again: Callable[[date, date], Recount]) -> dict[str, Recount]:
    found, first = {}, FIRST
    while first <= LAST:
        following = (first + timedelta(days=32)).replace(day=1)
        found[f"{first:%Y-%m}"] = again(first, following - timedelta(days=1))
        first = following
    return found


def wanted(issue: Issue, again: Callable[[date, date], Recount]) -> Iterator[tuple[str, str, str, Any]]:
    """(table, row, column, figure) of each figure but those of money, which no event tells of."""
    period, so_far = again(FIRST, LAST), again(SINCE, LAST)
    for table in issue.tables:
        found: Iterator[tuple[str, str, Any]]
        match table.key:
            case "indicators":
                found = indicators(period, so_far)
            case "people_sex_age":
                found = matrix(period, table)
            case "trend":
                found = trend(months_of(again), period)
            case "incident_routes" | "incident_sources":
                found = routes(period, table)
            case _:
                found = listed(period, table)
        for row, column, figure in found:
            yield table.key, row, column, figure


def compared(counting: Counting, log: list[dict[str, Any]], grants: Iterable[Grant]) -> Counter[str]:
    """How many figures each kind of table showed, all of them equal to the recount."""
    shown = Counter[str]()
    for grant in grants:
        with reading(counting.engine, snapshot=True) as session:
            issue = draft_issue(session, grant, FIRST, LAST, narrative=(), now=NOW)
        whose = log, str(grant.organisation_id), grant.number, tuple(grant.countries), grant.time_zone
        tables = {table.key: table for table in issue.tables}
        for key, row, column, figure in wanted(issue, partial(Recount, *whose)):
            cell = tables[key].cell(row, column)
            if cell.value is not None:
                assert str(cell.value) == str(figure), (key, row, column, grant.number)
                shown[key] += 1
    return shown


def test_every_figure_that_a_report_shows_equals_the_recount(
    sqlite: Callable[[str], Engine], keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite: that both databases count alike is shown by the recount of figures. Where grants overlap, few people
    are left to show, so everything is shown once, as if no figure were small."""
    counting = Counting(sqlite, keys)
    counting.record_all(Year(seed=28).days())
    counting.catch_up()
    log = read_log(counting.consumer.feeds["intake"], keys)
    grants = [granted(counting.engine, of, *each) for of in ORGANISATIONS for each in COUNTRIES.items()]
    shown = compared(counting, log, grants)
    assert shown["indicators"] > 200
    assert shown["incident_routes"] == shown["incident_sources"] == 240

    for name in ("THRESHOLD", "SENSITIVE_THRESHOLD"):
        monkeypatch.setattr(disclosure, name, 1)
    with transaction(counting.engine) as session:
        for grant in grants:  # all of the same countries, so that none gives another's cases away
            grant.countries = []
            session.merge(grant)
    some = grants[: 2 * len(COUNTRIES)]
    shown = compared(counting, log, some)
    assert shown["indicators"] > 0.9 * len(some) * (3 * len(COUNTED) + len(SHARED))
    assert shown.keys() == {*LISTS, "indicators", "people_sex_age", "trend", "incident_routes", "incident_sources"}
    assert shown["trend"] == len(some) * 2 * 9
    assert min(shown.values()) > 15
