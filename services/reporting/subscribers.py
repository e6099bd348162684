"""What reporting does about intake's facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.reporting.domain import IncidentFact, MatchFact, OrganisationName, PassedFact, PersonBasis
from shared.database import put_row, table_of
from shared.events import (
    Event,
    IncidentCorrected,
    IncidentRecorded,
    Logged,
    MatchConfirmed,
    MatchProposed,
    MatchRejected,
    MatchReleased,
    MatchWithdrawn,
    OrganisationRegistered,
    PersonErased,
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralCompleted,
    ReferralDeclined,
    ReferralExpired,
    ReferralOffered,
    ReferralRevoked,
    TransferAccepted,
    TransferAcknowledged,
    TransferCompleted,
    TransferDeclined,
    TransferExpired,
    TransferOffered,
    TransferRevoked,
)
from shared.messaging.consumer import Handlers, many
from shared.person_basis import confirm_erasure, erase_from, projections_into
from shared.rows import insert_rows


def count_incidents(session: Session, recorded: Sequence[Logged[IncidentRecorded]]) -> None:
    """Each incident becomes one fact."""
    insert_rows(session, table_of(IncidentFact), [_fact(one) for one in recorded])


def correct_incident(session: Session, corrected: Logged[IncidentCorrected]) -> None:
    """The fact becomes what the correction says."""
    fact = _fact(corrected)
    session.execute(update(IncidentFact).where(IncidentFact.case_id == fact.pop("case_id")).values(**fact))


def know_organisation(session: Session, registered: Logged[OrganisationRegistered]) -> None:
    """Headings can name the organisation."""
    event = registered.event
    names = {"short_name": event.short_name, "name": event.name}
    put_row(session, table_of(OrganisationName), organisation_id=event.organisation_id, **names)


def _fact(logged: Logged[Any]) -> dict[str, Any]:
    event: IncidentRecorded | IncidentCorrected = logged.event
    return {
        "case_id": event.case_id,
        "organisation_id": event.organisation_id,
        "occurred_from": event.occurred_from,
        "occurred_to": event.occurred_to,
        "route": event.route,
        "region": event.region,
        "cause": event.cause,
        **event.counts.__dict__,
    }


def count_offers(session: Session, offered: Sequence[Logged[Any]]) -> None:
    """What is offered begins to be counted."""
    insert_rows(session, table_of(PassedFact), [_offered(one) for one in offered])


def note_seen(session: Session, seen: Logged[Any]) -> None:
    """The receiver looked at it."""
    _note(session, seen, acknowledged_at=_moment(seen))


def note_accepted(session: Session, accepted: Logged[Any]) -> None:
    """The receiver said yes."""
    _note(session, accepted, answered_at=_moment(accepted), answer="accepted")


def note_declined(session: Session, declined: Logged[Any]) -> None:
    """The receiver said no: that ends it."""
    _note(session, declined, answered_at=_moment(declined), answer="declined", declined_for=declined.event.reason)
    note_ended(session, declined)


def note_ended(session: Session, ended: Logged[Any]) -> None:
    """Nothing follows: the last word of the fact's type says how it ended."""
    _note(session, ended, ended_at=_moment(ended), outcome=ended.type.partition(".")[2])


def _note(session: Session, logged: Logged[Any], **columns: Any) -> None:
    session.execute(update(PassedFact).where(PassedFact.id == _id_of(logged.event)).values(**columns))


def _offered(logged: Logged[Any]) -> dict[str, Any]:
    event = logged.event
    return {
        "id": _id_of(event),
        "family": _family(event),
        "organisation_id": event.organisation_id,
        "receiver_id": event.receiver_id,
        "service": getattr(event, "service", None),
        "urgency": getattr(event, "urgency", None),
        "offered_at": _moment(logged),
    }


def note_match(session: Session, told: Logged[Any]) -> None:
    """A match is counted as it stands now: the last word of the fact's type says how."""
    event, state = told.event, told.type.partition(".")[2]
    own = MatchFact.match_id == event.match_id, MatchFact.side == event.side
    known = session.execute(select(MatchFact.begun_at, MatchFact.released_at).where(*own)).one_or_none()
    put_row(
        session,
        table_of(MatchFact),
        match_id=event.match_id,
        side=event.side,
        organisation_id=event.organisation_id,
        band=event.band,
        begun_at=_moment(told) if known is None else known.begun_at,
        released_at=_moment(told) if state == "released" else known and known.released_at,
        state=state,
        rejected_for=getattr(event, "reason", None),
    )


def _family(event: Event) -> str:
    """A `referral.offered` tells of a referral, by its `referral_id`."""
    return event.TYPE.partition(".")[0]


def _id_of(event: Event) -> UUID:
    found: UUID = getattr(event, f"{_family(event)}_id")
    return found


def _moment(logged: Logged[Any]) -> datetime:
    return datetime.fromisoformat(logged.time)


OFFERED: tuple[type[Event], ...] = (ReferralOffered, TransferOffered)
SEEN: tuple[type[Event], ...] = (ReferralAcknowledged, TransferAcknowledged)
ACCEPTED: tuple[type[Event], ...] = (ReferralAccepted, TransferAccepted)
DECLINED: tuple[type[Event], ...] = (ReferralDeclined, TransferDeclined)
ENDED: tuple[type[Event], ...] = (
    ReferralCompleted,
    ReferralRevoked,
    ReferralExpired,
    TransferCompleted,
    TransferRevoked,
    TransferExpired,
)
MATCHED: tuple[type[Event], ...] = (MatchProposed, MatchReleased, MatchConfirmed, MatchRejected, MatchWithdrawn)
PROJECTIONS: Handlers = {
    **projections_into(table_of(PersonBasis)),
    OrganisationRegistered: know_organisation,
    IncidentRecorded: many(count_incidents),
    IncidentCorrected: correct_incident,
    **dict.fromkeys(OFFERED, many(count_offers)),
    **dict.fromkeys(SEEN, note_seen),
    **dict.fromkeys(ACCEPTED, note_accepted),
    **dict.fromkeys(DECLINED, note_declined),
    **dict.fromkeys(ENDED, note_ended),
    **dict.fromkeys(MATCHED, note_match),
}
PROJECTED = tuple(map(table_of, (IncidentFact, PassedFact, MatchFact, OrganisationName, PersonBasis)))
"""The tables that the projections make, and a rebuild makes anew."""
REACTIONS: Handlers = {PersonErased: confirm_erasure}
erase_again = erase_from(table_of(PersonBasis))
