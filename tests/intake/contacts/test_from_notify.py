"""What notify tells intake of families: replies, opt-outs, tasks, statuses, complaints."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.intake.commands.family import finish_complaint
from services.intake.commands.protection import approve_erasure, propose_erasure
from services.intake.domain import Attention, Case, Complaint, FamilyMessage, FamilyReply, Person, User
from services.intake.queries import complaints
from services.intake.queries.family import tasks
from services.intake.subscribers import PROJECTED
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now, uuid7
from shared.errors import NotAllowed, NotFound
from shared.events import (
    AttentionRequested,
    ComplaintReceived,
    ComplaintText,
    FamilyMessageStatusChanged,
    FamilyOptedIn,
    FamilyOptedOut,
    FamilyReplied,
    ReplyText,
)
from shared.messaging.log import blank_events, record
from shared.messaging.rebuild import rebuild
from tests.intake.contacts.conftest import CONTACT, Desk

TEXT = "She is with cousin Quillfeather at the harbour."
DAY = timedelta(days=1)


def replied(desk: Desk, **more: Any) -> FamilyReplied:
    given: dict[str, Any] = {"contact_id": uuid7(), "reply_id": uuid7(), "channel": "sms", "intent": "safe"} | more
    return FamilyReplied(**desk.about, person_id=desk.enquirer, sealed=ReplyText(text=TEXT), **given)


def requested(desk: Desk, **more: Any) -> AttentionRequested:
    given: dict[str, Any] = {"request_id": uuid7(), "reason": "not_delivered", "due_by": utc_now() + DAY} | more
    return AttentionRequested(**desk.about, **given)


def waiting(desk: Desk, actor: Actor) -> list[UUID]:
    with reading(desk.intake.engine) as session:
        return [task.of.id for task in tasks(session, actor, utc_now())]


def assign(desk: Desk, user_id: UUID | None) -> None:
    with desk.acting() as session:
        session.execute(update(Case).where(Case.id == desk.case).values(assigned_to=user_id))


def test_a_reply_is_read_by_who_works_on_the_case_until_it_is_dealt_with(desk: Desk) -> None:
    assign(desk, desk.worker.user_id)
    reply = replied(desk)
    desk.notify.tells(reply)
    (shown,) = desk.ask("GET", f"cases/{desk.case}/family-replies")
    assert (shown["text"], shown["intent"], shown["channel"]) == (TEXT, "safe", "sms")
    assert waiting(desk, desk.worker) == [reply.reply_id]
    done = desk.ask("POST", f"cases/{desk.case}/family-replies/{reply.reply_id}/done")
    assert done["done_by"] == str(desk.worker.user_id)
    again = desk.ask("POST", f"cases/{desk.case}/family-replies/{reply.reply_id}/done", actor=desk.manager)
    assert again["done_by"] == str(desk.worker.user_id)
    assert waiting(desk, desk.worker) == []
    *_, last = desk.ask("GET", f"cases/{desk.case}/timeline")
    assert last["what"] == "finish_reply"


def test_a_reply_is_kept_encrypted_and_gone_when_anybody_of_the_case_is_erased(desk: Desk) -> None:
    desk.notify.tells(replied(desk))
    with reading(desk.intake.engine) as session:
        assert "Quillfeather" not in repr(session.scalars(select(FamilyReply.sealed)).all())
    with desk.acting() as session:
        session.execute(update(Case).where(Case.id == desk.case).values(status="closed"))
        erasure = propose_erasure(session, desk.worker, desk.sought, "subject_request")
        approve_erasure(session, desk.manager, erasure.id)
    (shown,) = desk.ask("GET", f"cases/{desk.case}/family-replies")
    assert shown["text"] is None
    with reading(desk.intake.engine) as session:
        assert session.scalars(select(FamilyReply.sealed)).all() == [None]


def test_a_reply_that_was_erased_on_its_way_is_not_read(desk: Desk) -> None:
    reply = replied(desk)
    with transaction(desk.notify.engine) as session:
        record(session, reply)
        blank_events(session, desk.enquirer)
    desk.notify.tells(requested(desk))
    assert desk.ask("GET", f"cases/{desk.case}/family-replies") == []


def test_nobody_else_learns_of_replies_and_tasks(desk: Desk) -> None:
    reply, asked = replied(desk), requested(desk)
    desk.notify.tells(reply, asked)
    for path in ("family-replies", "attention", "family-messages"):
        desk.ask("GET", f"cases/{desk.case}/{path}", actor=desk.intake.other, status=404)
    for path in (f"family-replies/{reply.reply_id}/done", f"attention/{asked.request_id}/done"):
        desk.ask("POST", f"cases/{desk.case}/{path}", actor=desk.intake.other, status=404)
        desk.ask("POST", f"cases/{desk.case}/{path}", actor=desk.officer, status=403)
    desk.ask("POST", f"cases/{desk.case}/attention/{reply.reply_id}/done", status=404)
    desk.ask("POST", f"cases/{desk.case}/family-replies/{asked.request_id}/done", status=404)
    assert waiting(desk, desk.intake.other) == []


def test_a_task_is_the_workers_and_a_managers_once_it_is_overdue_or_nobodys(desk: Desk) -> None:
    early, late = requested(desk), requested(desk, due_by=utc_now() - DAY, reason="call_the_family")
    desk.notify.tells(early, late)
    assert waiting(desk, desk.manager) == [late.request_id, early.request_id]
    assert waiting(desk, desk.worker) == []
    assign(desk, desk.worker.user_id)
    assert waiting(desk, desk.manager) == [late.request_id]
    assert waiting(desk, desk.worker) == [late.request_id, early.request_id]
    shown = desk.ask("GET", f"cases/{desk.case}/attention")
    assert {(one["reason"], one["overdue"]) for one in shown} == {("not_delivered", False), ("call_the_family", True)}
    for one in (late, early):
        assert desk.ask("POST", f"cases/{desk.case}/attention/{one.request_id}/done")["done_at"]
    assert waiting(desk, desk.worker) == waiting(desk, desk.manager) == []


def test_an_opt_out_stands_through_a_change_until_the_family_wants_messages_again(desk: Desk) -> None:
    made = desk.register()
    one = f"{desk.contacts}/{made['id']}"
    opted = {**desk.about, "person_id": desk.enquirer, "contact_id": UUID(made["id"])}
    desk.notify.tells(FamilyOptedOut(**opted))
    desk.ask("PUT", one, CONTACT, status=412, If_Match='"1"')
    desk.ask("PUT", one, CONTACT, If_Match='"2"')
    assert desk.ask("GET", one)["opted_out_at"] is not None
    desk.notify.tells(FamilyOptedIn(**opted))
    assert desk.ask("GET", one)["opted_out_at"] is None


def test_how_far_messages_have_come_is_shown_and_built_anew_from_the_facts(desk: Desk) -> None:
    one, other = uuid7(), uuid7()
    for message, status in ((one, "sending"), (other, "created"), (one, "delivered")):
        desk.notify.tells(
            FamilyMessageStatusChanged(**desk.about, notification_id=message, channel="sms", status=status)
        )
    shown = desk.ask("GET", f"cases/{desk.case}/family-messages")
    assert [(row["id"], row["status"]) for row in shown] == [(str(one), "delivered"), (str(other), "created")]
    with transaction(desk.intake.engine) as session:
        session.execute(update(FamilyMessage).values(status="lost"))
    assert rebuild(desk.notify.consumer, PROJECTED).rows["family_message"] == 2
    assert desk.ask("GET", f"cases/{desk.case}/family-messages") == shown


def complained(desk: Desk, **more: Any) -> ComplaintReceived:
    given: dict[str, Any] = {"complaint_id": uuid7(), "about": "staff", "case_id": desk.case} | more
    own = desk.worker.organisation_id
    return ComplaintReceived(organisation_id=own, sealed=ComplaintText(text=TEXT), **given)


def read_by(desk: Desk, actor: Actor) -> list[str | None]:
    with reading(desk.intake.engine) as session:
        return [one.text for one in complaints.complaints(session, actor)]


def test_a_complaint_is_read_by_managers_and_the_data_protection_officer_alone(desk: Desk) -> None:
    desk.notify.tells(complained(desk, case_id=None))
    assert read_by(desk, desk.manager) == read_by(desk, desk.officer) == [TEXT]
    stranger = Actor(desk.intake.other.organisation_id, roles=desk.manager.roles, user_id=uuid7())
    assert read_by(desk, stranger) == []
    system = Actor(desk.worker.organisation_id, roles=desk.manager.roles)
    for actor in (desk.worker, system):
        with pytest.raises(NotAllowed):
            read_by(desk, actor)
    with reading(desk.intake.engine) as session:
        assert "Quillfeather" not in repr(session.execute(select(Complaint.sealed)).all())


def test_a_manager_does_not_read_what_is_said_of_a_case_that_is_or_was_its_own(desk: Desk) -> None:
    assign(desk, desk.manager.user_id)
    complaint = complained(desk)
    desk.notify.tells(complaint, complained(desk, case_id=None))
    assert read_by(desk, desk.manager) == [TEXT]
    assert read_by(desk, desk.officer) == [TEXT, TEXT]
    assign(desk, None)
    assert read_by(desk, desk.manager) == [TEXT]
    with desk.acting() as session, pytest.raises(NotFound):
        finish_complaint(session, desk.manager, complaint.complaint_id)
    second = Actor(desk.worker.organisation_id, roles=frozenset({Role.CASE_MANAGER}), user_id=uuid7())
    assert read_by(desk, second) == [TEXT, TEXT]
    with desk.acting() as session:
        assert complaints.waiting(session, second) == 2
        finish_complaint(session, second, complaint.complaint_id)
        assert complaints.waiting(session, second) == 1


def test_a_complaint_about_a_case_is_gone_when_somebody_of_it_is_erased(desk: Desk) -> None:
    desk.notify.tells(complained(desk))
    with desk.acting() as session:
        session.execute(update(Case).where(Case.id == desk.case).values(status="closed"))
        erasure = propose_erasure(session, desk.worker, desk.sought, "subject_request")
        approve_erasure(session, desk.manager, erasure.id)
    assert read_by(desk, desk.officer) == [None]


def test_what_is_told_twice_is_kept_once(desk: Desk) -> None:
    reply, asked, complaint = replied(desk), requested(desk), complained(desk)
    desk.notify.tells(reply, asked, complaint)
    desk.ask("POST", f"cases/{desk.case}/attention/{asked.request_id}/done")
    desk.notify.tells(reply, asked, complaint)
    with reading(desk.intake.engine) as session:
        found = {one.__tablename__: len(session.scalars(select(one)).all()) for one in (FamilyReply, Complaint)}
        assert found == {"family_reply": 1, "complaint": 1}
        assert session.scalars(select(Attention.done_at)).one() is not None


def test_a_reply_that_was_under_way_when_somebody_was_erased_is_not_kept(desk: Desk) -> None:
    reply, complaint = replied(desk), complained(desk)
    with desk.acting() as session:
        person = session.get_one(Person, desk.sought)
        person.erased_at = utc_now() + timedelta(seconds=1)
    desk.notify.tells(reply, complaint)
    with reading(desk.intake.engine) as session:
        assert session.scalars(select(FamilyReply.sealed)).all() == [None]
        assert session.scalars(select(Complaint.sealed)).all() == [None]


def test_a_reply_to_a_case_that_is_not_known_here_waits_and_keeps_nothing_else_back(desk: Desk) -> None:
    """This database was restored from before the case."""
    unknown = replied(desk).model_copy(update={"case_id": uuid7(), "reply_id": uuid7()})
    with pytest.raises(AssertionError, match=str(unknown.case_id)):  # what `tells` says of a hold
        desk.notify.tells(unknown, replied(desk))
    with reading(desk.intake.engine) as session:
        assert len(session.scalars(select(FamilyReply)).all()) == 1


def test_whoever_ever_worked_on_a_case_reads_no_complaint_of_it_named_or_not(desk: Desk) -> None:
    desk.ask("POST", f"cases/{desk.case}/deeds/add_note", {"note": "a note"})
    worker_as_manager = replace(desk.worker, roles=desk.manager.roles)
    named = complained(desk)
    sealed = ComplaintText(text=TEXT, not_for_workers_of=desk.case)
    unnamed = complained(desk, case_id=None).model_copy(update={"complaint_id": uuid7(), "sealed": sealed})
    desk.notify.tells(named, unnamed)
    assert read_by(desk, worker_as_manager) == []
    assert read_by(desk, desk.manager) == [TEXT, TEXT]


def test_a_task_about_a_former_holders_message_is_no_business_of_who_holds_the_case_now(desk: Desk) -> None:
    desk.notify.tells(requested(desk).model_copy(update={"organisation_id": desk.intake.other.organisation_id}))
    with reading(desk.intake.engine) as session:
        assert session.scalars(select(Attention)).all() == []


def test_a_complaint_that_nobody_may_read_is_counted_for_those_who_can_have_a_reader_named(desk: Desk) -> None:
    with desk.acting() as session:
        session.execute(update(User).values(disabled_at=utc_now()))
        alone = User(
            id=desk.manager.user_id,
            organisation_id=desk.manager.organisation_id,
            sign_in_name="alone@example.org",
            display_name="Alone",
            roles=[Role.CASE_MANAGER],
            created_at=utc_now(),
        )
        session.merge(alone).disabled_at = None
    assign(desk, desk.manager.user_id)
    sealed = ComplaintText(text=TEXT, not_for_workers_of=desk.case)
    desk.notify.tells(complained(desk), complained(desk, case_id=None).model_copy(update={"sealed": sealed}))
    with reading(desk.intake.engine) as session:
        assert complaints.complaints(session, desk.manager) == []
        assert complaints.readable_by_nobody(session, desk.manager) == 2
    with desk.acting() as session:
        officer = session.get_one(User, desk.manager.user_id)
        session.add(
            User(
                id=uuid7(),
                organisation_id=officer.organisation_id,
                sign_in_name="officer@example.org",
                display_name="Officer",
                roles=[Role.DATA_PROTECTION_OFFICER],
                language="en",
                created_at=utc_now(),
            )
        )
    with reading(desk.intake.engine) as session:
        assert complaints.readable_by_nobody(session, desk.manager) == 0
