"""Data-sharing agreements: proposed by one organisation, signed by the other, ended by either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.own_fields import CODED, OWN_CODE, kind_of
from services.intake.casework.referrals import AskAgreement
from services.intake.commands.matches.after_signing import look_again_between
from services.intake.commands.matches.retracting import review_between
from services.intake.domain import Agreement
from services.intake.queries.agreements import agreement as find_agreement
from services.intake.queries.own_fields import FieldsInForce
from shared.access import Act, Actor, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict, FieldError, InvalidInput, NotAllowed, pointer


def propose_agreement(session: Session, actor: Actor, asked: AskAgreement) -> Agreement:
    """Propose, and so sign, an agreement. Raises `NotAllowed` for an authority, `NotFound` for no organisation."""
    user = _signer(actor)
    if asked.partner_id == actor.organisation_id:
        raise Conflict("An agreement is with another organisation.")
    queries.member(session, asked.partner_id)
    row = Agreement(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        receiver_id=asked.partner_id,
        purposes=list(dict.fromkeys(asked.purposes)),
        fields=list(dict.fromkeys(asked.fields)),
        own_titles=_own_titles(session, actor, asked.fields),
        countries=list(dict.fromkeys(asked.countries)),
        valid_from=asked.valid_from,
        valid_to=asked.valid_to,
        proposed_by=user,
        proposed_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row


def sign_agreement(session: Session, actor: Actor, agreement_id: UUID) -> Agreement:
    """Sign what the other side proposed. Raises `Conflict` where it is signed, declined or over."""
    user, row = _signer(actor), find_agreement(session, actor, agreement_id, lock=True)
    _is_for_the_other_side(actor, row)
    row.signed_by, row.signed_at = user, utc_now()
    look_again_between(row)
    session.flush()
    return row


def record_paper_signature(session: Session, actor: Actor, agreement_id: UUID, paper: str) -> Agreement:
    """Record that a provider without an account signed on paper: another person than who proposed it does.

    It then lets through what this organisation sends, and nothing the other way round. Raises `Conflict`.
    """
    user, row = _signer(actor), find_agreement(session, actor, agreement_id, lock=True)
    if row.organisation_id != actor.organisation_id:
        raise Conflict("You are asked to sign this yourselves: sign it, or decline it.")
    if row.state(utc_now().date()) != "proposed":
        raise Conflict("This agreement waits for no signature.")
    if queries.member(session, row.receiver_id).kind != "service_provider":
        raise Conflict("Only a service provider signs on paper: every other organisation signs here itself.")
    if row.proposed_by == user:
        raise Conflict("Two people see to a signature on paper: another than the one who proposed it records it.")
    row.signed_by, row.signed_at, row.paper = user, utc_now(), paper
    session.flush()
    return row


def decline_agreement(session: Session, actor: Actor, agreement_id: UUID) -> Agreement:
    """Decline what the other side proposed."""
    _signer(actor)
    row = find_agreement(session, actor, agreement_id, lock=True)
    _is_for_the_other_side(actor, row)
    row.declined_at = utc_now()
    session.flush()
    return row


def end_agreement(session: Session, actor: Actor, agreement_id: UUID) -> Agreement:
    """End it, or take a proposal back: from now on nothing passes under it, and what did is shown no more."""
    _signer(actor)
    row = find_agreement(session, actor, agreement_id, lock=True)
    if row.state(utc_now().date()) in {"declined", "over"}:
        raise Conflict("This agreement is over already.")
    if row.signed_at is None and row.organisation_id != actor.organisation_id:
        raise Conflict("Nothing is signed here that could be ended: sign it, or decline it.")
    row.ended_at, row.ended_by = utc_now(), actor.organisation_id
    session.flush()
    review_between(session, row.organisation_id, row.receiver_id)
    return row


def _own_titles(session: Session, actor: Actor, codes: Sequence[str]) -> dict[str, Any] | None:
    """What the own fields among these codes are called now, for a partner who cannot look. Raises `InvalidInput`."""
    in_force, titles, refused = FieldsInForce(session, actor), {}, []
    for number, code in enumerate(codes):
        named = OWN_CODE.fullmatch(code)
        if named is None:
            continue
        asked = in_force.on(named[1])
        field = None if asked is None else asked.schema["properties"].get(named[2])
        if field is None or kind_of(field) not in CODED:
            refused.append(FieldError(pointer(("fields", number)), "literal_error", NOT_SHARED))
        else:
            titles[code] = {name: field[name] for name in ("title", "x-titles") if name in field}
    if refused:
        raise InvalidInput("Some fields cannot be shared; each is named in `errors`.", tuple(refused))
    return titles or None


NOT_SHARED = "Your organisation has no such own field now, or it is a text, which stays at home: it could name anybody."


def _signer(actor: Actor) -> UUID:
    require(actor, Act.SIGN_AGREEMENTS)
    if actor.user_id is None:
        raise NotAllowed("An agreement is signed by people: a client system can only read it.")
    return actor.user_id


def _is_for_the_other_side(actor: Actor, row: Agreement) -> None:
    if row.organisation_id == actor.organisation_id:
        raise Conflict("You proposed this, and so signed it: the other organisation signs now.")
    if row.state(utc_now().date()) != "proposed":
        raise Conflict("This agreement waits for no signature.")
