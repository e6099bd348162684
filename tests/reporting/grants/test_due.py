"""What becomes due by the clock: opened, drafted, reminded of; once, whoever looks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from services.reporting.commands.drafts import Draft
from services.reporting.commands.due import open_what_is_due, remind
from services.reporting.composing import draft_all_due
from services.reporting.domain import Grant, Reminder, Report, Schedule
from services.reporting.drafting import draft_issue
from services.reporting.queries.reports import due_calendar
from services.reporting.tasks import do_what_is_due
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import Conflict
from shared.messaging.tables import event_log
from tests.databases import Databases
from tests.reporting.grants.conftest import MANAGER, Office, at

NOVEMBER = at("2026-11-05T00:00:00+00:00")


def schedule(every: str, *periods: list[str]) -> Schedule:
    return Schedule(every=every, periods=list(periods), due_days=30, remind_days=[14, 3])


def spans(every: str, first: str, last: str, *periods: list[str]) -> list[tuple[str, str]]:
    found = schedule(every, *periods).spans(date.fromisoformat(first), date.fromisoformat(last))
    return [(one.isoformat(), other.isoformat()) for one, other in found]


def test_periods_are_those_of_the_calendar_cut_where_the_grant_begins_and_ends() -> None:
    assert spans("quarter", "2026-02-15", "2026-08-10") == [
        ("2026-02-15", "2026-03-31"),
        ("2026-04-01", "2026-06-30"),
        ("2026-07-01", "2026-08-10"),
    ]
    assert spans("month", "2028-01-31", "2028-03-01") == [
        ("2028-01-31", "2028-01-31"),
        ("2028-02-01", "2028-02-29"),
        ("2028-03-01", "2028-03-01"),
    ]
    assert spans("half_year", "2026-01-01", "2026-12-31") == [
        ("2026-01-01", "2026-06-30"),
        ("2026-07-01", "2026-12-31"),
    ]
    assert spans("year", "2026-05-01", "2027-04-30") == [("2026-05-01", "2026-12-31"), ("2027-01-01", "2027-04-30")]
    given = ["2026-03-01", "2026-05-31"], ["2026-01-01", "2026-02-28"]
    assert spans("custom", "2026-01-01", "2026-12-31", *given) == [
        ("2026-01-01", "2026-02-28"),
        ("2026-03-01", "2026-05-31"),
    ]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"every": "custom"}, 422),
        ({"every": "month", "periods": [["2026-01-01", "2026-01-31"]]}, 422),
        ({"every": "custom", "periods": [["2026-01-01", "2026-01-31"], ["2026-01-31", "2026-02-28"]]}, 422),
        ({"every": "custom", "periods": [["2026-02-01", "2026-01-31"]]}, 422),
        ({"every": "custom", "periods": [["2025-01-01", "2025-01-31"]]}, 422),
        ({"every": "fortnight"}, 422),
        ({"every": "custom", "periods": [["2026-01-01", "2026-01-31"], ["2026-02-01", "2026-02-28"]]}, 201),
    ],
)
def test_a_schedule_hangs_together(office: Office, wrong: dict[str, Any], status: int) -> None:
    grant = office.grant()
    assert office.asks(MANAGER, "POST", f"/grants/{grant['id']}/schedules", wrong).status_code == status


def scheduled(office: Office, every: str = "quarter", **given: Any) -> dict[str, Any]:
    grant = office.grant(**given)
    office.done(MANAGER, "POST", f"/grants/{grant['id']}/schedules", {"every": every})
    return grant


def states(office: Office) -> list[tuple[str, str]]:
    return [(one["first"], one["state"]) for one in office.done(MANAGER, "GET", "/reports")]


def test_a_period_that_is_over_is_opened_drafted_and_reminded_of_once(office: Office) -> None:
    scheduled(office)
    assert do_what_is_due(office.engine, draft_issue, NOVEMBER)
    assert states(office) == [("2026-01-01", "drafted"), ("2026-04-01", "drafted"), ("2026-07-01", "drafted")]
    with reading(office.engine) as session:
        assert session.scalar(select(func.count()).select_from(Reminder)) == 6
        told = [one for one in session.scalars(select(event_log.c.header)) if "report.reminded" in one]
        assert len(told) == 3  # days that have passed unseen are one reminder of each report
    with transaction(office.engine) as session:
        assert (open_what_is_due(session, NOVEMBER), remind(session, NOVEMBER)) == (0, 0)


def test_a_period_of_which_the_donor_has_a_part_begins_behind_it(office: Office) -> None:
    grant = scheduled(office)
    office.published(office.opened(grant, "2026-01-01", "2026-02-15"))
    with transaction(office.engine) as session:
        assert open_what_is_due(session, NOVEMBER) == 3
        assert open_what_is_due(session, NOVEMBER) == 0
    opened = sorted(first for first, state in states(office) if state == "due")
    assert opened == ["2026-02-16", "2026-04-01", "2026-07-01"]
    of_first_quarter = [one for one in office.done(MANAGER, "GET", "/reports/due") if one["date_to"] == "2026-03-31"]
    assert [(one["date_from"], one["state"]) for one in of_first_quarter] == [("2026-02-16", "due")]


def test_a_period_ends_with_the_grants_own_day(office: Office) -> None:
    scheduled(office, time_zone="Africa/Addis_Ababa")
    with transaction(office.engine) as session:
        assert open_what_is_due(session, at("2026-03-31T20:59:00+00:00")) == 0
        assert open_what_is_due(session, at("2026-03-31T21:00:00+00:00")) == 1


def test_a_grant_whose_zone_is_gone_keeps_no_other_from_becoming_due(office: Office) -> None:
    broken, other = scheduled(office), scheduled(office, number="sun_2026_12")
    with transaction(office.engine) as session:
        session.execute(update(Grant).where(Grant.id == UUID(broken["id"])).values(time_zone="Africa/Atlantis"))
        assert (open_what_is_due(session, NOVEMBER), remind(session, NOVEMBER)) == (3, 3)
        assert set(session.scalars(select(Report.grant_id))) == {UUID(other["id"])}


def test_reminders_are_made_on_the_days_that_the_schedule_names(office: Office) -> None:
    scheduled(office)
    made = []
    for day in ("2026-04-15", "2026-04-16", "2026-04-20", "2026-04-27", "2026-05-20"):
        with transaction(office.engine) as session:
            open_what_is_due(session, at(f"{day}T12:00:00+00:00"))
            made.append(remind(session, at(f"{day}T12:00:00+00:00")))
    assert made == [0, 1, 0, 1, 0]  # due on 30 April; 14 and 3 days before


def test_a_tick_belongs_to_one_scheduler(office: Office) -> None:
    scheduled(office)
    assert do_what_is_due(office.engine, draft_issue, NOVEMBER)
    assert not do_what_is_due(office.engine, draft_issue, NOVEMBER)


def test_two_schedulers_at_once_make_each_report_once(database: Databases, keys: KeyRing) -> None:
    office = Office(database("reporting"), keys)
    scheduled(office)
    other = database.again(database.url_of(office.engine), "reporting")
    together = threading.Barrier(2)

    def look(engine: Engine) -> None:
        together.wait(10)
        with transaction(engine) as session:
            open_what_is_due(session, NOVEMBER)
            remind(session, NOVEMBER)
        draft_all_due(engine, draft_issue, NOVEMBER)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(look, (office.engine, other)))
    assert [state for _, state in states(office)] == ["drafted"] * 3
    with reading(office.engine) as session:
        assert {one.version for one in session.scalars(select(Report))} == {2}
        assert session.scalar(select(func.count()).select_from(Reminder)) == 6
        told = [one for one in session.scalars(select(event_log.c.header)) if "report.reminded" in one]
        assert len(told) == 3  # days that have passed unseen are one reminder of each report


def failing(first: str, fail: Callable[[Session], object]) -> Draft:
    """Drafts every report but the one of this period."""

    def draft(session: Session, *asked: Any, **more: Any) -> Any:
        if asked[1] == date.fromisoformat(first):
            fail(session)
        return draft_issue(session, *asked, **more)

    return draft


def refuse(_session: Session) -> None:
    raise Conflict("A target names no indicator: change it.")


def slip(_session: Session) -> None:
    raise ZeroDivisionError("secret figure 417")


def ask_too_much(session: Session) -> None:
    """On SQLite an OperationalError, as where there is no room for an answer; on PostgreSQL it ends the snapshot."""
    session.execute(text("SELECT 417 FROM nowhere"))


@pytest.mark.parametrize(
    ("fail", "told"),
    [(refuse, "A target names no indicator: change it."), (slip, "ZeroDivisionError at "), (ask_too_much, " at ")],
)
def test_one_bad_report_is_marked_and_the_others_are_drafted(
    office: Office, fail: Callable[[Session], object], told: str
) -> None:
    scheduled(office)
    do_what_is_due(office.engine, failing("2026-04-01", fail), NOVEMBER)
    assert states(office) == [("2026-01-01", "drafted"), ("2026-04-01", "due"), ("2026-07-01", "drafted")]
    (bad,) = office.done(MANAGER, "GET", "/reports?state=due")
    assert told in bad["failure"]
    assert "417" not in bad["failure"]
    assert draft_all_due(office.engine, draft_issue, at("2026-11-05T00:59:00+00:00")) == {}, "it rests for an hour"
    assert list(draft_all_due(office.engine, draft_issue, at("2026-11-05T01:00:00+00:00")).values()) == [True]
    (mended,) = [one for one in office.done(MANAGER, "GET", "/reports") if one["first"] == "2026-04-01"]
    assert (mended["state"], mended["failure"]) == ("drafted", None)


@pytest.mark.parametrize(
    ("time_zone", "moment", "late"),
    [
        ("Pacific/Auckland", "2026-04-30T11:59:00+00:00", False),
        ("Pacific/Auckland", "2026-04-30T12:00:00+00:00", True),
        ("America/New_York", "2026-05-01T03:59:00+00:00", False),
        ("America/New_York", "2026-05-01T04:00:00+00:00", True),
    ],
)
def test_a_report_is_overdue_once_the_grants_own_day_has_ended(
    office: Office, time_zone: str, moment: str, late: bool
) -> None:
    scheduled(office, time_zone=time_zone)
    with reading(office.engine) as session:
        first = due_calendar(session, MANAGER, until=date(2026, 4, 30))[0]
    assert (first.due_on, first.overdue(at(moment))) == (date(2026, 4, 30), late)


def test_the_calendar_shows_what_is_due_and_what_comes(office: Office) -> None:
    grant = scheduled(office, starts_on="2030-01-01", ends_on="2031-12-31")
    listed = office.done(MANAGER, "GET", "/reports/due?days=3660")
    assert [(one["date_from"], one["due_on"], one["state"]) for one in listed[:2]] == [
        ("2030-01-01", "2030-04-30", None),
        ("2030-04-01", "2030-07-30", None),
    ]
    assert listed[0]["remind_on"] == ["2030-04-16", "2030-04-27"]
    assert len(listed) == 8
    with transaction(office.engine) as session:
        open_what_is_due(session, at("2030-04-05T00:00:00+00:00"))
    listed = office.done(MANAGER, "GET", "/reports/due?days=3660")
    assert (listed[0]["state"], listed[0]["overdue"], len(listed)) == ("due", False, 8)
    quiet = {"every": "quarter", "active": False}
    made = office.done(MANAGER, "GET", f"/grants/{grant['id']}")["schedules"][0]
    office.done(MANAGER, "PUT", f"/schedules/{made['id']}", quiet)
    assert len(office.done(MANAGER, "GET", "/reports/due?days=3660")) == 1
