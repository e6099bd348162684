"""One fact of each type and version, every field filled; the golden files are made of these."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.crypto import KeyRing
from shared.events import (
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentSet,
    AttentionRequested,
    CaseClosed,
    CaseHeld,
    CaseHoldEnded,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    CaseSubmitted,
    CaseUpdated,
    ComplaintReceived,
    ComplaintText,
    ConsentGiven,
    ConsentWithdrawn,
    ContactAddress,
    ContactDetails,
    ErasureConfirmed,
    Event,
    FamilyContactChanged,
    FamilyContactRegistered,
    FamilyContactWithdrawn,
    FamilyMessageStatusChanged,
    FamilyOptedIn,
    FamilyOptedOut,
    FamilyPreferencesChosen,
    FamilyReplied,
    FamilyTold,
    GrantPart,
    ImportCounts,
    ImportFinished,
    ImportMessageStatusChanged,
    ImportRowRefused,
    IncidentCorrected,
    IncidentCounts,
    IncidentRecorded,
    IncidentSourceAssessed,
    LegalBasesRestated,
    LegalBasisRecorded,
    MatchConfirmed,
    MatchProposed,
    MatchRejected,
    MatchReleased,
    MatchWithdrawn,
    NewsReleased,
    ObjectionRecorded,
    OrganisationRegistered,
    PersonErased,
    PersonFigures,
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralCompleted,
    ReferralDeclined,
    ReferralExpired,
    ReferralHandedOver,
    ReferralInformationGiven,
    ReferralInformationRequested,
    ReferralOffered,
    ReferralOverdue,
    ReferralRevoked,
    ReferralUpdated,
    ReplyText,
    ReportPublished,
    ReportReminded,
    ServedFigures,
    ServiceCorrected,
    ServiceCounts,
    ServiceDelivered,
    TrailAnchored,
    TransferAccepted,
    TransferAcknowledged,
    TransferCompleted,
    TransferDeclined,
    TransferExpired,
    TransferHandedOver,
    TransferInformationGiven,
    TransferInformationRequested,
    TransferOffered,
    TransferOverdue,
    TransferRevoked,
    TransferUpdated,
)
from shared.events.intake.trail import INSTALLATION, VIEWS

GOLDEN = Path(__file__).parent / "golden"
KEYS = KeyRing((b"the key of the golden files, 32b",))
"""Public, and used for nothing else."""

_ORGANISATION = UUID("018f0000-0000-7000-8000-000000000001")
_CASE = UUID("018f0000-0000-7000-8000-000000000002")
_IMPORT = UUID("018f0000-0000-7000-8000-000000000003")
_OTHER = UUID("018f0000-0000-7000-8000-000000000004")
_REFERRAL: dict[str, Any] = {
    "organisation_id": _ORGANISATION,
    "case_id": _CASE,
    "referral_id": UUID("018f0000-0000-7000-8000-000000000005"),
    "receiver_id": _OTHER,
    "reference": "KB-22222-22222-2",
}
_TRANSFER: dict[str, Any] = {
    "reference": "KB-K4T7N-QW2HX-9",
    "organisation_id": _ORGANISATION,
    "case_id": _CASE,
    "transfer_id": UUID("018f0000-0000-7000-8000-000000000006"),
    "receiver_id": _OTHER,
}
_MATCH: dict[str, Any] = {
    "organisation_id": _ORGANISATION,
    "case_id": _CASE,
    "match_id": UUID("018f0000-0000-7000-8000-000000000007"),
    "reference": "KB-22222-22222-2",
    "side": "holder",
    "band": "likely",
}
_INCIDENT: dict[str, Any] = {
    "organisation_id": _ORGANISATION,
    "case_id": _CASE,
    "counts": IncidentCounts(dead=1, missing=None, survivors=20, females=2, males=3, children=0),
    "occurred_from": date(2017, 5, 24),
    "occurred_to": date(2017, 5, 25),
    "kind": "split_incident",
    "route": "Central Mediterranean",
    "region": "Mediterranean",
    "region_of_origin": "Sub-Saharan Africa",
    "countries_of_origin": "Côte d'Ivoire, Gambia",
    "cause": "Drowning",
    "place": "Off the coast of Zuwara, Libya — 30 km",
    "latitude": 33.25,
    "longitude": 12.125,
    "source": "A coast guard",
}
_ABOUT: dict[str, Any] = {"organisation_id": _ORGANISATION, "case_id": _CASE, "case_type": "tracing_request"}
_USE: dict[str, Any] = {
    "organisation_id": _ORGANISATION,
    "case_id": _CASE,
    "person_id": _OTHER,
    "purpose": "sharing",
    "recipient_id": _IMPORT,
}
_HOLD: dict[str, Any] = {
    "organisation_id": _ORGANISATION,
    "case_id": _CASE,
    "held_source": "intake",
    "first_position": 41,
}
_REACHED: dict[str, Any] = {
    "organisation_id": _ORGANISATION,
    "case_id": _CASE,
    "person_id": _OTHER,
    "contact_id": UUID("018f0000-0000-7000-8000-000000000007"),
}
_CONTACT: dict[str, Any] = {
    **_REACHED,
    "language": "ti",
    "fallbacks": ("am", "en"),
    "time_zone": "Africa/Asmara",
    "quiet_from": time(20, 30),
    "quiet_to": time(7),
    "shared_phone": True,
    "sealed": ContactDetails(
        addresses=(
            ContactAddress(channel="sms", address="+291100000000"),
            ContactAddress(channel="email", address="somebody@example.org"),
        ),
        alias="Cousin Letay",
        spoken_word="pomegranate",
    ),
}

_SERVED = ServedFigures(
    sex="male",
    age_band="18-49",
    disability="without",
    count=2,
    nationality="ETH",
    legal_status="refugee",
    persons=(_OTHER,),
)
SAMPLES: tuple[Event, ...] = (
    OrganisationRegistered(
        organisation_id=_ORGANISATION, kind="national_society", name="Examplia Röda Korset", short_name="ERK"
    ),
    IncidentRecorded(**_INCIDENT),
    IncidentCorrected(**_INCIDENT),
    IncidentSourceAssessed(organisation_id=_ORGANISATION, case_id=_CASE, level="humanitarian_actor"),
    ImportRowRefused(organisation_id=_ORGANISATION, import_id=_IMPORT, row=17, field="Reported Date", reason="no_date"),
    ImportFinished(
        organisation_id=_ORGANISATION,
        import_id=_IMPORT,
        counts=ImportCounts(rows=9, accepted=6, unchanged=2, refused=1),
        file_name="incidents.csv",
    ),
    CaseSubmitted(
        **_ABOUT,
        status="waiting",
        submitted_on=date(2026, 3, 4),
        place="LBY",
        people=(PersonFigures(role="sought", sex="female", age_band="13-17", nationality="ETH"),),
    ),
    CaseUpdated(
        **_ABOUT,
        what="change_person",
        version=2,
        place="LBY",
        people=(PersonFigures(role="sought", sex="female", age_band="18-49", nationality="ETH"),),
    ),
    CaseStatusChanged(**_ABOUT, move="close", was="in_progress", status="closed", version=3),
    CaseMerged(**_ABOUT, into=_OTHER),
    CaseMergeUndone(**_ABOUT, out_of=_OTHER),
    CaseClosed(**_ABOUT, reason="no_further_means", closed_on=date(2026, 5, 6)),
    NewsReleased(organisation_id=_ORGANISATION, case_id=_CASE),
    FamilyTold(organisation_id=_ORGANISATION, case_id=_CASE, told_on=date(2026, 5, 5)),
    ServiceDelivered(
        **_ABOUT,
        counts=ServiceCounts(quantity=3, people=2),
        category="phone_call",
        delivered_on=date(2026, 4, 1),
        place="ITA",
        people=(_SERVED,),
        grants=(GrantPart(grant="emergency_appeal_26", per_cent=Decimal("62.50")),),
        service_id=_OTHER,
        modality="remote",
    ),
    ServiceCorrected(
        **_ABOUT,
        counts=ServiceCounts(quantity=1, people=2),
        category="video_call",
        delivered_on=date(2026, 4, 2),
        place="ITA",
        people=(_SERVED,),
        grants=(GrantPart(grant="emergency_appeal_26", per_cent=Decimal("62.50")),),
        service_id=_OTHER,
        modality="remote",
        cancelled=False,
    ),
    AppointmentSet(
        organisation_id=_ORGANISATION, case_id=_CASE, at=datetime(2026, 4, 2, 9, 30, tzinfo=UTC), how="in_person"
    ),
    AppointmentChanged(
        organisation_id=_ORGANISATION,
        case_id=_CASE,
        was=datetime(2026, 4, 2, 9, 30, tzinfo=UTC),
        at=datetime(2026, 4, 3, 9, 30, tzinfo=UTC),
        how="by_phone",
    ),
    AppointmentCancelled(organisation_id=_ORGANISATION, case_id=_CASE, at=datetime(2026, 4, 3, 9, 30, tzinfo=UTC)),
    LegalBasisRecorded(**_USE, basis="vital_interest", expires_on=date(2027, 1, 31)),
    ConsentGiven(**_USE, expires_on=date(2027, 1, 31)),
    ConsentWithdrawn(**_USE),
    ObjectionRecorded(**_USE),
    LegalBasesRestated(organisation_id=_ORGANISATION, case_id=_CASE, person_id=_OTHER, purpose="sharing"),
    ErasureConfirmed(organisation_id=_ORGANISATION, case_id=_CASE, person_id=_OTHER),
    PersonErased(organisation_id=_ORGANISATION, case_id=_CASE, person_id=_OTHER),
    ImportMessageStatusChanged(
        organisation_id=_ORGANISATION, import_id=_IMPORT, notification_id=_OTHER, channel="file", status="delivered"
    ),
    CaseHeld(**_HOLD),
    CaseHoldEnded(**_HOLD),
    ReferralOffered(
        **_REFERRAL,
        service="primary_health_care",
        purpose="assistance",
        urgency="high",
        service_entry_id=UUID("018f0000-0000-7000-8000-000000000006"),
        acknowledge_by=datetime(2026, 4, 2, 13, 30, tzinfo=UTC),
        answer_by=datetime(2026, 4, 3, 9, 30, tzinfo=UTC),
    ),
    ReferralAcknowledged(**_REFERRAL),
    ReferralInformationRequested(**_REFERRAL),
    ReferralInformationGiven(**_REFERRAL, answer_by=datetime(2026, 4, 4, 9, 30, tzinfo=UTC)),
    ReferralAccepted(**_REFERRAL),
    ReferralDeclined(**_REFERRAL, reason="no_capacity"),
    ReferralHandedOver(**_REFERRAL),
    ReferralCompleted(**_REFERRAL, reason="service_given"),
    ReferralUpdated(**_REFERRAL),
    ReferralRevoked(**_REFERRAL, reason="not_needed"),
    ReferralOverdue(**_REFERRAL),
    ReferralExpired(**_REFERRAL),
    MatchProposed(**_MATCH, again=True),
    MatchReleased(**_MATCH),
    MatchConfirmed(**_MATCH),
    MatchRejected(**_MATCH, reason="another_person", after_release=True),
    MatchWithdrawn(**_MATCH, after_release=True),
    TransferOffered(
        **_TRANSFER,
        why="person_moved",
        purpose="tracing",
        urgency="medium",
        acknowledge_by=datetime(2026, 4, 2, 9, 30, tzinfo=UTC),
        answer_by=datetime(2026, 4, 4, 9, 30, tzinfo=UTC),
    ),
    TransferAcknowledged(**_TRANSFER),
    TransferInformationRequested(**_TRANSFER),
    TransferInformationGiven(**_TRANSFER, answer_by=datetime(2026, 4, 4, 9, 30, tzinfo=UTC)),
    TransferAccepted(**_TRANSFER),
    TransferDeclined(**_TRANSFER, reason="not_our_mandate"),
    TransferHandedOver(**_TRANSFER),
    TransferCompleted(**_TRANSFER, reason="people_told"),
    TransferUpdated(**_TRANSFER),
    TransferRevoked(**_TRANSFER, reason="we_keep_it"),
    TransferOverdue(**_TRANSFER),
    TransferExpired(**_TRANSFER),
    FamilyContactRegistered(**_CONTACT, appointments=(datetime(2026, 3, 4, 9, 30, tzinfo=UTC),)),
    FamilyContactChanged(**_CONTACT),
    FamilyContactWithdrawn(**_REACHED),
    FamilyMessageStatusChanged(
        organisation_id=_ORGANISATION,
        case_id=_CASE,
        notification_id=_OTHER,
        channel="email",
        status="temporary-failure",
        reason="quiet_hours",
    ),
    FamilyReplied(
        **_REACHED,
        reply_id=_IMPORT,
        channel="page",
        intent="share_with_nobody",
        sealed=ReplyText(text="Please tell nobody where I am."),
    ),
    ComplaintReceived(
        organisation_id=_ORGANISATION,
        complaint_id=_OTHER,
        about="messages",
        case_id=_CASE,
        sealed=ComplaintText(text="You wrote at night."),
    ),
    FamilyOptedOut(**_REACHED),
    FamilyOptedIn(**_REACHED),
    FamilyPreferencesChosen(
        **_REACHED, language="am", fallbacks=("ti", "en"), quiet_from=time(20, 30), quiet_to=time(7)
    ),
    AttentionRequested(
        organisation_id=_ORGANISATION,
        case_id=_CASE,
        request_id=_OTHER,
        reason="no_approved_language",
        due_by=datetime(2026, 4, 2, 9, 30, tzinfo=UTC),
    ),
    TrailAnchored(organisation_id=INSTALLATION, trail_id=VIEWS, position=4177, digest="5e" * 32),
    ReportReminded(
        organisation_id=_ORGANISATION,
        grant_id=_IMPORT,
        report_id=_CASE,
        grant="echo_2026",
        date_from=date(2026, 7, 1),
        date_to=date(2026, 9, 30),
        due_on=date(2026, 10, 30),
        state="drafted",
    ),
    ReportPublished(
        organisation_id=_ORGANISATION,
        grant_id=_CASE,
        report_id=_IMPORT,
        number=2,
        digest="a7" * 32,
        date_from=date(2026, 7, 1),
        date_to=date(2026, 9, 30),
        audience="donor",
        donor_organisation_id=_OTHER,
    ),
)


def golden_name(kind: type[Event]) -> str:
    return f"{kind.TYPE}.v{kind.VERSION}.json"


def expected_fields(event: Event) -> dict[str, Any]:
    """The fields as plain JSON, without what is sealed."""
    fields: dict[str, Any] = json.loads(event.model_dump_json(exclude={"sealed"}))
    return fields


def expected_sealed(event: Event) -> Any:
    """What is sealed to one service, as plain JSON; None without any."""
    sealed = getattr(event, "sealed", None)
    return None if sealed is None else json.loads(sealed.model_dump_json())


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a JSON value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)
