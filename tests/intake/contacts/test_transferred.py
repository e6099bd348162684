"""A case that is handed to another organisation: its family is reached by the old contacts no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.intake.domain import Attention, FamilyReply
from shared.database import transaction, utc_now, uuid7
from shared.events import AttentionRequested, FamilyReplied, ReplyText
from tests.databases import Databases
from tests.intake.contacts.conftest import CONTACT, Notify
from tests.intake.people import person
from tests.intake.referrals.conftest import Hub, registration
from tests.intake.referrals.test_transfer import allow, offer, step, told_of


def test_contacts_end_with_the_acceptance_and_what_the_family_wrote_goes_along(hub: Hub, database: Databases) -> None:
    allow(hub)
    case = hub.submit(registration(person("Yonas Tekle")))
    (yonas,) = case.people
    hub.manager.post(f"persons/{yonas}/legal-bases", {"purpose": "notification", "basis": "consent"}, 201)
    body: dict[str, Any] = {**CONTACT, "person_id": str(yonas)}
    contact = hub.manager.post(f"cases/{case.id}/family-contacts", body, 201)
    about: dict[str, Any] = {"organisation_id": hub.sender.organisation_id, "case_id": case.id}
    notify = Notify(database("notify"), hub.engine, hub.keys)
    reply = FamilyReplied(
        **about,
        person_id=yonas,
        contact_id=UUID(contact["id"]),
        reply_id=uuid7(),
        channel="page",
        sealed=ReplyText(text="We have moved."),
    )
    notify.tells(reply, AttentionRequested(**about, request_id=uuid7(), reason="not_delivered", due_by=utc_now()))
    step(hub.their_manager, offer(hub, case), "accept")
    assert "family_contact.withdrawn" in told_of(hub, case.id)
    assert hub.their_manager.get(f"cases/{case.id}/family-contacts") == []
    (shown,) = hub.their_manager.get(f"cases/{case.id}/family-replies")
    assert shown["text"] == "We have moved."
    assert [one["done_at"] is not None for one in hub.their_manager.get(f"cases/{case.id}/attention")] == [True]
    hub.manager.get(f"cases/{case.id}/family-contacts/{contact['id']}", 404)
    late = reply.model_copy(update={"reply_id": uuid7(), "sealed": ReplyText(text="Still here?")})
    notify.tells(late)
    with transaction(hub.engine) as session:
        holders = set(session.scalars(select(FamilyReply.organisation_id)))
        holders |= set(session.scalars(select(Attention.organisation_id)))
    assert holders == {hub.receiver.organisation_id}
    assert len(hub.their_manager.get(f"cases/{case.id}/family-replies")) == 2
