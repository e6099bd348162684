"""What a person may ask for, and by when it is answered. On both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.intake.commands import protection
from services.intake.domain import PersonViewed
from shared.database import reading, utc_now
from tests.intake.lives.test_child import CHILD
from tests.intake.protection.conftest import Desk

TODAY = utc_now().date()


def test_a_copy_holds_everything_and_the_view_is_recorded(desk: Desk) -> None:
    case_id, (_, sought) = desk.submit(legal_bases=[{"person": 1, "purpose": "tracing", "basis": "vital_interest"}])
    desk.ask(desk.worker, f"cases/{case_id}/deeds/add_note", {"note": "He called again."})
    desk.ask(desk.worker, f"persons/{sought}/requests", {"kind": "copy", "note": "All of it."}, 201)
    copy = desk.ask(desk.officer, f"persons/{sought}/copy")
    assert copy["person"]["as_told"]["names"][0]["full"] == "አስቴር ካናሪ"
    assert copy["relations"][0]["kind"] == "parent"
    (case,) = copy["cases"]
    assert (case["role"], case["details"]["may_name_others"]) == ("sought", True)
    assert "CANARYTOWN" in case["details"]["circumstances"]
    assert case["timeline"][-1]["note"] == {"may_name_others": True, "note": "He called again."}
    assert copy["legal_bases"][0]["basis"] == "vital_interest"
    assert copy["requests"][0]["note"] == "All of it."
    with reading(desk.intake.engine) as session:
        viewed = session.execute(
            select(PersonViewed.user_id, PersonViewed.person_id).where(PersonViewed.purpose == "copy")
        ).all()
    assert viewed == [(desk.officer.user_id, sought)]
    assert copy["seen"][-1]["purpose"] == "copy"


def test_an_enquirers_copy_does_not_tell_what_the_sought_person_answered_or_that_it_died(desk: Desk) -> None:
    case_id, (enquirer, sought) = desk.submit()
    before = _copy(desk, enquirer)
    account = {"source": "hospital", "source_name": "Clinic CANARY", "note": "She died."}
    for actor, deed, body in (
        (desk.worker, "record_answer", {"agrees_to": "nothing", "note": "Tell them nothing."}),
        (desk.worker, "record_account_of_death", account),
        (desk.manager, "confirm_death", {}),
        (desk.manager, "release_news", {}),
    ):
        desk.ask(actor, f"cases/{case_id}/deeds/{deed}", body)
    with desk.acting() as session:
        protection.share_with_nobody(session, desk.worker, sought, wish=True)
    assert _copy(desk, enquirer) == before
    told = [entry["what"] for entry in _copy(desk, sought)["cases"][0]["timeline"]]
    assert {"record_answer", "record_account_of_death", "confirm_death", "share_with_nobody"} <= set(told)


def test_a_copy_holds_the_notes_of_both_of_two_merged_cases_and_both_records_of_the_person(desk: Desk) -> None:
    (first, (_, mine)), (second, (_, theirs)) = desk.submit(), desk.submit()
    for case_id, note in ((first, "In the first."), (second, "In the second.")):
        desk.ask(desk.worker, f"cases/{case_id}/deeds/add_note", {"note": note})
    same = [{"person": str(theirs), "same_as": str(mine)}]
    desk.ask(desk.manager, f"cases/{first}/merge", {"duplicate": str(second), "same_people": same})
    for person in (mine, theirs):
        copy = _copy(desk, person)
        assert [one["id"] for one in copy["also_recorded_as"]] == [str(theirs if person == mine else mine)]
        timeline = next(case["timeline"] for case in copy["cases"] if len(case["timeline"]) > 3)
        assert [one["note"]["note"] for one in timeline if one["note"]] == ["In the first.", "In the second."]


def test_a_copy_does_not_tell_anothers_fate_by_the_reason_of_closing(desk: Desk) -> None:
    case_id, people = desk.submit()
    desk.ask(desk.worker, f"cases/{case_id}/moves/accept", {})
    for deed, body in (("record_answer", {"agrees_to": "news_only"}), ("release_news", {})):
        desk.ask(desk.manager, f"cases/{case_id}/deeds/{deed}", body)
    told = {"told": "news", "how": "in_person", "told_on": TODAY.isoformat()}
    desk.ask(desk.worker, f"cases/{case_id}/deeds/tell_family", told)
    desk.ask(desk.manager, f"cases/{case_id}/moves/close", {"reason": "located"})
    for person in people:
        copy = _copy(desk, person)
        assert copy["cases"][0]["timeline"][-1]["what"] == "close"
        assert "located" not in json.dumps(copy)


def test_a_copy_does_not_tell_that_another_was_erased(desk: Desk) -> None:
    _, (enquirer, sought) = desk.closed()
    desk.approve(desk.manager, desk.propose(desk.worker, sought))
    assert "erase" not in json.dumps(_copy(desk, enquirer)["cases"])
    assert "erase_person" in json.dumps(_copy(desk, sought)["cases"])


def test_a_relatives_copy_does_not_tell_where_a_child_is_or_how_its_case_ended(desk: Desk) -> None:
    case_id, (child, relative) = desk.submit(**CHILD)
    care = {"care": "foster_family", "since": TODAY.isoformat(), "caregiver": "Family Canary"}
    desk.ask(desk.manager, f"cases/{case_id}/deeds/arrange_care", care)
    desk.ask(desk.manager, f"cases/{case_id}/moves/take_on", {})
    desk.ask(desk.manager, f"cases/{case_id}/moves/close", {"reason": "not_a_separated_child"})
    (told,) = _copy(desk, relative)["cases"]
    assert (told["status"], told["details"], told["role"]) == (None, None, "relative")
    assert [one["what"] for one in told["timeline"]] == ["submit"]
    (own,) = _copy(desk, child)["cases"]
    assert [one["what"] for one in own["timeline"]] == ["submit", "arrange_care", "take_on", "close"]
    assert own["status"] == "closed"


def test_who_is_alone_in_a_case_reads_why_it_was_closed(desk: Desk) -> None:
    alone = {"role": "registered", "person": {"names": [{"full": "Selam"}]}}
    details = {"met_at": "landing", "met_on": TODAY.isoformat(), "met_in": "ITA"}
    case_id, (person,) = desk.submit(type="registration", details=details, people=[alone], relations=[])
    desk.ask(desk.worker, f"cases/{case_id}/moves/close", {"reason": "entered_in_error"})
    assert _copy(desk, person)["cases"][0]["timeline"][-1]["reason"] == "entered_in_error"


def _copy(desk: Desk, person: UUID) -> dict[str, Any]:
    """The person's copy, without who has looked at it."""
    copy = desk.ask(desk.officer, f"persons/{person}/copy")
    return {name: value for name, value in copy.items() if name != "seen"}


