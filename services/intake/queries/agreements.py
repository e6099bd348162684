"""Data-sharing agreements: who has one with whom, and what it lets through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.intake.domain import Agreement
from services.intake.queries.locking import locked
from shared.access import Act, Actor, require, visible_to
from shared.errors import NotFound


def of_both(actor: Actor, pair: type[Agreement] = Agreement) -> ColumnElement[bool]:
    """The condition under which the actor's organisation is one of the two."""
    return or_(visible_to(actor, pair.organisation_id), visible_to(actor, pair.receiver_id))


def agreements(session: Session, actor: Actor) -> Sequence[Agreement]:
    """The agreements of the actor's organisation, the newest first, those that are over too."""
    require(actor, Act.READ_AGREEMENTS)
    return session.scalars(select(Agreement).where(of_both(actor)).order_by(Agreement.id.desc())).all()


def agreement(session: Session, actor: Actor, agreement_id: UUID, *, lock: bool = False) -> Agreement:
    """One of them; raises `NotFound`."""
    require(actor, Act.READ_AGREEMENTS)
    statement = select(Agreement).where(Agreement.id == agreement_id, of_both(actor))
    found: Agreement | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("There is no such agreement.")
    return found


def in_force(session: Session, actor: Actor, on: date) -> Sequence[Agreement]:
    """What counts on that day, the newest first."""
    return [one for one in agreements(session, actor) if one.state(on) == "in_force"]


def covering(
    session: Session, actor: Actor, receiver_id: UUID, purpose: str, country: str | None, on: date
) -> Sequence[Agreement]:
    """The agreements with that organisation that let something through for this purpose, in this country."""
    return [
        one
        for one in in_force(session, actor, on)
        if one.partner_of(actor.organisation_id) == receiver_id
        and (one.paper is None or one.organisation_id == actor.organisation_id)
        and purpose in one.purposes
        and (not one.countries or country in one.countries)
    ]
