"""What may be read, always through `visible_to(actor)`; and what is due."""

from services.notify.queries.families import (
    contacts_of_cases,
    due_to_families,
    letters_of_living,
    may_be_told,
    newest_attempts,
    resting,
    under_way,
)
from services.notify.queries.organisations import (
    broken_off,
    due,
    flows,
    organisation,
    organisations,
    refused_rows,
    waiting,
)
from services.notify.queries.reports import reports_under_way

__all__ = [
    "broken_off",
    "contacts_of_cases",
    "due",
    "due_to_families",
    "flows",
    "letters_of_living",
    "may_be_told",
    "newest_attempts",
    "organisation",
    "organisations",
    "refused_rows",
    "reports_under_way",
    "resting",
    "under_way",
    "waiting",
]
