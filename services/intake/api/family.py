"""What comes back of telling families: how far messages have come, replies, and what a case worker must do."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Engine

from services.intake import commands, queries
from services.intake.api.requests import Credential, actor_of
from services.intake.commands.family import finish_attention, finish_reply
from services.intake.queries.family import ReplyShown, attention_of, messages_of, replies_of
from services.intake.schemas.contacts import (
    AttentionOut,
    FamilyMessageOut,
    FamilyReplyOut,
    FamilyReplyRef,
)
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import reading, transaction


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.get("/cases/{case_id}/family-messages", response_model=list[FamilyMessageOut])
    def list_messages(case_id: UUID, credential: Credential) -> list[FamilyMessageOut]:
        """How far the newest messages to the family have come, newest first; never which they are."""
        with reading(engine) as session:
            case = queries.case(session, actor_of(session, keys, credential), case_id)
            return [FamilyMessageOut.model_validate(one) for one in messages_of(session, case)]

    @routes.get("/cases/{case_id}/family-replies", response_model=list[FamilyReplyOut])
    def list_replies(case_id: UUID, credential: Credential) -> list[FamilyReplyOut]:
        """What the family wrote, newest first; the view is recorded."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            found = replies_of(session, case)
            commands.note_view(session, actor, "contact", case.id, sorted({one.row.person_id for one in found}))
            return [_written(one) for one in found]

    @routes.post("/cases/{case_id}/family-replies/{reply_id}/done", response_model=FamilyReplyRef)
    def deal_with_reply(case_id: UUID, reply_id: UUID, credential: Credential) -> FamilyReplyRef:
        """What the family wrote was dealt with."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return FamilyReplyRef.model_validate(finish_reply(session, actor, case_id, reply_id))

    @routes.get("/cases/{case_id}/attention", response_model=list[AttentionOut])
    def list_attention(case_id: UUID, credential: Credential) -> list[AttentionOut]:
        """What a case worker must do, or did, so that the family is told; newest first."""
        with reading(engine) as session:
            case = queries.case(session, actor_of(session, keys, credential), case_id)
            return [AttentionOut.model_validate(one) for one in attention_of(session, case)]

    @routes.post("/cases/{case_id}/attention/{attention_id}/done", response_model=AttentionOut)
    def do_attention(case_id: UUID, attention_id: UUID, credential: Credential) -> AttentionOut:
        """It was done."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return AttentionOut.model_validate(finish_attention(session, actor, case_id, attention_id))

    return routes


def _written(reply: ReplyShown) -> FamilyReplyOut:
    """As its holder sees it."""
    return FamilyReplyOut(**FamilyReplyRef.model_validate(reply.row).model_dump(), text=reply.text)
