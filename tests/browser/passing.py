"""Two organisations of one hub in a browser: a case that may pass between them, their agreement, and what is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.intake.casework.service_directory import ServiceIn
from services.intake.commands.directory import add_service
from services.intake.commands.protection import record_legal_basis
from services.intake.domain import CasePerson
from shared.access import Role
from shared.database import transaction, utc_now
from tests.browser.test_every_page import REQUEST, submit
from tests.browser.visitor import Site, Window
from tests.intake.directory.entries import CLINIC


def shareable(site: Site, partner: Site) -> str:
    """The address of a case whose sought person agrees to be shared with the partner."""
    case_id = UUID(submit(site, REQUEST))
    manager = site.staff.member(Role.CASE_MANAGER).actor
    with transaction(site.engine) as session:
        people = session.query(CasePerson.person_id).filter(CasePerson.case_id == case_id)
        for (one,) in people.all():
            record_legal_basis(
                session, manager, one, purpose="sharing", basis="consent", recipient_id=partner.staff.organisation_id
            )
    return f"/intake/cases/{case_id}"


def serve(partner: Site, *, days: int = 0, **changed: Any) -> str:
    """The address of a service in Italy, confirmed by the partner so many days ago."""
    keeper = partner.staff.member(Role.CASE_MANAGER).actor
    service = ServiceIn.model_validate({**CLINIC, "place": "ITA", **changed})
    with transaction(partner.engine) as session:
        entry = add_service(session, keeper, service, now=utc_now() - timedelta(days=days))
        return f"/intake/services/{entry.id}"


def opened(window: Callable[..., Window], site: Site, role: Role, *size: Any, **more: Any) -> Window:
    """A window of somebody of that organisation."""
    made = window(*size, **more)
    made.site = site
    made.enter(role)
    return made


def propose(manager: Window, partner: Site) -> None:
    """Fill in the proposal of an agreement."""
    manager.choose("partner_id", str(partner.staff.organisation_id))
    manager.choose("purposes", "assistance")
    for name in ("names", "sex", "birth", "marks", "nationality", "facts", "third_persons"):
        manager.choose("fields", name)
    manager.page.locator("#countries").select_option("ITA")


def ask(worker: Window, partner: Site) -> None:
    """Fill in what is asked of the partner."""
    worker.choose("receiver_id", str(partner.staff.organisation_id))
    worker.choose("service", "primary_health_care")
    ask_chosen(worker)


def ask_chosen(worker: Window) -> None:
    """The rest of the form: all of it where a service of the directory was chosen."""
    worker.choose("purpose", "assistance")
    worker.choose("country", "ITA")
    worker.choose("urgency", "high")
    for name in ("names", "sex", "birth", "marks", "facts"):
        worker.choose("fields", name)
    worker.fill("note", "She comes on Monday, with her aunt.")
