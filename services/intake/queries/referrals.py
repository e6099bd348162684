"""Referrals as each side may see them, and what exactly is shared: asked before it is sent, and when it is shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.own_answers import own_codes, shared_own
from services.intake.casework.referrals import OF_PERSON, OPEN, SHOWN_TO_RECEIVER, Side
from services.intake.casework.sharing import Known, SharedPerson, shared_view
from services.intake.domain import Agreement, Case, LinkOpening, Referral, ReferralLink, ReferralStep, SharedRecord
from services.intake.queries import STATEMENTS_KEPT, protection, seen_by
from services.intake.queries.attachments import told_of
from services.intake.queries.locking import locked
from shared.access import Act, Actor, require, visible_to
from shared.database import utc_now
from shared.errors import NotFound
from shared.legal import STOPS, Decision, Ground, decide, refused
from shared.vault import DataKey, vault_of

PAGE = 50
Box = Literal["in", "out"]
LATE = and_(Referral.reminded, Referral.state == "offered")
"""Nobody has looked at it in time."""


def side_of(referral: Referral, actor: Actor) -> Side:
    """Which of the two the actor is."""
    return "sender" if referral.organisation_id == actor.organisation_id else "receiver"


def sent_by(actor: Actor) -> ColumnElement[bool]:
    """The condition under which the actor sees a referral as its sender: who sees the case; of one that was handed over
    since, and was restricted, managers, officers and who offered it."""
    own = visible_to(actor, Referral.organisation_id)
    holds = exists().where(Case.id == Referral.case_id, seen_by(actor))
    if actor.may(Act.READ_CHILDREN):
        return and_(own, or_(Referral.left_at.is_not(None), holds))
    open_to_all = or_(Referral.restricted.is_(False), Referral.offered_by == actor.user_id)
    return and_(own, or_(and_(Referral.left_at.is_not(None), open_to_all), holds))


def received_by(actor: Actor) -> ColumnElement[bool]:
    """The condition under which the actor sees a referral as its receiver: of a restricted case, managers, officers and
    who accepted it."""
    own = visible_to(actor, Referral.receiver_id)
    if actor.may(Act.READ_CHILDREN):
        return own
    mine = Referral.restricted.is_(False)
    return and_(own, mine if actor.user_id is None else or_(mine, Referral.taken_by == actor.user_id))


def referral(session: Session, actor: Actor, referral_id: UUID, *, lock: bool = False) -> Referral:
    """One referral, locked if asked; raises `NotFound`, also for other organisations' and what the role may not see."""
    require(actor, Act.REFER_CASES)
    statement = select(Referral).where(Referral.id == referral_id, or_(sent_by(actor), received_by(actor)))
    found: Referral | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("There is no such referral.")
    return found


