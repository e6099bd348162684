"""Notify's JSON interface, `/notify/v1`: what became of messages, languages that were approved, pauses."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.notify.commands.approvals import approve_language, withdraw_approval
from services.notify.commands.pauses import pause_channel, resume_channel
from services.notify.domain import ChannelPause
from services.notify.domain.statuses import Status
from services.notify.queries import staff
from services.notify.queries.page_texts import page_texts
from services.notify.schemas import (
    ApprovalIn,
    ApprovalOut,
    AttemptOut,
    LanguageList,
    LanguageOut,
    LanguageTextsOut,
    NotificationList,
    NotificationOut,
    NotificationStoryOut,
    PauseList,
    PauseOut,
    ReceiptOut,
    TextOut,
)
from services.notify.wording import LANGUAGES, samples
from shared.access import Actor, read_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.errors import NotFound
from shared.openapi import documented
from shared.web import bearer, json_body, validated

Credential = Annotated[str, Depends(bearer)]
_APPROVAL = TypeAdapter(ApprovalIn)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix="/notify/v1")
    _add_notifications(routes, engine, keys)
    _add_languages(routes, engine, keys)
    _add_pauses(routes, engine, keys)
    return routes


def _add_notifications(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/notifications")
    def list_notifications(
        credential: Credential,
        status: Status | None = None,
        before: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
    ) -> NotificationList:
        """The organisation's messages, to itself and to families, newest first; `before` is the `next` of a page."""
        with reading(engine) as session:
            page = staff.messages(session, read_token(keys, credential), status=status, before=before, limit=limit)
        items = [NotificationOut.model_validate(one) for one in page.messages]
        return NotificationList(items=items, next=page.following)

    @routes.get("/notifications/{notification_id}")
    def show_notification(notification_id: UUID, credential: Credential) -> NotificationStoryOut:
        """One message with its attempts, and what providers said of them. No address, and no text to a family."""
        with reading(engine) as session:
            story = staff.message(session, read_token(keys, credential), notification_id)
            message = NotificationOut.model_validate(story.message)
            return NotificationStoryOut(**message.model_dump(), tried=[_attempt(one) for one in story.attempts])


def _add_languages(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/languages")
    def list_languages(credential: Credential) -> LanguageList:
        """Every language of messages to families, and whether the organisation approved it as it is now."""
        with reading(engine) as session:
            found = staff.languages(session, read_token(keys, credential))
            return LanguageList(items=[_language(one) for one in found])

    @routes.get("/languages/{tag}")
    def show_language(tag: str, credential: Credential) -> LanguageTextsOut:
        """One language with every text as it goes out, filled with examples: what is read before it is approved."""
        with reading(engine) as session:
            shown = _language(staff.language(session, read_token(keys, credential), tag))
        return LanguageTextsOut(**shown.model_dump(), texts=_texts(tag), pages=list(page_texts(tag)))

    @routes.get("/languages/{tag}/approval")
    def show_approval(tag: str, credential: Credential) -> ApprovalOut:
        """Who approved the language, and when; 404 where nobody did."""
        with reading(engine) as session:
            return _approval(session, read_token(keys, credential), tag)

    @routes.put("/languages/{tag}/approval", openapi_extra=documented(ApprovalIn))
    def approve(tag: str, body: Annotated[object, Depends(json_body)], credential: Credential) -> ApprovalOut:
        """Let messages go out in this language from now on. 409 where the texts are not those of the digest."""
        actor = read_token(keys, credential)
        with transaction(engine) as session:
            approve_language(session, actor, tag, validated(_APPROVAL, body).digest, utc_now())
            return _approval(session, actor, tag)

    @routes.delete("/languages/{tag}/approval", status_code=204)
    def withdraw(tag: str, credential: Credential) -> Response:
        """Let nothing go out in this language from now on. The next approved one is used, or a person writes."""
        with transaction(engine) as session:
            withdraw_approval(session, read_token(keys, credential), tag)
        return Response(status_code=204)


def _add_pauses(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/pauses")
    def list_pauses(credential: Credential) -> PauseList:
        """The channels by which nothing goes out to families now."""
        with reading(engine) as session:
            found = staff.pauses(session, read_token(keys, credential))
            return PauseList(items=[PauseOut.model_validate(one) for one in found.values()])

    @routes.get("/pauses/{channel}")
    def show_pause(channel: str, credential: Credential) -> PauseOut:
        """Who paused the channel, and when; 404 where it is not paused."""
        with reading(engine) as session:
            return PauseOut.model_validate(_pause(session, read_token(keys, credential), channel))

    @routes.put("/pauses/{channel}")
    def pause(channel: str, credential: Credential) -> PauseOut:
        """Hold back what would go out by this channel. A pause that is there stays as it is."""
        actor = read_token(keys, credential)
        with transaction(engine) as session:
            pause_channel(session, actor, channel)
            return PauseOut.model_validate(_pause(session, actor, channel))

    @routes.delete("/pauses/{channel}", status_code=204)
    def resume(channel: str, credential: Credential) -> Response:
        """Let what was held back go out."""
        with transaction(engine) as session:
            resume_channel(session, read_token(keys, credential), channel)
        return Response(status_code=204)


def _attempt(tried: staff.Tried) -> AttemptOut:
    receipts = [ReceiptOut.model_validate(one) for one in tried.receipts]
    known = {name: getattr(tried.attempt, name) for name in AttemptOut.model_fields if name != "receipts"}
    return AttemptOut(**known, receipts=receipts)


def _language(reviewed: staff.ReviewedLanguage) -> LanguageOut:
    spoken = LANGUAGES[reviewed.tag]
    return LanguageOut(
        tag=reviewed.tag,
        name=spoken.name,
        direction=spoken.direction,
        digest=reviewed.digest,
        review=reviewed.review,
        approval=_approved(reviewed),
    )


def _texts(tag: str) -> list[TextOut]:
    return [
        TextOut(
            kind=kind,
            channel=channel,
            subject=rendered.subject,
            text=rendered.text,
            segments=rendered.size.segments if rendered.size is not None else None,
        )
        for kind, channel, rendered in samples(tag)
    ]


def _approval(session: Session, actor: Actor, tag: str) -> ApprovalOut:
    found = _approved(staff.language(session, actor, tag))
    if found is None:
        raise NotFound("Nobody approved this language.")
    return found


def _approved(reviewed: staff.ReviewedLanguage) -> ApprovalOut | None:
    approval = reviewed.approval
    if approval is None:
        return None
    return ApprovalOut(
        language=reviewed.tag,
        digest=approval.digest,
        reviewer_id=approval.reviewer_id,
        approved_at=approval.approved_at,
        in_force=reviewed.review == "approved",
    )


def _pause(session: Session, actor: Actor, channel: str) -> ChannelPause:
    found = staff.pauses(session, actor).get(channel)
    if found is None:
        raise NotFound("This channel is not paused.")
    return found
