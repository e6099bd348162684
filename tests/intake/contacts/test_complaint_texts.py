"""Who reads complaints is recorded; what was dealt with long ago is proposed, and erased when a person says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from services.intake.casework.retention import COMPLAINTS
from services.intake.commands.family import keep_complaint
from services.intake.domain import Complaint, PersonViewed
from shared.access import Role
from shared.database import reading, transaction, utc_now, uuid7
from shared.events import ComplaintReceived, ComplaintText
from shared.vault import data_key
from tests.intake.pages.conftest import Pages

TEXT = "Officer Quillfeather shouted at me."
DAY = timedelta(days=1)


def complain(pages: Pages, *, dealt_with: timedelta | None = None, of: UUID | None = None) -> UUID:
    """A complaint, perhaps dealt with so long ago."""
    organisation = of or pages.own.organisation_id
    complaint = ComplaintReceived(organisation_id=organisation, complaint_id=uuid7(), about="staff")
    with transaction(pages.engine) as session:
        keep_complaint(session, complaint, ComplaintText(text=TEXT), utc_now())
        if dealt_with is not None:
            own = Complaint.id == complaint.complaint_id
            session.execute(update(Complaint).where(own).values(done_at=utc_now() - dealt_with))
    return complaint.complaint_id


def views(pages: Pages) -> Sequence[tuple[str, UUID | None, UUID | None]]:
    with reading(pages.engine) as session:
        rows = session.scalars(select(PersonViewed).where(PersonViewed.purpose.like("complaint%")))
        return [(one.purpose, one.person_id, one.case_id) for one in rows]


def test_whoever_reads_a_complaint_stands_in_the_trail_and_its_case_does_not(pages_on_both: Pages) -> None:
    complaint = complain(pages_on_both)
    manager = pages_on_both.browser(Role.CASE_MANAGER)
    assert TEXT in manager.open("/intake/complaints")
    assert views(pages_on_both) == [("complaint", complaint, None)]


def test_what_was_dealt_with_two_years_ago_is_erased_when_a_person_says_so(pages_on_both: Pages) -> None:
    pages = pages_on_both
    old, young = complain(pages, dealt_with=COMPLAINTS + DAY), complain(pages, dealt_with=COMPLAINTS - DAY)
    waiting, theirs = complain(pages), complain(pages, dealt_with=COMPLAINTS + DAY, of=pages.other.organisation_id)
    officer = pages.browser(Role.DATA_PROTECTION_OFFICER)
    assert "dealt with more than two years ago: 1" in officer.open("/intake/complaints")
    officer.send("/intake/complaints/erase", {})
    page = officer.open("/intake/complaints")
    assert "Kept long enough" not in page
    assert "The text was erased." in page
    with reading(pages.engine) as session:
        sealed = {one for one in session.scalars(select(Complaint.id).where(Complaint.sealed.is_not(None)))}
        gone = session.scalar(select(data_key.c.wrapped).where(data_key.c.owner_id == old))
    assert sealed == {young, waiting, theirs}
    assert gone is None
    assert ("complaint_erasure", old, None) in views(pages)


def test_a_case_worker_erases_none(pages: Pages) -> None:
    complain(pages, dealt_with=COMPLAINTS + DAY)
    worker = pages.browser(Role.CASE_WORKER)
    worker.open("/intake/my-work")
    worker.send("/intake/complaints/erase", {}, 403)
    with reading(pages.engine) as session:
        assert session.scalar(select(Complaint.sealed)) is not None