def referrals(
    session: Session,
    actor: Actor,
    box: Box,
    *,
    open_only: bool = True,
    late_first: bool = False,
    after: UUID | None = None,
    limit: int = PAGE,
) -> tuple[Sequence[Referral], UUID | None]:
    """Those that came in, or went out, the newest first, or before them those that are overdue; and the id behind which
    the next page begins."""
    require(actor, Act.REFER_CASES)
    seen = received_by(actor) if box == "in" else sent_by(actor)
    statement = select(Referral).where(seen)
    if open_only:
        statement = statement.where(Referral.state.in_(sorted(OPEN)))
    if after is not None:
        behind = Referral.id < after
        if late_first:
            late = session.scalar(select(case_when((LATE, 1), else_=0)).where(Referral.id == after, seen))
            behind = and_(LATE, behind) | ~LATE if late else and_(~LATE, behind)
        statement = statement.where(behind)
    order = [case_when((LATE, 1), else_=0).desc()] if late_first else []
    found = session.scalars(statement.order_by(*order, Referral.id.desc()).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def of_case(session: Session, case: Case) -> Sequence[Referral]:
    """The referrals of a case that was read through `queries.case`, and of its duplicates, the newest first."""
    statement = select(Referral).where(Referral.case_id.in_(queries.together(case)))
    return session.scalars(statement.order_by(Referral.id.desc())).all()


def waiting(session: Session, actor: Actor) -> int:
    """How many wait for an answer of the actor's side."""
    return session.scalar(_count_of_waiting(actor)) or 0


@lru_cache(STATEMENTS_KEPT)
def _count_of_waiting(actor: Actor) -> Select[int]:
    theirs = and_(received_by(actor), Referral.state.in_(("offered", "acknowledged")))
    ours = and_(sent_by(actor), Referral.state.in_(("information_requested", "accepted")))
    return select(func.count()).select_from(Referral).where(or_(theirs, ours))


def overdue(session: Session, actor: Actor) -> Sequence[Referral]:
    """Those that nobody has looked at in time, for the managers of both sides; the most urgent first."""
    statement = select(Referral).where(LATE, or_(sent_by(actor), received_by(actor)))
    return session.scalars(statement.order_by(Referral.due_at, Referral.id).limit(PAGE)).all()


@dataclass(frozen=True)
class Said:
    """One step of a referral's history, with what was asked or answered."""

    step: ReferralStep
    text: str | None


def history(session: Session, referral: Referral) -> list[Said]:
    """What happened to a referral that was read through `referral`, oldest first."""
    steps = session.scalars(
        select(ReferralStep).where(ReferralStep.referral_id == referral.id).order_by(ReferralStep.number)
    ).all()
    key = key_of(session, referral)
    return [
        Said(one, key.decrypt(one.said, "referral_step.said").decode() if key and one.said is not None else None)
        for one in steps
    ]


@dataclass(frozen=True)
class Shown:
    """What the receiver may see of a case; or why not, at present."""

    sent_at: datetime | None
    view: dict[str, Any] | None
    ground: str | None


def shown(session: Session, actor: Actor, referral: Referral, on: date) -> Shown:
    """What was shared, as it was sent; to its receiver only while it may be seen. The caller records the view."""
    if side_of(referral, actor) == "receiver":
        ground = hidden_for(session, referral, on)
        if ground is not None:
            return Shown(None, None, ground)
    newest = session.scalar(
        select(SharedRecord)
        .where(SharedRecord.referral_id == referral.id)
        .order_by(SharedRecord.number.desc())
        .limit(1)
    )
    key = key_of(session, referral)
    if newest is None or newest.sealed is None or key is None:
        return Shown(None, None, "transferred" if referral.left_at is not None else Ground.ERASED)
    return Shown(newest.sent_at, json.loads(key.decrypt(newest.sealed, "shared_record.sealed")), None)


def link_of(session: Session, referral: Referral) -> tuple[ReferralLink | None, int]:
    """The link that is good now, and how often it was opened."""
    link = session.scalar(
        select(ReferralLink).where(
            ReferralLink.referral_id == referral.id,
            ReferralLink.revoked_at.is_(None),
            ReferralLink.ends_at > utc_now(),
        )
    )
    if link is None:
        return None, 0
    opened = select(func.count()).select_from(LinkOpening).where(LinkOpening.link_id == link.id)
    return link, session.scalar(opened) or 0


def hidden_for(session: Session, referral: Referral, on: date) -> str | None:
    """Why the receiver is shown nothing on that day; None while it is."""
    if referral.state not in SHOWN_TO_RECEIVER:
        return "over"
    if referral.left_at is not None:
        return "transferred"
    if referral.withheld is not None:
        return referral.withheld
    if referral.shown_until is not None and referral.shown_until < on:
        return Ground.EXPIRED
    return None if session.get_one(Agreement, referral.agreement_id).state(on) == "in_force" else "agreement_over"


def key_of(session: Session, referral: Referral) -> DataKey | None:
    """The key of what a referral holds; None once erased."""
    if referral.wrapped is None:
        return None
    return vault_of(session).unwrapped(referral.id, referral.key_id, referral.wrapped)


@dataclass(frozen=True)
class ToShare:
    """Exactly what a receiver would be shown of a case now."""

    view: dict[str, Any]
    people: tuple[UUID, ...]
    """Who is shown as more than initials."""
    until: date | None
    """The last day of the legal bases that it rests on."""
    left_out: tuple[tuple[UUID, Decision], ...]
    """People whom the case is about and who are not shared, each with the reason."""


def to_share(
    session: Session,
    case: Case,
    receiver_id: UUID,
    fields: Collection[str],
    note: str | None,
    on: date,
    chosen: Collection[UUID] = (),
) -> ToShare:
    """The view of a case that was read through `queries.case`, for a receiver, of these fields and no other; of the
    `chosen` photos and documents those that may be shared."""
    kind = CASE_TYPES[case.type]
    found = queries.contents(session, case)
    allowed: dict[UUID, date | None] = {}
    left_out: list[tuple[UUID, Decision]] = []
    people = []
    for one in found.people:
        known = Known(one.role, one.person.minor, one.person.age_band, one.known)
        if one.role in kind.people and kind.people[one.role].principal:
            decision, until = may_share(session, one.person.id, receiver_id, on, kind.sharing == "with_consent")
            if not decision.allowed:
                left_out.append((one.person.id, decision))
                continue
            allowed[one.person.id] = until
        people.append(known)
    shared = shared_view(kind, found.details, people)
    view: dict[str, Any] = {"people": [_told(one, fields) for one in shared.people if _is_told(one, fields)]}
    if "facts" in fields:
        view |= {"type": shared.type, "facts": dict(shared.facts)}
    if own := shared_own(found.own, str(case.organisation_id), case.type, own_codes(fields, case.type)):
        view["own"] = own
    if "attachments" in fields and (attached := told_of(session, case, chosen, allowed)):
        view["attachments"] = attached
    if note:
        view["note"] = note
    ends = [until for until in allowed.values() if until is not None]
    return ToShare(view, tuple(allowed), min(ends, default=None), tuple(left_out))


def may_share(
    session: Session, person_id: UUID, receiver_id: UUID, on: date, with_consent: bool
) -> tuple[Decision, date | None]:
    """Whether this person may be shared with that organisation on that day, and the last day on which it may.

    `with_consent`: nothing but the person's own consent is good enough.
    """
    decision, recorded = protection.may_use_on(session, person_id, "sharing", receiver_id, on)
    if not decision.allowed:
        return decision, None
    bases = [one for one in recorded if not with_consent or one.basis in {"consent", *STOPS}]
    if not decide(bases, receiver_id, on).allowed:
        return refused(Ground.NO_LEGAL_BASIS), None
    if decide(bases, receiver_id, date.max).allowed:
        return decision, None
    days = sorted({one.expires_on for one in bases if one.expires_on is not None}, reverse=True)
    return decision, next(day for day in days if decide(bases, receiver_id, day).allowed)


def _is_told(one: SharedPerson, fields: Collection[str]) -> bool:
    return "third_persons" in fields if one.masked else not set(OF_PERSON).isdisjoint(fields)


def _told(one: SharedPerson, fields: Collection[str]) -> dict[str, Any]:
    """A person by the fields that may be told: who is masked, by initials, sex and age."""
    names = {"names", "sex"} if one.masked else set(OF_PERSON) & set(fields)
    told: dict[str, Any] = {
        "masked": one.masked,
        "person": one.person.model_dump(mode="json", include=names, exclude_defaults=True),
    }
    if one.masked or "birth" in fields:
        told["age_band"] = one.age_band
    if "facts" in fields:
        told["role"] = one.role
    return told