def test_a_request_is_due_in_thirty_days_and_shown_as_overdue_after_them(desk: Desk) -> None:
    _, (enquirer, sought) = desk.submit()
    late = (TODAY - timedelta(days=31)).isoformat()
    desk.ask(desk.worker, f"persons/{enquirer}/requests", {"kind": "correct"}, 201)
    desk.ask(desk.worker, f"persons/{sought}/requests", {"kind": "copy", "received_on": late}, 201)
    listed = desk.ask(desk.officer, "subject-requests")
    assert [(one["kind"], one["overdue"]) for one in listed] == [("copy", True), ("correct", False)]
    assert listed[1]["due_on"] == (TODAY + timedelta(days=30)).isoformat()


def test_an_answer_takes_a_request_from_the_list_and_is_given_once(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    asked = desk.ask(desk.worker, f"persons/{sought}/requests", {"kind": "correct"}, 201)
    path = f"subject-requests/{asked['id']}/answer"
    assert desk.ask(desk.officer, path, {"outcome": "done"})["outcome"] == "done"
    assert desk.ask(desk.officer, "subject-requests") == []
    assert "answered already" in desk.ask(desk.officer, path, {"outcome": "done"}, 409)["detail"]


def test_a_request_to_be_erased_is_answered_by_the_erasure_or_refused(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    asked = desk.ask(desk.worker, f"persons/{sought}/requests", {"kind": "erase"}, 201)
    path = f"subject-requests/{asked['id']}/answer"
    assert "propose it" in desk.ask(desk.officer, path, {"outcome": "done"}, 409)["detail"]
    assert desk.ask(desk.officer, path, {"outcome": "refused"})["outcome"] == "refused"


def test_another_organisations_requests_are_not_found(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    asked = desk.ask(desk.worker, f"persons/{sought}/requests", {"kind": "copy"}, 201)
    other = desk.intake.other_key
    assert desk.intake.get("/intake/v1/subject-requests", key=other).json() == []
    path = f"/intake/v1/subject-requests/{asked['id']}/answer"
    assert desk.intake.post({"outcome": "done"}, path=path, key=other).status_code == 404
