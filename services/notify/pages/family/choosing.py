"""What a family chooses: language and quiet hours; to get no messages, and to get them again."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from services.notify.commands.approvals import approved_languages
from services.notify.commands.family.preferences import choose_language, choose_quiet_hours, tell_choice
from services.notify.commands.family.replies import opt_in, opt_out
from services.notify.domain import FamilyContact
from services.notify.pages.family.desk import Desk, closed, problem_of
from services.notify.pages.family.visits import Visit, Visited
from shared.database import transaction
from shared.errors import InvalidInput


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/preferences")
    def ask_for_preferences(visit: Visited) -> Response:
        """As they are."""
        return desk.inside(visit, "preferences.html", clock=_clock)

    @routes.post("/preferences")
    def take_preferences(visit: Visited) -> Response:
        """They hold from the next message on. A number or address is changed by a case worker alone."""
        try:
            with transaction(desk.engine) as session:
                contact = desk.whose(session, visit)
                if contact is None:
                    return closed()
                _choose(session, contact, visit)
        except InvalidInput as error:
            return desk.inside(visit, "preferences.html", clock=_clock, problem=problem_of(error, visit))
        return desk.stay(visit, contact, "/case?done=saved")

    @routes.get("/stop")
    def ask_whether_to_stop(visit: Visited) -> Response:
        """What stopping means, before it is done."""
        return desk.inside(visit, "stop.html")

    @routes.post("/stop")
    def stop(visit: Visited) -> Response:
        """At once. The next page has the way back."""
        with transaction(desk.engine) as session:
            contact = desk.whose(session, visit)
            if contact is None:
                return closed()
            opt_out(session, contact, visit.now)
        return desk.stay(visit, contact, "/case")

    @routes.post("/start")
    def start(visit: Visited) -> Response:
        """The undo."""
        with transaction(desk.engine) as session:
            contact = desk.whose(session, visit)
            if contact is None:
                return closed()
            opt_in(session, contact)
        return desk.stay(visit, contact, "/case?done=started")


def _choose(session: Session, contact: FamilyContact, visit: Visit) -> None:
    choose_language(contact, visit.form.one("language"), approved_languages(session, contact.organisation_id))
    choose_quiet_hours(contact, visit.form.one("from"), visit.form.one("to"))
    contact.chosen_at = visit.now
    tell_choice(session, contact)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
