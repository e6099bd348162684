"""What reporting does about intake's facts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from services.reporting.domain import (
    CaseFact,
    CaseTurn,
    IncidentFact,
    MatchFact,
    OrganisationName,
    PassedFact,
    PersonBasis,
    ReleaseFact,
    ServedFact,
    ServedPerson,
    ServiceRollup,
)
from services.reporting.subscribers.cases import (
    close_cases,
    hand_over_case,
    merge_cases,
    open_cases,
    part_case,
    reopen_cases,
    update_cases,
)
from services.reporting.subscribers.incidents import correct_incident, count_incidents, know_organisation, note_source
from services.reporting.subscribers.matches import note_match
from services.reporting.subscribers.news import count_releases, note_told
from services.reporting.subscribers.passed import count_offers, note_accepted, note_declined, note_ended, note_seen
from services.reporting.subscribers.services import correct_service, count_services, forget_person
from services.reporting.subscribers.tokens import drop_token
from shared.database import table_of
from shared.events import (
    CaseClosed,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    CaseSubmitted,
    CaseUpdated,
    Event,
    FamilyTold,
    IncidentCorrected,
    IncidentRecorded,
    IncidentSourceAssessed,
    Logged,
    MatchConfirmed,
    MatchProposed,
    MatchRejected,
    MatchReleased,
    MatchWithdrawn,
    NewsReleased,
    OrganisationRegistered,
    PersonErased,
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralCompleted,
    ReferralDeclined,
    ReferralExpired,
    ReferralOffered,
    ReferralRevoked,
    ServiceCorrected,
    ServiceDelivered,
    TransferAccepted,
    TransferAcknowledged,
    TransferCompleted,
    TransferDeclined,
    TransferExpired,
    TransferOffered,
    TransferRevoked,
)
from shared.messaging.consumer import Handlers, many
from shared.messaging.log import ledger_of
from shared.person_basis import confirm_erasure, erase_from, projections_into


def take_transfer(session: Session, accepted: Logged[TransferAccepted]) -> None:
    """The receiver said yes, and the case is its own from here on."""
    note_accepted(session, accepted)
    hand_over_case(session, accepted)


def forget(session: Session, erased: Logged[PersonErased]) -> None:
    """The person's bases and its token go; what was counted stays."""
    _forget_bases(session, erased)
    forget_person(session, erased)


def erase_again(session: Session, person_id: UUID, case_ids: frozenset[UUID]) -> None:
    """The same for somebody whom a restored backup knows."""
    drop_token(session, ledger_of(session).keys, person_id)
    _erase_bases(session, person_id, case_ids)


OFFERED: tuple[type[Event], ...] = (ReferralOffered, TransferOffered)
SEEN: tuple[type[Event], ...] = (ReferralAcknowledged, TransferAcknowledged)
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
_BASES = projections_into(table_of(PersonBasis))
_forget_bases = _BASES[PersonErased]
_erase_bases = erase_from(table_of(PersonBasis))
PROJECTIONS: Handlers = {
    **_BASES,
    PersonErased: forget,
    OrganisationRegistered: know_organisation,
    IncidentRecorded: many(count_incidents),
    IncidentCorrected: correct_incident,
    IncidentSourceAssessed: note_source,
    **dict.fromkeys(OFFERED, many(count_offers)),
    **dict.fromkeys(SEEN, note_seen),
    ReferralAccepted: note_accepted,
    TransferAccepted: take_transfer,
    **dict.fromkeys(DECLINED, note_declined),
    **dict.fromkeys(ENDED, note_ended),
    **dict.fromkeys(MATCHED, note_match),
    ServiceDelivered: many(count_services),
    ServiceCorrected: correct_service,
    CaseSubmitted: many(open_cases),
    CaseUpdated: many(update_cases),
    CaseStatusChanged: many(reopen_cases),
    CaseClosed: many(close_cases),
    CaseMerged: many(merge_cases),
    CaseMergeUndone: part_case,
    NewsReleased: many(count_releases),
    FamilyTold: many(note_told),
}
PROJECTED = tuple(
    map(
        table_of,
        (
            IncidentFact,
            PassedFact,
            MatchFact,
            OrganisationName,
            PersonBasis,
            ServedFact,
            ServedPerson,
            ServiceRollup,
            CaseFact,
            CaseTurn,
            ReleaseFact,
        ),
    )
)
"""The tables that the projections make, and a rebuild makes anew."""
REACTIONS: Handlers = {PersonErased: confirm_erasure}
