"""Intake's aggregates."""

from services.intake.domain.attachment import ArrivingBytes, Attachment, SharedAttachment
from services.intake.domain.base import Base
from services.intake.domain.case import Case, CaseHold, Incident
from services.intake.domain.client import ApiClient
from services.intake.domain.directory import ServiceEntry
from services.intake.domain.draft import CaseDraft
from services.intake.domain.family import Attention, Complaint, FamilyContact, FamilyMessage, FamilyReply
from services.intake.domain.imports import Import, ImportedRow, ImportMessage
from services.intake.domain.match import Match, MatchStep
from services.intake.domain.match_index import MatchKey, MatchRecord
from services.intake.domain.organisation import Organisation
from services.intake.domain.own_fields import OwnFields
from services.intake.domain.person import CasePerson, NameKey, Person, PersonRelation
from services.intake.domain.protection import (
    DuplicateWarning,
    Erasure,
    ErasureConfirmed,
    LegalBasis,
    LegalHold,
    SubjectRequest,
)
from services.intake.domain.referral import Agreement, LinkOpening, Referral, ReferralLink, ReferralStep, SharedRecord
from services.intake.domain.request import AcceptedRequest
from services.intake.domain.sign_in import SignedIn, SignInFailure, SignInTicket
from services.intake.domain.timeline import PersonViewed, TimelineEntry, ViewChained
from services.intake.domain.user import Invitation, RecoveryCode, User

__all__ = [
    "AcceptedRequest",
    "Agreement",
    "ApiClient",
    "ArrivingBytes",
    "Attachment",
    "Attention",
    "Base",
    "Case",
    "CaseDraft",
    "CaseHold",
    "CasePerson",
    "Complaint",
    "DuplicateWarning",
    "Erasure",
    "ErasureConfirmed",
    "FamilyContact",
    "FamilyMessage",
    "FamilyReply",
    "Import",
    "ImportMessage",
    "ImportedRow",
    "Incident",
    "Invitation",
    "LegalBasis",
    "LegalHold",
    "LinkOpening",
    "Match",
    "MatchKey",
    "MatchRecord",
    "MatchStep",
    "NameKey",
    "Organisation",
    "OwnFields",
    "Person",
    "PersonRelation",
    "PersonViewed",
    "RecoveryCode",
    "Referral",
    "ReferralLink",
    "ReferralStep",
    "ServiceEntry",
    "SharedAttachment",
    "SharedRecord",
    "SignInFailure",
    "SignInTicket",
    "SignedIn",
    "SubjectRequest",
    "TimelineEntry",
    "User",
    "ViewChained",
]
