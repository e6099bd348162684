"""One function per business act. Each takes (session, actor, input), changes the domain, and records the fact."""

from services.intake.commands.answers import forget_old_answers
from services.intake.commands.cases import (
    NewIncident,
    correct_incident,
    note_hold,
    note_hold_ended,
    submit_batch,
    submit_case,
    submit_incidents,
)
from services.intake.commands.imports import begin_import, finish_import, import_rows, note_message_status
from services.intake.commands.organisations import create_api_key, register_organisation, revoke_api_keys

__all__ = [
    "NewIncident",
    "begin_import",
    "correct_incident",
    "create_api_key",
    "finish_import",
    "forget_old_answers",
    "import_rows",
    "note_hold",
    "note_hold_ended",
    "note_message_status",
    "register_organisation",
    "revoke_api_keys",
    "submit_batch",
    "submit_case",
    "submit_incidents",
]
