"""Which languages an organisation lets its messages go out in: what somebody read and approved, as it was read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from services.notify.commands.deeds import note_deed
from services.notify.domain import LanguageApproval
from services.notify.queries.staff import present_digest
from services.notify.wording import LANGUAGES
from shared.access import Act, Actor, require
from shared.database import put_row, table_of, utc_now
from shared.errors import Conflict, NotAllowed, NotFound


def approve_language(session: Session, actor: Actor, language: str, digest: str, now: datetime) -> None:
    """Let the organisation's messages go out in this language, as the texts are.

    `digest` is that of the texts that were read (`wording.digest_of`). Raises `Conflict` where they have changed since,
    `NotFound` for a language that has no texts, `NotAllowed` for whoever may not, and for a system: it cannot read.
    """
    require(actor, Act.APPROVE_LANGUAGES)
    if actor.user_id is None:
        raise NotAllowed("A person reads the texts and approves them: sign in.")
    if digest != present_digest(known(language)):
        raise Conflict("The texts changed while you read: read them again.")
    approval = {"digest": digest, "reviewer_id": actor.user_id, "approved_at": now}
    put_row(
        session,
        table_of(LanguageApproval),
        organisation_id=actor.organisation_id,
        language=language,
        **approval,
    )
    note_deed(session, actor, "approved", language, now)


def withdraw_approval(session: Session, actor: Actor, language: str) -> None:
    """From now on nothing goes out in this language for the organisation. Once more changes nothing."""
    require(actor, Act.APPROVE_LANGUAGES)
    own = LanguageApproval.organisation_id == actor.organisation_id
    theirs = delete(LanguageApproval).where(own, LanguageApproval.language == known(language))
    if session.scalar(theirs.returning(LanguageApproval.language)) is not None:
        note_deed(session, actor, "withdrawn", language, utc_now())


def approved_languages(session: Session, organisation_id: UUID) -> list[str]:
    """What the organisation's messages may go out in, in the order of `LANGUAGES`."""
    return in_order(approved_by(session, (organisation_id,))[organisation_id])


def approved_anywhere(session: Session) -> list[str]:
    """What any organisation approved, in the order of `LANGUAGES`: for pages that nobody has told whose they are."""
    return in_order(set(session.scalars(select(LanguageApproval.language).where(_as_approved()).distinct())))


def choose_language(session: Session, organisation_id: UUID, wanted: Sequence[str]) -> str | None:
    """The first of some languages (BCP 47, best first) that the organisation approved; None: a person must write.
    There is no other fall-back, English neither."""
    return first_of(wanted, approved_by(session, (organisation_id,))[organisation_id])


def first_of(wanted: Sequence[str], approved: Collection[str]) -> str | None:
    """The first of some languages that is among the approved ones: `pt-BR` is served by `pt`."""
    return next((tag for tag in map(_primary, wanted) if tag in approved), None)


def approved_by(session: Session, organisation_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """What each of these organisations approved as it is now, asked in one statement."""
    found: dict[UUID, set[str]] = {one: set() for one in organisation_ids}
    chosen = LanguageApproval.organisation_id.in_(sorted(found))
    approved = select(LanguageApproval.organisation_id, LanguageApproval.language).where(chosen, _as_approved())
    for organisation_id, language in session.execute(approved):
        found[organisation_id].add(language)
    return {one: frozenset(languages) for one, languages in found.items()}


def in_order(languages: Collection[str]) -> list[str]:
    """These languages in the order of `LANGUAGES`."""
    return [tag for tag in LANGUAGES if tag in languages]


def known(language: str) -> str:
    """The language; raises `NotFound` where it has no texts."""
    if language not in LANGUAGES:
        raise NotFound("There are no texts in this language.")
    return language


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _as_approved() -> ColumnElement[bool]:
    """The texts are still what was approved."""
    return or_(
        *((LanguageApproval.language == tag) & (LanguageApproval.digest == present_digest(tag)) for tag in LANGUAGES)
    )
