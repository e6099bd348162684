"""The list of messages reads what it shows, and no more, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import Engine, event, text

from services.notify.queries import staff
from shared.access import Actor, Role
from shared.database import reading
from tests.notify.staff.conftest import Office

ASIDE = ("SET LOCAL enable_seqscan = off", "SET LOCAL enable_bitmapscan = off")
"""What the planner does with ten million rows it would not do with ten: nothing else is left to it here."""


def test_no_page_of_the_list_is_sorted_and_no_count_goes_on_beyond_what_is_shown(
    postgres: Callable[[str], Engine],
) -> None:
    engine = postgres("notify")
    manager = Actor(uuid4(), roles=frozenset({Role.CASE_MANAGER}), user_id=uuid4())
    asked: list[tuple[str, object]] = []
    with reading(engine) as session:
        heard = session.connection()
        event.listen(heard, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        staff.messages(session, manager)
        staff.messages(session, manager, status="held")
        staff.counts(session, manager)
    plans = []
    with engine.begin() as connection:
        for one in ASIDE:
            connection.execute(text(one))
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)  # type: ignore[arg-type] # as it was sent
            plans.append("\n".join(row[0] for row in plan))
    assert len(plans) == 3
    assert not [plan for plan in plans if "Sort" in plan or "Seq Scan" in plan], plans
    assert plans[2].count("Limit") == len(staff.STATUSES)


def test_a_page_asks_for_one_row_more_than_it_shows(office: Office) -> None:
    for number in range(5):
        office.message(minutes=number)
    with reading(office.engine) as session:
        page = staff.messages(session, office.actor(), limit=4)
        assert (len(page.messages), page.following) == (4, page.messages[-1].id)
        rest = staff.messages(session, office.actor(), limit=4, before=page.following)
        assert (len(rest.messages), rest.following) == (1, None)
