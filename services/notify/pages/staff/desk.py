"""Staff's desk: what a seat at it asks for, and the menu."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from sqlalchemy import Engine

from services.notify.pages.staff.visits import HOME, Visit
from services.notify.pages.staff.words import ROLES
from services.notify.queries import staff
from services.notify.senders.mailbox import MailboxSender
from shared.access import Act, Actor, Role, require
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.pages import Site, marked
from shared.pages.signed_in import CASES, Seat, SignedInDesk
from shared.pages.visits import Link

MENU = (
    (HOME, marked("Messages")),
    ("/notify/languages", marked("Languages")),
    ("/notify/pauses", marked("Pauses")),
)
BY_MAIL = ("/notify/reports", marked("Reports by mail"))
MAILBOX = ("/notify/mailbox", marked("Mailbox"))


class Desk(SignedInDesk):
    """Answers visits. With a `mailbox`, what would go to families lies there, and can be looked at."""

    VISIT: ClassVar[type[Visit]] = Visit
    LOST: ClassVar[str] = marked(
        "If you typed the address, check it. The message may not exist, or may not be open to you."
    )
    OTHERWISE: ClassVar[int] = 403
    ROLES: ClassVar[dict[Role, str]] = ROLES

    def __init__(self, engine: Engine, keys: KeyRing, mailbox: MailboxSender | None) -> None:
        super().__init__(engine, keys, Site(Path(__file__).parent / "templates", "/notify"))
        self.mailbox = mailbox

    @contextmanager
    def seat(self, visit: Visit, act: Act = Act.READ_MESSAGES) -> Iterator[Seat]:
        """Work of somebody signed in, in one transaction. Raises `NotAuthenticated` and `NotAllowed`."""
        actor = visit.actor(self.keys)
        require(actor, act)
        writes = visit.request.method == "POST"
        with transaction(self.engine) if writes else reading(self.engine) as session:
            name = staff.organisation_name(session, actor)
            yield Seat(session, actor, self.visitor(visit, actor, name, self._menu(visit, actor)))

    def _menu(self, visit: Visit, actor: Actor) -> list[Link]:
        path = visit.request.url.path
        menu = [*(MENU if actor.may(Act.READ_MESSAGES) else ()), *([BY_MAIL] if actor.may(Act.READ_GRANTS) else ())]
        menu += [MAILBOX] if self.mailbox is not None and may_read_mailbox(actor) else []
        links = [Link(address, title, path.startswith(address)) for address, title in menu]
        return [Link(visit.cases_at + CASES[0], CASES[1]), *links]


def may_read_mailbox(actor: Actor) -> bool:
    """It shows texts to families, with their numbers and codes: for whoever sees to every case of the organisation."""
    return actor.may(Act.READ_CHILDREN) and actor.may(Act.ASSIGN_CASES)
