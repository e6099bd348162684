"""Legal bases, erasure, retention, and what a person may ask for."""

from services.intake.commands.protection.bases import (
    record_legal_basis,
    record_objection,
    share_with_nobody,
    withdraw_consent,
)
from services.intake.commands.protection.erasure import (
    approve_erasure,
    decline_erasure,
    erase_again,
    note_erasure_confirmed,
    propose_erasure,
    take_on_erasure,
)
from services.intake.commands.protection.retention import (
    cases_to_review,
    lift_legal_hold,
    place_legal_hold,
    propose_what_is_due,
    retention_due,
)
from services.intake.commands.protection.subjects import answer_request, copy_of, receive_request

__all__ = [
    "answer_request",
    "approve_erasure",
    "cases_to_review",
    "copy_of",
    "decline_erasure",
    "erase_again",
    "lift_legal_hold",
    "note_erasure_confirmed",
    "place_legal_hold",
    "propose_erasure",
    "propose_what_is_due",
    "receive_request",
    "record_legal_basis",
    "record_objection",
    "retention_due",
    "share_with_nobody",
    "take_on_erasure",
    "withdraw_consent",
]
