"""One function per business act. Each takes (session, actor, input), changes the domain, and records the fact."""

from services.intake.commands.answers import answer_once, forget_old_answers
from services.intake.commands.cases import (
    NewIncident,
    correct_incident,
    note_hold,
    note_hold_ended,
    submit_batch,
    submit_case,
    submit_incidents,
)
from services.intake.commands.changes import assign_case, move_case, open_for_change, record_deed, write_change
from services.intake.commands.imports import begin_import, finish_import, import_rows, note_message_status
from services.intake.commands.organisations import create_api_key, register_organisation, revoke_api_keys
from services.intake.commands.views import note_view

__all__ = [
    "NewIncident",
    "answer_once",
    "assign_case",
    "begin_import",
    "correct_incident",
    "create_api_key",
    "finish_import",
    "forget_old_answers",
    "import_rows",
    "move_case",
    "note_hold",
    "note_hold_ended",
    "note_message_status",
    "note_view",
    "open_for_change",
    "record_deed",
    "register_organisation",
    "revoke_api_keys",
    "submit_batch",
    "submit_case",
    "submit_incidents",
    "write_change",
]
