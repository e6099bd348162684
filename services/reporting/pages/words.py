"""What stands in the database as a code, in words: marked for the catalogues, said in the reader's language."""

from __future__ import annotations

from shared.access import Role
from shared.pages import marked

STATES = {
    "due": marked("Due"),
    "drafted": marked("Drafted"),
    "submitted": marked("Submitted"),
    "sent_back": marked("Sent back"),
    "approved": marked("Approved"),
    "published": marked("Published"),
    "superseded": marked("Replaced by a later issue"),
}
TAGS = {
    "due": "govuk-tag--grey",
    "drafted": "govuk-tag--blue",
    "submitted": "govuk-tag--yellow",
    "sent_back": "govuk-tag--red",
    "approved": "govuk-tag--yellow",
    "published": "govuk-tag--green",
    "superseded": "govuk-tag--grey",
}
"""State → the colour of its tag; the words say the same without it."""
ROLES = {
    Role.CASE_MANAGER: marked("Case manager"),
    Role.CHILD_PROTECTION_OFFICER: marked("Child protection officer"),
    Role.FINANCE_OFFICER: marked("Finance officer"),
    Role.REPORT_APPROVER: marked("Report approver"),
    Role.DONOR_READER: marked("Reader of a donor"),
    Role.AUDITOR: marked("Auditor"),
}
"""Those who open these pages: tokens carry no names."""
DONE = {
    "written": marked("Kept: the section is to be signed."),
    "signed": marked("Signed: you answer for what stands there."),
    "drafted": marked("Drafted: these are the figures of now."),
    "submitted": marked("Submitted: somebody else looks at it now."),
    "sent_back": marked("Sent back, with your reason."),
    "approved": marked("Approved: it can be published."),
    "published": marked("Published: this issue never changes any more."),
    "restated": marked("A next issue is due. What is published stays."),
}
FORMATS = {"html": "HTML", "pdf": "PDF", "xlsx": "XLSX", "csv": "CSV", "json": "JSON"}
