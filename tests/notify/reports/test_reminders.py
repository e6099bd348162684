"""Whose report is due is told so, once a reminder."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from services.notify.domain import Notification
from shared.database import reading
from shared.events import ReportReminded
from tests.notify.reports.conftest import FIRST, LAST, House


def test_the_organisation_is_told_which_report_is_due_and_how_far_it_is(house: House) -> None:
    for state in ("due", "sent_back"):
        house.hear(
            ReportReminded(
                organisation_id=house.own,
                grant_id=house.grant_id,
                report_id=house.user,
                grant="echo_2026",
                date_from=FIRST,
                date_to=LAST,
                due_on=date(2026, 10, 30),
                state=state,  # type: ignore[arg-type]
            )
        )
    with reading(house.engine) as session:
        told = session.scalars(select(Notification).order_by(Notification.created_at)).all()
    assert [one.subject for one in told] == ["A report on grant echo_2026 is due on 2026-10-30"] * 2
    assert "nobody has begun it" in told[0].text
    assert "it was sent back" in told[1].text
    assert not house.deliveries  # no mail to the donor
