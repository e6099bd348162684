"""A case is handed to another organisation, in the words of those who do it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.intake.domain import Case, CasePerson, LegalBasis, NameKey, Person, Referral, SharedRecord
from shared.access import Role
from shared.database import reading, utc_now
from shared.messaging.tables import event_log
from shared.vault import data_key
from tests.intake.people import person
from tests.intake.referrals.conftest import EVERY_FIELD, Hub, Submitted, registration


def allow(hub: Hub, **more: Any) -> Any:
    return hub.agree(fields=[*EVERY_FIELD, "whole_file"], **more)


def wish(hub: Hub, **more: Any) -> dict[str, Any]:
    return {
        "receiver_id": str(hub.receiver.organisation_id),
        "why": "person_moved",
        "purpose": "assistance",
        "fields": ["names", "sex"],
        **more,
    }


def offer(hub: Hub, case: Submitted, status: int = 201, **more: Any) -> Any:
    return hub.manager.post(f"cases/{case.id}/transfers", wish(hub, **more), status)


def step(who: Any, transfer: Any, name: str, status: int = 200, **body: Any) -> Any:
    return who.post(f"referrals/{transfer['id']}/steps/{name}", body, status)


def told_of(hub: Hub, case_id: UUID) -> list[str]:
    with reading(hub.engine) as session:
        return list(
            session.scalars(
                select(event_log.c.type).where(event_log.c.subject == f"case/{case_id}").order_by(event_log.c.ordinal)
            )
        )


def test_a_case_goes_over_with_its_people_history_and_keys(hub: Hub) -> None:
    allow(hub)
    case = hub.submit(registration(person("Yonas Tekle", sex="male"), account="He crossed by night."))
    before = hub.manager.get(f"cases/{case.id}")
    transfer = offer(hub, case)
    assert (transfer["kind"], transfer["service"], transfer["why"]) == ("transfer", "whole_file", "person_moved")
    assert hub.manager.get(f"cases/{case.id}")["reference"] == before["reference"], "it stays with the sender so far"
    hub.their_manager.get(f"cases/{case.id}", 404)
    assert hub.theirs.get("referrals")["items"][0]["case_id"] is None
    shown = hub.theirs.get(f"referrals/{transfer['id']}")["shared"]
    assert shown == {"people": [{"masked": False, "person": {"names": [{"full": "Yonas Tekle"}], "sex": "male"}}]}
    step(hub.theirs, transfer, "accept", 403)
    accepted = step(hub.their_manager, transfer, "accept")
    assert accepted["case_id"] == str(case.id)
    after = hub.their_manager.get(f"cases/{case.id}")
    assert after["reference"] == before["reference"]
    assert after["details"] == before["details"]
    assert [one["person"] for one in after["people"]] == [one["person"] for one in before["people"]]
    assert [UUID(one["id"]) for one in after["people"]] == case.people
    hub.manager.get(f"cases/{case.id}", 404)
    hub.manager.get(f"persons/{case.people[0]}/legal-bases", 404)
    history = hub.their_manager.get(f"cases/{case.id}/timeline")
    assert [one["what"] for one in history] == ["submit", "offer_transfer", "take_over"]
    assert [one["user_id"] is None for one in history] == [True, True, False]
    assert history[0]["former_holder_id"] == str(hub.sender.organisation_id)
    with reading(hub.engine) as session:
        owners = select(data_key.c.organisation_id).where(data_key.c.owner_id.in_([case.id, *case.people]))
        assert set(session.scalars(owners)) == {hub.receiver.organisation_id}
        for table in (Person, NameKey, LegalBasis, CasePerson):
            assert set(session.scalars(select(table.organisation_id))) == {hub.receiver.organisation_id}, table
        assert session.scalars(select(SharedRecord.sealed)).all() == [None], "the receiver has the case itself now"
    step(hub.worker, transfer, "hand_over")
    assert step(hub.theirs, transfer, "complete", reason="people_told")["state"] == "completed"
    assert [one for one in told_of(hub, case.id) if one.startswith("transfer.")] == [
        f"transfer.{one}" for one in ("offered", "accepted", "handed_over", "completed")
    ]


def test_the_sender_still_knows_where_the_case_went_and_nothing_of_it(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    reference = hub.manager.get(f"cases/{case.id}")["reference"]
    transfer = offer(hub, case)
    step(hub.theirs, transfer, "ask", text="Does he know?")
    step(hub.worker, transfer, "answer", text="He asked for it himself.")
    step(hub.their_manager, transfer, "accept")
    (kept,) = hub.worker.get("referrals?box=out")["items"]
    assert (kept["id"], kept["case_reference"]) == (transfer["id"], reference)
    seen = hub.worker.get(f"referrals/{transfer['id']}")
    assert (seen["shared"], seen["hidden_because"], seen["possible"]) == (None, "transferred", ["hand_over"])
    assert hub.worker.get("cases?reference=" + reference)["items"] == []
    hub.worker.post(f"referrals/{transfer['id']}/update", {}, 409)
    step(hub.manager, transfer, "revoke", 409, reason="we_keep_it")


def test_who_stands_in_another_case_too_stays_there_and_the_receiver_gets_a_record_of_its_own(hub: Hub) -> None:
    allow(hub)
    tracing = hub.submit(registration(person("Yonas Tekle", sex="male")))
    person_id = tracing.people[0]
    body = registration(person("Sara Tekle", sex="female"))
    body["people"].append({"role": "relative", "person": person("Yonas Tekle", sex="male")})
    other = hub.manager.post("cases", body, 201)
    with reading(hub.engine) as session:
        relative = session.scalars(
            select(CasePerson.person_id).where(CasePerson.case_id == UUID(other["id"]), CasePerson.role == "relative")
        ).one()
    _stands_in(hub, person_id, UUID(other["id"]), instead_of=relative)
    served = {"category": "food", "delivered_on": "2026-01-02", "people": [{"count": 1, "person": str(person_id)}]}
    hub.manager.post(f"cases/{tracing.id}/deeds/deliver_service", served, 200)
    transfer = offer(hub, tracing)
    step(hub.their_manager, transfer, "accept")
    (theirs,) = hub.their_manager.get(f"cases/{tracing.id}")["people"]
    assert theirs["id"] != str(person_id)
    assert theirs["person"]["names"][0]["full"] == "Yonas Tekle"
    (fed,) = (one for one in hub.their_manager.get(f"cases/{tracing.id}/timeline") if one["what"] == "deliver_service")
    assert [one["person"] for one in fed["facts"]["people"]] == [theirs["id"]], "history names it by its new id"
    ours = hub.manager.get(f"cases/{other['id']}")["people"]
    assert str(person_id) in {one["id"] for one in ours}
    bases = hub.their_manager.get(f"persons/{theirs['id']}/legal-bases")
    assert [one["basis"] for one in bases] == ["consent"]
    hub.manager.post(f"persons/{person_id}/objections", {"purpose": "sharing"}, 201)
    assert len(hub.their_manager.get(f"persons/{theirs['id']}/legal-bases")) == 1, "each holder hears its own"
    found = hub.their_manager.post("search", {"name": "Yonas Tekle"})["items"]
    assert {one["person_id"] for one in found} == {theirs["id"]}
    consents = [one for one in told_of(hub, tracing.id) if one == "consent.given"]
    assert len(consents) == 2, "the other services know the receiver's record"


def _stands_in(hub: Hub, person_id: UUID, case_id: UUID, *, instead_of: UUID) -> None:
    """One person in two cases, as an import or a later issue makes them."""
    with hub.engine.begin() as connection:
        part = CasePerson.__table__
        connection.execute(
            part.update().where(part.c.case_id == case_id, part.c.person_id == instead_of).values(person_id=person_id)
        )


def test_silence_leaves_the_case_where_it_is(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    transfer = offer(hub, case, urgency="high")
    hub.time_passes(utc_now() + timedelta(hours=5))
    assert hub.manager.get(f"referrals/{transfer['id']}")["reminded"]
    hub.time_passes(utc_now() + timedelta(days=2))
    assert hub.manager.get(f"referrals/{transfer['id']}")["state"] == "expired"
    step(hub.their_manager, transfer, "accept", 409)
    assert hub.manager.get(f"cases/{case.id}")["id"] == str(case.id)
    assert [one for one in told_of(hub, case.id) if one.startswith("transfer.")] == [
        *("transfer.offered", "transfer.overdue", "transfer.expired")
    ]


@pytest.mark.parametrize(("name", "reason"), [("decline", "not_our_mandate"), ("revoke", "we_keep_it")])
def test_what_is_declined_or_taken_back_stays(hub: Hub, name: str, reason: str) -> None:
    allow(hub)
    case = hub.submit()
    transfer = offer(hub, case)
    who = hub.their_manager if name == "decline" else hub.manager
    step(who, transfer, name, 409, reason="no_reason")
    assert step(who, transfer, name, reason=reason)["reason"] == reason
    assert hub.manager.get(f"cases/{case.id}")["id"] == str(case.id)
    hub.their_manager.get(f"cases/{case.id}", 404)
    offer(hub, case)


def test_a_case_goes_only_under_an_agreement_that_lets_the_whole_of_it_through(hub: Hub) -> None:
    hub.agree()
    case = hub.submit()
    assert "transfers" in offer(hub, case, 409)["detail"]
    allow(hub)
    hub.worker.post(f"cases/{case.id}/transfers", wish(hub), 403)
    transfer = offer(hub, case)
    assert transfer["fields"] == ["names", "sex"]
    hub.worker.post(f"cases/{case.id}/referrals", hub.asked(fields=["whole_file"]), 422)


def test_a_person_who_says_no_keeps_the_case_here_also_after_it_was_offered(hub: Hub) -> None:
    allow(hub)
    case = hub.submit(basis=None)
    assert "legal basis" in offer(hub, case, 409)["detail"].lower()
    hub.basis(case.people[0])
    transfer = offer(hub, case)
    hub.manager.post(f"persons/{case.people[0]}/objections", {"purpose": "sharing"}, 201)
    refused = step(hub.their_manager, transfer, "accept", 409)
    assert "ask the organisation" in refused["detail"]
    assert hub.manager.get(f"cases/{case.id}")["id"] == str(case.id)
    hub.their_manager.get(f"cases/{case.id}", 404)
    assert "transfer.accepted" not in told_of(hub, case.id)


def test_what_is_under_way_elsewhere_keeps_the_case_here(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    transfer = offer(hub, case)
    assert "under way" in offer(hub, case, 409)["detail"]
    referral = hub.offer(case.id)
    assert "ask the organisation" in step(hub.their_manager, transfer, "accept", 409)["detail"]
    step(hub.worker, referral, "revoke", reason="not_needed")
    step(hub.their_manager, transfer, "accept")


def test_a_request_a_hold_or_a_proposed_erasure_keeps_it_here(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    path = f"persons/{case.people[0]}"
    request = hub.manager.post(f"{path}/requests", {"kind": "copy", "received_on": "2026-01-02"}, 201)
    assert "request" in offer(hub, case, 409)["detail"]
    hub.manager.post(f"subject-requests/{request['id']}/answer", {"outcome": "done"})
    officer = hub.person(hub.sender, Role.DATA_PROTECTION_OFFICER)
    hold = officer.post(f"{path}/legal-holds", {"reason": "court_order"}, 201)
    assert "legal hold" in offer(hub, case, 409)["detail"]
    assert hold["reason"] == "court_order"
    officer._asked("DELETE", f"{path}/legal-holds", 200)
    hub.worker.post("erasures", {"person_id": str(case.people[0]), "reason": "entered_in_error"}, 201)
    assert "erasure" in offer(hub, case, 409)["detail"]


def test_what_was_shared_before_is_destroyed_with_its_keys(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    earlier = hub.offer(case.id)
    step(hub.theirs, earlier, "accept")
    step(hub.theirs, earlier, "complete", reason="service_given")
    assert hub.theirs.get(f"referrals/{earlier['id']}")["shared"]
    step(hub.their_manager, offer(hub, case), "accept")
    for who in (hub.theirs, hub.worker):
        seen = who.get(f"referrals/{earlier['id']}")
        assert (seen["shared"], seen["hidden_because"]) == (None, "transferred")


def test_the_receiver_erases_a_person_whom_it_took_over_everywhere(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    transfer = offer(hub, case)
    step(hub.theirs, transfer, "ask", text="Does he know?")
    step(hub.worker, transfer, "answer", text="Yes.")
    step(hub.their_manager, transfer, "accept")
    erasure = {"person_id": str(case.people[0]), "reason": "entered_in_error"}
    proposed = hub.theirs.post("erasures", erasure, 201)
    hub.their_manager.post(f"erasures/{proposed['id']}/approval")
    assert hub.their_manager.get(f"cases/{case.id}")["people"][0]["person"] is None
    texts = [one["text"] for one in hub.worker.get(f"referrals/{transfer['id']}")["history"]]
    assert texts == [None] * len(texts)
    with reading(hub.engine) as session:
        owners = data_key.c.owner_id.in_([case.id, *case.people])
        assert set(session.scalars(select(data_key.c.wrapped).where(owners))) == {None}
        assert session.scalars(select(Referral.wrapped)).all() == [None]
        assert session.scalars(select(NameKey.digest)).all() == []


def test_it_goes_on_to_a_third_organisation_and_comes_back(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    step(hub.their_manager, offer(hub, case), "accept")
    person_id = hub.their_manager.get(f"cases/{case.id}")["people"][0]["id"]
    back = {**wish(hub), "receiver_id": str(hub.sender.organisation_id)}
    basis = {"purpose": "sharing", "basis": "consent", "recipient_id": str(hub.sender.organisation_id)}
    hub.their_manager.post(f"persons/{person_id}/legal-bases", basis, 201)
    again = hub.their_manager.post(f"cases/{case.id}/transfers", back, 201)
    step(hub.manager, again, "accept")
    history = hub.manager.get(f"cases/{case.id}/timeline")
    assert [one["what"] for one in history] == ["submit", *("offer_transfer", "take_over") * 2]
    assert [one["former_holder_id"] for one in history] == [
        *[str(hub.sender.organisation_id)] * 2,
        *[str(hub.receiver.organisation_id)] * 2,
        None,
    ]
    hub.their_manager.get(f"cases/{case.id}", 404)


def test_a_case_that_the_receiver_knows_already_is_pointed_out(hub: Hub) -> None:
    allow(hub)
    own = hub.their_manager.post("cases", registration(person("Yonas Tekle", sex="male", birth={"year": 1990})), 201)
    case = hub.submit()
    step(hub.their_manager, offer(hub, case), "accept")
    (pair,) = hub.their_manager.get("duplicates")["items"]
    assert {pair["case"]["id"], pair["other"]["id"]} == {own["id"], str(case.id)}


def test_a_merged_duplicate_goes_along(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    duplicate = hub.submit(basis=None)
    same = [{"person": str(duplicate.people[0]), "same_as": str(case.people[0])}]
    hub.manager.post(f"cases/{case.id}/merge", {"duplicate": str(duplicate.id), "same_people": same})
    step(hub.their_manager, offer(hub, case), "accept")
    with reading(hub.engine) as session:
        assert set(session.scalars(select(Case.organisation_id))) == {hub.receiver.organisation_id}
        assert set(session.scalars(select(Person.organisation_id))) == {hub.receiver.organisation_id}
    hub.their_manager.post(f"cases/{duplicate.id}/undo-merge")
    assert hub.their_manager.get(f"cases/{duplicate.id}")["people"]


def test_nobody_else_sees_or_answers_it(hub: Hub) -> None:
    allow(hub)
    transfer = offer(hub, hub.submit())
    stranger = hub.person(hub.stranger, Role.CASE_MANAGER)
    stranger.get(f"referrals/{transfer['id']}", 404)
    step(stranger, transfer, "accept", 404)
    step(hub.manager, transfer, "accept", 403)
    step(hub.their_manager, transfer, "hand_over", 403)
