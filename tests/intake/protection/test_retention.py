"""Retention proposes and never erases; a legal hold keeps. On both databases."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.intake.casework import CASE_TYPES
from services.intake.casework.retention import RETENTION
from services.intake.commands import protection as commands
from services.intake.commands.duplicates import merge_cases, undo_merge
from services.intake.domain import Case, Person
from shared.database import reading, transaction, utc_now
from tests.intake.protection.conftest import Desk


def due(desk: Desk) -> set[UUID]:
    found = desk.ask(desk.officer, "retention")["persons"]
    return {UUID(one["id"]) for one in found}


def run(desk: Desk) -> int:
    with transaction(desk.intake.engine) as session:
        return commands.propose_what_is_due(session)


def test_every_type_about_people_declares_how_long_it_is_kept() -> None:
    assert {name for name, kind in CASE_TYPES.items() if kind.people} <= set(RETENTION)


def test_only_people_of_cases_closed_for_long_are_due(desk: Desk) -> None:
    _, old = desk.closed(years_ago=11)
    desk.closed(years_ago=9)
    desk.submit()
    assert due(desk) == set(old)


def test_it_proposes_once_and_erases_nobody(desk: Desk) -> None:
    _, old = desk.closed(years_ago=11)
    assert run(desk) == 2
    assert run(desk) == 0
    listed = desk.ask(desk.officer, "erasures")
    assert [(one["reason"], one["state"], one["proposed_by"]) for one in listed] == [
        ("retention", "proposed", None)
    ] * 2
    with reading(desk.intake.engine) as session:
        assert all(session.get_one(Person, one).sealed for one in old)


def test_its_proposal_needs_two_people_all_the_same(desk: Desk) -> None:
    _, (_, sought) = desk.closed(years_ago=11)
    run(desk)
    proposed = next(one for one in desk.ask(desk.officer, "erasures") if one["person_id"] == str(sought))
    assert "takes the proposal on first" in desk.approve(desk.manager, proposed, 409)["detail"]
    taken = desk.propose(desk.worker, sought, "retention")
    assert taken["id"] == proposed["id"]
    assert desk.approve(desk.manager, taken)["state"] == "erased"


def test_what_was_declined_is_not_proposed_again_for_a_year(desk: Desk) -> None:
    desk.closed(years_ago=11)
    run(desk)
    for one in desk.ask(desk.officer, "erasures"):
        desk.ask(desk.manager, f"erasures/{one['id']}/refusal", {})
    assert run(desk) == 0


def test_a_legal_hold_keeps_a_person_until_it_is_lifted(desk: Desk) -> None:
    _, (enquirer, sought) = desk.closed(years_ago=11)
    held = desk.ask(desk.officer, f"persons/{sought}/legal-holds", {"reason": "claim"}, 201)
    assert held["placed_by"] == str(desk.officer.user_id)
    assert "already" in desk.ask(desk.officer, f"persons/{sought}/legal-holds", {"reason": "claim"}, 409)["detail"]
    assert (due(desk), run(desk)) == (set(), 0)
    with transaction(desk.intake.engine) as session:
        commands.lift_legal_hold(session, desk.officer, sought)
    assert due(desk) == {enquirer, sought}


def test_a_legal_hold_on_somebody_of_a_merged_duplicate_keeps_everybody_of_both(desk: Desk) -> None:
    (first, mine), (second, theirs) = desk.closed(years_ago=11), desk.closed(years_ago=11)
    desk.ask(desk.officer, f"persons/{theirs[0]}/legal-holds", {"reason": "claim"}, 201)
    assert due(desk) == set(mine)
    merged(desk, first, second, years_ago=11)
    assert (due(desk), run(desk)) == (set(), 0)
    assert "another person" in desk.propose(desk.manager, mine[0], "retention", 409)["detail"]


def test_a_merged_duplicate_is_as_old_and_as_open_as_the_case_that_is_worked_on(desk: Desk) -> None:
    (case_id, mine), (duplicate_id, theirs) = desk.closed(), desk.submit()
    merged(desk, case_id, duplicate_id, years_ago=11)
    assert due(desk) == {*mine, *theirs}
    assert desk.propose(desk.manager, theirs[0], "retention")["state"] == "proposed"
    with transaction(desk.intake.engine) as session:
        session.get_one(Case, case_id).status = "in_progress"
        session.get_one(Case, duplicate_id).status = "closed"
        session.flush()
    assert due(desk) == set()
    assert "only reviewed" in desk.propose(desk.manager, theirs[1], "retention", 409)["detail"]


def test_the_undoing_of_a_merge_makes_both_cases_count_again(desk: Desk) -> None:
    (case_id, mine), (duplicate_id, theirs) = desk.closed(), desk.submit()
    merged(desk, case_id, duplicate_id, years_ago=11)
    with transaction(desk.intake.engine) as session:
        undo_merge(session, desk.manager, duplicate_id)
        for one in (case_id, duplicate_id):
            session.get_one(Case, one).updated_at = utc_now() - timedelta(days=366 * 11)
        session.flush()
    assert due(desk) == set(mine)
    assert "only reviewed" in desk.propose(desk.manager, theirs[0], "retention", 409)["detail"]


def merged(desk: Desk, case_id: UUID, duplicate_id: UUID, years_ago: int) -> None:
    """Merge the second into the first, which nobody has changed for so long; the duplicate was changed today."""
    with transaction(desk.intake.engine) as session:
        merge_cases(session, desk.manager, case_id, duplicate_id)
        session.get_one(Case, case_id).updated_at = utc_now() - timedelta(days=366 * years_ago)
        session.flush()


def test_open_tracing_requests_that_nobody_touched_for_a_year_are_listed_to_be_looked_at(desk: Desk) -> None:
    case_id, _ = desk.submit()
    with transaction(desk.intake.engine) as session:
        session.get_one(Case, case_id).updated_at = utc_now() - timedelta(days=400)
        session.flush()
    found = desk.ask(desk.officer, "retention")
    assert (found["persons"], found["reviews"]) == ([], [str(case_id)])


def test_a_merged_duplicate_is_not_listed_beside_the_case_that_is_worked_on(desk: Desk) -> None:
    (case_id, _), (duplicate_id, _) = desk.submit(), desk.submit()
    with transaction(desk.intake.engine) as session:
        merge_cases(session, desk.manager, case_id, duplicate_id)
        for one in (case_id, duplicate_id):
            session.get_one(Case, one).updated_at = utc_now() - timedelta(days=400)
        session.flush()
    assert desk.ask(desk.officer, "retention")["reviews"] == [str(case_id)]


def test_another_organisation_sees_nothing_of_it(desk: Desk) -> None:
    desk.closed(years_ago=11)
    run(desk)
    for path in ("retention", "erasures"):
        shown = desk.intake.get(f"/intake/v1/{path}", key=desk.intake.other_key).json()
        assert shown in ([], {"persons": [], "reviews": []})
