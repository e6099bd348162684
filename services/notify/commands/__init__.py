"""One function per business act of notify."""

from services.notify.commands.organisations import (
    IMPORT_FINISHED,
    begin_attempts,
    end_attempts,
    tell_both_sides,
    tell_import_finished,
    tell_report_due,
)

__all__ = [
    "IMPORT_FINISHED",
    "begin_attempts",
    "end_attempts",
    "tell_both_sides",
    "tell_import_finished",
    "tell_report_due",
]
