"""Data-sharing agreements: who has one with whom, and what it lets through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal
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


Standing = Literal["in_force", "elsewhere", "not_yet", "proposed", "none"]
"""How it stands between two organisations for sharing. elsewhere: an agreement is in force, for other countries;
proposed: one waits for a signature."""
_BEST_FIRST: tuple[Standing, ...] = ("in_force", "elsewhere", "not_yet", "proposed")


def standing_with(rows: Sequence[Agreement], own: UUID, partner: UUID, country: str | None, on: date) -> Standing:
    """The best of the organisation's agreements with that partner, of `agreements`."""
    states: set[str] = set()
    for one in rows:
        if one.partner_of(own) == partner and lets_share(one, own):
            state = one.state(on)
            states.add("elsewhere" if state == "in_force" and one.countries and country not in one.countries else state)
    return next((state for state in _BEST_FIRST if state in states), "none")


def lets_share(agreement: Agreement, own: UUID) -> bool:
    """True where that organisation may share under it: one that was signed on paper counts in one direction."""
    return agreement.paper is None or agreement.organisation_id == own


def covering(
    session: Session, actor: Actor, receiver_id: UUID, purpose: str, country: str | None, on: date
) -> Sequence[Agreement]:
    """The agreements with that organisation that let something through for this purpose, in this country."""
    require(actor, Act.READ_AGREEMENTS)
    theirs = or_(Agreement.organisation_id == receiver_id, Agreement.receiver_id == receiver_id)
    rows = session.scalars(select(Agreement).where(of_both(actor), theirs).order_by(Agreement.id.desc()))
    return [
        one
        for one in rows
        if one.state(on) == "in_force"
        and one.partner_of(actor.organisation_id) == receiver_id
        and lets_share(one, actor.organisation_id)
        and purpose in one.purposes
        and (not one.countries or country in one.countries)
    ]
