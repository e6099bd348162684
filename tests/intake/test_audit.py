"""Who read whose data stands in a trail of its own, that shows when somebody changed it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from services.intake import commands
from services.intake.audit import ViewsVerified, anchor_views, chain_views, verify_views
from shared.access import Role
from shared.crypto import KeyRing
from shared.database import is_sqlite, transaction, uuid7
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for, submitted, token


def chained(intake: Intake) -> int:
    total = 0
    for _ in range(10):
        with transaction(intake.engine) as session:
            found = chain_views(session)
        total += found
        if not found:
            break
    return total


def looked(intake: Intake, times: int = 1) -> None:
    with transaction(intake.engine) as session:
        for _ in range(times):
            commands.note_view(session, intake.own, "open", uuid7(), [uuid7()])


def tampered(intake: Intake, statement: str) -> list[str]:
    with transaction(intake.engine) as session:
        session.execute(text(statement))
    return [fault.what for fault in verify_views(intake.engine).faults]


def test_views_are_chained_in_their_order_and_once(intake: Intake) -> None:
    looked(intake, 3)
    looked(intake)
    assert chained(intake) == 4
    assert chained(intake) == 0
    looked(intake)
    assert chained(intake) == 1
    found = verify_views(intake.engine)
    assert (found.views, found.faults) == (5, ())


def test_a_late_commit_gets_a_later_place_and_breaks_nothing(intake: Intake) -> None:
    if is_sqlite(intake.engine):
        pytest.skip("SQLite has one writer at a time")
    looked(intake)
    with transaction(intake.engine) as late:
        commands.note_view(late, intake.own, "open", None, [uuid7()])
        looked(intake, 2)
        assert chained(intake) == 3
        looked(intake)
        assert chained(intake) == 1
    assert chained(intake) == 1
    looked(intake)
    assert chained(intake) == 1
    found = verify_views(intake.engine)
    assert (found.views, found.faults) == (6, ())


def test_what_was_rolled_back_leaves_no_gap_in_the_trail(intake: Intake) -> None:
    looked(intake)

    def breaks_off() -> None:
        with transaction(intake.engine) as session:
            commands.note_view(session, intake.own, "open", None, [uuid7()])
            raise KeyError

    with pytest.raises(KeyError):
        breaks_off()
    looked(intake)
    assert chained(intake) == 2
    assert verify_views(intake.engine).faults == ()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE person_viewed SET purpose = 'search' WHERE ordinal = (SELECT min(ordinal) FROM person_viewed)", "fit"),
        ("UPDATE person_viewed SET user_id = NULL, case_id = NULL", "fit"),
        ("DELETE FROM person_viewed WHERE ordinal = (SELECT min(ordinal) FROM person_viewed)", "gone"),
        ("DELETE FROM view_chained WHERE position = 2", "missing"),
        ("UPDATE view_chained SET position = 9 WHERE position = 2", "missing"),
    ],
)
def test_a_view_that_was_changed_or_removed_is_found(intake: Intake, statement: str, what: str) -> None:
    looked(intake, 4)
    assert chained(intake) == 4
    faults = tampered(intake, statement)
    assert any(what in fault for fault in faults), faults


def anchored(intake: Intake) -> bool:
    with transaction(intake.engine) as session:
        return anchor_views(session)


def test_the_newest_views_taken_off_the_end_are_missed(intake: Intake) -> None:
    looked(intake, 4)
    assert not anchored(intake)
    assert chained(intake) == 4
    assert [anchored(intake), anchored(intake)] == [True, False]
    assert verify_views(intake.engine).faults == ()
    faults = tampered(intake, "DELETE FROM view_chained WHERE position > 2")
    assert faults == ["the event log knows this place otherwise: it was cut off"]
    tampered(intake, "DELETE FROM person_viewed WHERE ordinal > (SELECT max(ordinal) - 2 FROM person_viewed)")
    looked(intake, 3)
    chained(intake)
    assert "the event log knows this place otherwise: it was cut off" in tampered(intake, "SELECT 1")


def test_a_trail_that_goes_on_is_anchored_anew(intake: Intake) -> None:
    for _ in range(3):
        looked(intake, 2)
        chained(intake)
        assert anchored(intake)
    assert verify_views(intake.engine) == ViewsVerified(6, ())
    tampered(intake, "DELETE FROM view_chained WHERE position > 1")
    assert [fault.position for fault in verify_views(intake.engine).faults] == [2, 4, 6]


def test_a_view_that_never_got_its_place_is_found(intake: Intake) -> None:
    looked(intake)
    faults = tampered(intake, "UPDATE person_viewed SET at = '2020-01-01 00:00:00+00:00'")
    assert faults == ["1 old views have no place in the chain"]


def views(intake: Intake, key: str, asked: str = "") -> Any:
    return intake.get(f"/intake/v1/audit?{asked}", key=key)


def test_an_auditor_reads_who_saw_whom_page_by_page_and_nobody_else_does(intake: Intake, keys: KeyRing) -> None:
    cases = [submitted(intake, request_for(person("Aster Canary")))["id"] for _ in range(3)]
    for case in cases:
        intake.get(f"/intake/v1/cases/{case}")
    chained(intake)
    auditor = token(keys, intake.own, Role.AUDITOR)
    first = views(intake, auditor, "limit=4").json()
    second = views(intake, auditor, f"limit=4&after={first['next']}").json()
    seen = [*first["items"], *second["items"]]
    assert [one["case_id"] for one in seen] == [case for case in reversed(cases) for _ in range(2)]
    assert second["next"] is None
    assert [one["position"] for one in seen] == [6, 5, 4, 3, 2, 1]
    assert len(views(intake, auditor, f"case_id={cases[0]}").json()["items"]) == 2
    assert "Canary" not in str(seen)
    assert views(intake, token(keys, intake.own, Role.CASE_MANAGER)).status_code == 403
    assert views(intake, token(keys, intake.other, Role.DATA_PROTECTION_OFFICER)).json()["items"] == []
