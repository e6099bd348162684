"""What a family does itself: the case's timeline says that it did, and the contact what it chose."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import update

from services.intake.casework.telling import MESSAGE_REASONS
from services.intake.commands.protection import approve_erasure, propose_erasure
from services.intake.domain import Case
from services.intake.queries.family import task_count
from shared.database import reading, utc_now, uuid7
from shared.events import (
    FamilyMessageStatusChanged,
    FamilyOptedIn,
    FamilyOptedOut,
    FamilyPreferencesChosen,
    FamilyReplied,
    ReplyText,
)
from shared.events.notify import MessageReason
from tests.intake.contacts.conftest import CONTACT, Desk

TEXT = "She is with cousin Quillfeather."


def opted(desk: Desk, contact: str) -> dict[str, Any]:
    return {**desk.about, "person_id": desk.enquirer, "contact_id": UUID(contact)}


def chosen(desk: Desk, contact: str, **more: Any) -> FamilyPreferencesChosen:
    given = {"language": "so", "fallbacks": ("ar", "fr", "en", "it"), "quiet_from": time(23), "quiet_to": time(6, 30)}
    return FamilyPreferencesChosen(**opted(desk, contact), **given | more)


def happened(desk: Desk) -> list[str]:
    return [one["what"] for one in desk.ask("GET", f"cases/{desk.case}/timeline")]


def test_stop_start_and_replies_stand_in_the_timeline_once_and_without_the_text(desk: Desk) -> None:
    made = desk.register()
    reply = FamilyReplied(
        **opted(desk, made["id"]), reply_id=uuid7(), channel="sms", intent="reply", sealed=ReplyText(text=TEXT)
    )
    stop, start = FamilyOptedOut(**opted(desk, made["id"])), FamilyOptedIn(**opted(desk, made["id"]))
    desk.notify.tells(stop, stop, reply, reply, start)
    assert happened(desk)[-4:] == ["register_contact", "family_stop", "family_replied", "family_start"]
    assert "Quillfeather" not in repr(desk.ask("GET", f"cases/{desk.case}/timeline"))


def test_what_the_family_chose_itself_is_shown_and_no_change_of_ours_touches_it(desk: Desk) -> None:
    made = desk.register()
    one = f"{desk.contacts}/{made['id']}"
    desk.notify.tells(chosen(desk, made["id"]))
    shown = desk.ask("GET", one)
    assert shown["chosen_at"] is not None
    kept = shown["contact"]
    assert (kept["language"], kept["fallbacks"]) == ("so", ["ar", "fr", "en"])
    assert (kept["quiet_from"], kept["quiet_to"], kept["alias"]) == ("23:00", "06:30", CONTACT["alias"])
    assert happened(desk)[-1] == "family_chose"
    desk.ask("PUT", one, CONTACT, If_Match='"2"')
    kept = desk.ask("GET", one)["contact"]
    assert (kept["language"], kept["quiet_from"], kept["time_zone"]) == ("so", "23:00", CONTACT["time_zone"])


def test_a_choice_about_a_contact_that_ended_or_is_not_known_changes_nothing(desk: Desk) -> None:
    made = desk.register()
    desk.ask("DELETE", f"{desk.contacts}/{made['id']}", If_Match='"1"')
    desk.notify.tells(chosen(desk, made["id"]), chosen(desk, str(uuid7())))
    assert desk.ask("GET", f"{desk.contacts}/{made['id']}")["contact"] is None
    assert happened(desk)[-1] == "withdraw_contact"


def test_a_choice_of_somebody_who_was_erased_is_not_kept(desk: Desk) -> None:
    made = desk.register()
    with desk.acting() as session:
        session.execute(update(Case).where(Case.id == desk.case).values(status="closed"))
        approve_erasure(
            session, desk.manager, propose_erasure(session, desk.worker, desk.enquirer, "subject_request").id
        )
    desk.notify.tells(chosen(desk, made["id"]))
    assert desk.ask("GET", f"{desk.contacts}/{made['id']}")["chosen_at"] is None


def test_why_a_message_waits_is_kept_and_those_that_wait_come_first(desk: Desk) -> None:
    told = [("held", "quiet_hours"), *[("delivered", None)] * 6, ("cancelled", "consent_withdrawn")]
    desk.notify.tells(
        *(
            FamilyMessageStatusChanged(
                **desk.about, notification_id=uuid7(), channel="sms", status=status, reason=reason
            )
            for status, reason in told
        )
    )
    shown = desk.ask("GET", f"cases/{desk.case}/family-messages")
    assert [(one["status"], one["reason"]) for one in shown[:3]] == [told[0], told[-1], ("delivered", None)]
    assert len(shown) == 6


def test_each_reason_has_words_for_the_case_worker() -> None:
    assert set(MESSAGE_REASONS) == set(MessageReason.__args__)  # type: ignore[attr-defined] # of a Literal


def test_replies_of_a_case_that_is_nobodys_are_counted_for_managers(desk: Desk) -> None:
    desk.notify.tells(
        FamilyReplied(**desk.about, person_id=desk.enquirer, contact_id=uuid7(), reply_id=uuid7(), channel="page")
    )
    with reading(desk.intake.engine) as session:
        counted = {actor: task_count(session, actor, utc_now()) for actor in (desk.manager, desk.worker)}
        assert counted == {desk.manager: 1, desk.worker: 0}
        assert task_count(session, desk.intake.other, utc_now()) == 0
