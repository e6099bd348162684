"""A case that is handed over keeps its answers, and they are read there; the new holder's questions are others."""

from __future__ import annotations

from tests.intake.own_fields.conftest import BEDS, SHELTER, ask, define, met, schema
from tests.intake.referrals.conftest import Hub
from tests.intake.referrals.test_transfer import allow, offer, step


def test_answers_go_over_with_the_case_and_are_read_without_the_schema_of_who_asked(hub: Hub) -> None:
    define(hub.manager, schema(shelter=SHELTER, beds=BEDS))
    allow(hub)
    case = hub.submit(met(shelter="tent", beds=3))
    transfer = offer(hub, case)
    assert "own" not in hub.theirs.get(f"referrals/{transfer['id']}")["shared"], "offered, it is no more than ticked"
    step(hub.their_manager, transfer, "accept")
    path = f"cases/{case.id}"
    own = hub.their_manager.get(path)["own"]
    assert own == {"version": 1, "answers": {"shelter": "tent", "beds": 3}, "earlier": []}
    ask(hub.their_manager, "PATCH", f"{path}/own", {"beds": 4}, 409)
    define(hub.their_manager, schema(beds=BEDS))
    ask(hub.their_manager, "PATCH", f"{path}/own", {"beds": 4})
    own = hub.their_manager.get(path)["own"]
    assert own["answers"] == {"beds": 4}
    earlier = [(one["name"], one["title"], one["value"]) for one in own["earlier"]]
    assert earlier == [("shelter", "Where does the person sleep?", "tent"), ("beds", "Beds needed", 3)]


def test_who_took_a_case_over_shares_no_answers_to_questions_of_the_other(hub: Hub) -> None:
    define(hub.manager, schema(beds=BEDS))
    define(hub.their_manager, schema(beds=BEDS))
    allow(hub)
    case = hub.submit(met(beds=3))
    step(hub.their_manager, offer(hub, case), "accept")
    terms = {"purposes": ["assistance"], "valid_from": "2020-01-01", "fields": ["sex", "own:registration.beds"]}
    back = {"partner_id": str(hub.sender.organisation_id), **terms}
    agreement = hub.their_manager.post("agreements", back, 201)
    hub.manager.post(f"agreements/{agreement['id']}/signature")
    basis = {"purpose": "sharing", "basis": "consent", "recipient_id": str(hub.sender.organisation_id)}
    for one in case.people:
        hub.their_manager.post(f"persons/{one}/legal-bases", basis, 201)
    asked = hub.asked(receiver_id=str(hub.sender.organisation_id), fields=terms["fields"])
    preview = hub.theirs.post(f"cases/{case.id}/referrals/preview", asked)
    assert "own" not in preview["shared"]
    ask(hub.their_manager, "PATCH", f"cases/{case.id}/own", {"beds": 5})
    preview = hub.theirs.post(f"cases/{case.id}/referrals/preview", asked)
    assert [one["value"] for one in preview["shared"]["own"]] == [5]
