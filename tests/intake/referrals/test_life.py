"""The life of a referral in the words of those who work with it: one organisation that answers, one that is silent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.intake.casework import CASE_TYPES
from services.intake.domain import Case, PersonViewed
from shared.access import Role
from shared.database import reading, utc_now
from shared.events.envelope import Logged
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.tables import event_log
from tests.intake.people import person
from tests.intake.referrals.conftest import EVERY_FIELD, Hub, registration


def announced(hub: Hub) -> list[str]:
    """What other services learned of referrals."""
    with reading(hub.engine) as session:
        rows = session.scalars(select(event_log.c.type).order_by(event_log.c.ordinal))
        return [one for one in rows if one.startswith("referral.")]


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_service_is_asked_for_given_and_completed_and_the_case_stays_with_who_asked(hub: Hub) -> None:
    hub.agree()
    case = hub.submit()
    preview = hub.worker.post(f"cases/{case.id}/referrals/preview", hub.asked())
    assert preview["shared"] == {
        "people": [{"masked": False, "person": {"names": [{"full": "Yonas Tekle"}], "sex": "male", "marks": "A scar"}}]
    }
    assert hub.theirs.get("referrals")["items"] == [], "nothing is sent by looking"
    offered = hub.offer(case.id)
    assert (offered["state"], offered["reminded"]) == ("offered", False)
    (waiting,) = hub.theirs.get("referrals")["items"]
    assert waiting["reference"] == offered["reference"]
    assert waiting["case_id"] is None, "the sender's case is the sender's"
    path = f"referrals/{offered['id']}"
    assert hub.theirs.get(path)["shared"] == preview["shared"]
    hub.theirs.post(f"{path}/steps/acknowledge")
    hub.theirs.post(f"{path}/steps/ask", {"text": "Does he need an interpreter?"})
    assert hub.worker.get(path)["history"][-1]["text"] == "Does he need an interpreter?"
    hub.worker.post(f"{path}/steps/answer", {"text": "Yes, for Tigrinya."})
    assert hub.theirs.get(path)["possible"] == ["accept", "decline", "ask"]
    hub.theirs.post(f"{path}/steps/accept")
    hub.worker.post(f"{path}/steps/hand_over")
    done = hub.theirs.post(f"{path}/steps/complete", {"reason": "service_given"})
    assert (done["state"], done["reason"], done["due_at"]) == ("completed", "service_given", None)
    told = hub.worker.get(path)
    assert [one["what"] for one in told["history"]] == [
        *("offer", "acknowledge", "ask", "answer", "accept", "hand_over", "complete")
    ]
    assert [one["user_id"] is None for one in told["history"]] == [False, True, True, False, True, False, True]
    with reading(hub.engine) as session:
        assert session.get_one(Case, case.id).organisation_id == hub.sender.organisation_id
    assert announced(hub) == [
        "referral.offered",
        "referral.acknowledged",
        "referral.information_requested",
        "referral.information_given",
        "referral.accepted",
        "referral.handed_over",
        "referral.completed",
    ]
    assert hub.worker.get(f"cases/{case.id}/timeline")[-1]["what"] == "offer_referral"


def test_who_is_silent_is_reminded_and_then_it_goes_back(hub: Hub) -> None:
    hub.agree()
    offered = hub.offer(hub.submit().id, urgency="high")
    begun = when(offered["offered_at"])
    assert hub.time_passes(begun + timedelta(hours=3, minutes=59)) == 0
    assert hub.time_passes(begun + timedelta(hours=4)) == 1
    path = f"referrals/{offered['id']}"
    assert hub.worker.get(path)["reminded"]
    assert hub.time_passes(begun + timedelta(hours=23)) == 0
    assert hub.time_passes(begun + timedelta(days=1)) == 1
    assert hub.time_passes(begun + timedelta(days=30)) == 0
    gone = hub.theirs.get(path)
    assert (gone["state"], gone["shared"], gone["hidden_because"], gone["possible"]) == ("expired", None, "over", [])
    hub.theirs.post(f"{path}/steps/accept", status=409)
    assert hub.worker.get(path)["shared"] is not None, "the sender sees what it had shared"
    assert announced(hub) == ["referral.offered", "referral.overdue", "referral.expired"]


def test_an_answer_gives_the_receiver_its_time_anew_and_a_silent_sender_loses_it(hub: Hub) -> None:
    hub.agree()
    offered = hub.offer(hub.submit().id, urgency="high")
    path = f"referrals/{offered['id']}"
    asked = hub.theirs.post(f"{path}/steps/ask", {"text": "Who comes with him?"})
    assert when(asked["due_at"]) == when(offered["offered_at"]) + timedelta(days=1)
    answered = hub.worker.post(f"{path}/steps/answer", {"text": "Nobody."})
    assert when(answered["due_at"]) > when(asked["due_at"])
    hub.theirs.post(f"{path}/steps/ask", {"text": "Since when?"})
    assert hub.time_passes(utc_now() + timedelta(days=2)) == 1
    assert hub.worker.get(path)["state"] == "expired"


@pytest.mark.parametrize(
    ("name", "reason", "by"), [("decline", "no_capacity", "theirs"), ("revoke", "person_declined", "worker")]
)
def test_a_refusal_has_a_reason_and_shows_no_more(hub: Hub, name: str, reason: str, by: str) -> None:
    hub.agree()
    path = f"referrals/{hub.offer(hub.submit().id)['id']}"
    who = getattr(hub, by)
    assert "no_capacity" in who.post(f"{path}/steps/{name}", status=409)["detail"] or by == "worker"
    who.post(f"{path}/steps/{name}", {"reason": "because"}, 409)
    assert who.post(f"{path}/steps/{name}", {"reason": reason})["reason"] == reason
    shown = hub.theirs.get(path)
    assert (shown["shared"], shown["hidden_because"]) == (None, "over")
    assert [one["text"] for one in shown["history"]] == [None, None]


def test_each_side_does_its_own_and_a_step_twice_is_refused(hub: Hub) -> None:
    hub.agree()
    path = f"referrals/{hub.offer(hub.submit().id)['id']}"
    hub.worker.post(f"{path}/steps/accept", status=403)
    hub.theirs.post(f"{path}/steps/revoke", {"reason": "not_needed"}, 403)
    hub.theirs.post(f"{path}/steps/hand_over", status=403)
    hub.theirs.post(f"{path}/steps/nothing", status=404)
    hub.theirs.post(f"{path}/steps/accept", **{"If-Match": '"7"'}, status=412)
    hub.theirs.post(f"{path}/steps/accept", **{"If-Match": '"1"', "Idempotency-Key": "a"})
    hub.theirs.post(f"{path}/steps/accept", **{"If-Match": '"1"', "Idempotency-Key": "a"})
    assert "complete" in hub.theirs.post(f"{path}/steps/accept", status=409)["detail"]
    hub.theirs.post(f"{path}/steps/ask", {"text": "?"}, 409)


def test_nobody_else_sees_it(hub: Hub) -> None:
    hub.agree()
    path = f"referrals/{hub.offer(hub.submit().id)['id']}"
    stranger = hub.person(hub.stranger, Role.CASE_WORKER)
    stranger.get(path, 404)
    stranger.post(f"{path}/steps/accept", status=404)
    assert stranger.get("referrals")["items"] == stranger.get("referrals?box=out&over=true")["items"] == []
    assert stranger.get("agreements") == []


def test_nothing_crosses_without_an_agreement_that_covers_it(hub: Hub) -> None:
    case = hub.submit()
    refused: dict[str, Any] = hub.worker.post(f"cases/{case.id}/referrals", hub.asked(), 409)
    assert "agreement" in refused["detail"]
    agreement = hub.agree(purposes=["tracing"], countries=["LBY"])
    hub.worker.post(f"cases/{case.id}/referrals", hub.asked(country="LBY"), 409)
    hub.agree(countries=["LBY"], fields=["sex", "facts"])
    hub.worker.post(f"cases/{case.id}/referrals", hub.asked(), 409)
    hub.worker.post(f"cases/{case.id}/referrals", hub.asked(country="ITA"), 409)
    hub.worker.post(f"cases/{case.id}/referrals", hub.asked(country="LBY", fields=["names"]), 409)
    offered = hub.worker.post(f"cases/{case.id}/referrals", hub.asked(country="LBY"), 201)
    assert offered["fields"] == ["sex"]
    assert hub.theirs.get(f"referrals/{offered['id']}")["shared"]["people"] == [
        {"masked": False, "person": {"sex": "male"}}
    ]
    hub.manager.post(f"agreements/{agreement['id']}/end")


def test_an_agreement_that_is_ended_or_not_signed_lets_nothing_through_and_hides_what_was_shared(hub: Hub) -> None:
    case = hub.submit()
    proposal = hub.manager.post(
        "agreements",
        {
            "partner_id": str(hub.receiver.organisation_id),
            "purposes": ["assistance"],
            "fields": list(EVERY_FIELD),
            "valid_from": "2020-01-01",
        },
        201,
    )
    hub.worker.post(f"cases/{case.id}/referrals", hub.asked(), 409)
    hub.manager.post(f"agreements/{proposal['id']}/signature", status=409)
    hub.their_manager.post(f"agreements/{proposal['id']}/end", status=409)
    hub.theirs.post(f"agreements/{proposal['id']}/signature", status=403)
    assert hub.their_manager.post(f"agreements/{proposal['id']}/signature")["state"] == "in_force"
    path = f"referrals/{hub.offer(case.id)['id']}"
    assert hub.theirs.get(path)["shared"] is not None
    hub.their_manager.post(f"agreements/{proposal['id']}/end")
    assert hub.theirs.get(path)["hidden_because"] == "agreement_over"
    hub.worker.post(f"cases/{case.id}/referrals", hub.asked(), 409)
    hub.worker.post(f"{path}/update", status=409)


def test_nothing_crosses_without_a_legal_basis_and_a_no_hides_what_was_shared_at_once(hub: Hub) -> None:
    hub.agree()
    case = hub.submit(basis=None)
    refused = hub.worker.post(f"cases/{case.id}/referrals", hub.asked(), 409)
    assert refused["detail"] == "No legal basis is recorded for this purpose and recipient."
    hub.basis(case.people[0])
    path = f"referrals/{hub.offer(case.id)['id']}"
    assert hub.theirs.get(path)["shared"] is not None
    hub.worker.post(f"persons/{case.people[0]}/objections", {"purpose": "sharing"}, 201)
    hidden = hub.theirs.get(path)
    assert (hidden["shared"], hidden["hidden_because"], hidden["state"]) == (None, "objected", "offered")
    hub.basis(case.people[0])
    assert hub.theirs.get(path)["shared"] is not None
    hub.worker.post(f"cases/{case.id}/referrals/preview", hub.asked())


def test_what_was_shared_stays_as_it_was_sent_until_the_sender_brings_it_up_to_date(hub: Hub) -> None:
    hub.agree()
    case = hub.submit()
    path = f"referrals/{hub.offer(case.id)['id']}"
    body = {"role": "registered", "person": person("Yonas Tekle", sex="male", marks="Two scars", occupation="Baker")}
    hub.client.put(
        f"/intake/v1/cases/{case.id}/people/{case.people[0]}",
        json=body,
        headers={"Authorization": f"Bearer {hub.worker.token}", "If-Match": "*"},
    ).raise_for_status()
    assert hub.theirs.get(path)["shared"]["people"][0]["person"]["marks"] == "A scar"
    hub.theirs.post(f"{path}/update", status=403)
    hub.worker.post(f"{path}/update", {"note": "He comes on Monday."})
    shared = hub.theirs.get(path)["shared"]
    assert shared["people"][0]["person"] == {"names": [{"full": "Yonas Tekle"}], "sex": "male", "marks": "Two scars"}
    assert shared["note"] == "He comes on Monday."
    hub.theirs.post(f"{path}/steps/accept")
    hub.theirs.post(f"{path}/steps/complete", {"reason": "service_given"})
    hub.worker.post(f"{path}/update", status=409)


def test_each_look_is_recorded_by_the_organisation_that_looked(hub: Hub) -> None:
    hub.agree()
    case = hub.submit()
    offered = hub.offer(case.id)
    hub.theirs.get(f"referrals/{offered['id']}")
    with reading(hub.engine) as session:
        seen = session.scalars(
            select(PersonViewed).where(PersonViewed.organisation_id == hub.receiver.organisation_id)
        ).all()
    assert [(one.case_id, one.person_id, one.purpose) for one in seen] == [(case.id, case.people[0], "referral")]


def test_a_minor_is_shown_by_initials_and_third_persons_only_where_the_agreement_says_so(hub: Hub) -> None:
    hub.agree()
    child = registration(person("Aster Canary", birth={"year": 2016, "month": 5, "day": 3}, sex="female"))
    child["people"].append({"role": "relative", "person": person("Halima Canary", sex="female", occupation="Baker")})
    case = hub.submit(child)
    offered = hub.offer(case.id, fields=["names", "birth", "occupation"])
    (shown,) = hub.theirs.get(f"referrals/{offered['id']}")["shared"]["people"]
    assert shown["person"] == {"names": [{"full": "A. C."}], "birth": {"year": 2016, "estimated": True}}
    offered = hub.offer(case.id, fields=["names", "third_persons"])
    shown, third = hub.theirs.get(f"referrals/{offered['id']}")["shared"]["people"]
    assert third == {
        "masked": True,
        "age_band": "unknown",
        "person": {"names": [{"full": "H. C."}], "sex": "female"},
    }


def test_no_event_tells_of_whom_or_what(hub: Hub) -> None:
    hub.agree()
    offered = hub.offer(hub.submit().id, note="Ask for the canary at the gate.")
    hub.theirs.post(f"referrals/{offered['id']}/steps/ask", {"text": "Which canary?"})
    with reading(hub.engine) as session:
        for kind, *parts in session.execute(select(event_log.c.type, *PART_COLUMNS)).all():
            logged: Logged[Any] = Logged("intake", 0, 0, b"", b"", parts_of(tuple(parts)), hub.keys)
            if kind.startswith("referral."):
                opened = hub.keys.decrypt(
                    logged.header["keyid"], logged.parts.nonce, logged.parts.payload, logged.parts.header.encode()
                )
                assert b"canary" not in opened.lower()
                assert b"Tekle" not in opened


def test_a_referral_on_the_hub_is_not_the_recorded_referral_that_a_protection_incident_needs(hub: Hub) -> None:
    """That one asks for the survivor's own agreement; a referral here may rest on another legal basis."""
    names = {step.name for kind in CASE_TYPES.values() for step in kind.life_cycle.steps}
    hub.agree()
    case = hub.submit()
    hub.offer(case.id)
    assert hub.worker.get(f"cases/{case.id}/timeline")[-1]["what"] not in names
