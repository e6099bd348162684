"""Mail goes out by a real relay and comes back into a real Maildir: a mail server on this machine delivers there."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from sqlalchemy import Engine, select

from services.notify.domain import Attempt
from services.notify.mail_reading import read_mail
from services.notify.senders import Inbox, Maildir
from services.notify.senders.returned import understood
from services.notify.senders.smtp import Relay, SmtpSender
from shared.crypto import KeyRing
from shared.database import reading
from shared.events import NewsReleased
from tests.notify.families import NUMBER, Families
from tests.notify.letters import FAMILY, US, answer, bounce
from tests.notify.mail_server import MailServer
from tests.notify.test_hearing_families import replies


class Delivering(Controller):
    """A mail server that delivers into a Maildir, at a port that is free."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[attr-defined] # an asyncio.Server
        super()._trigger_server()


class Post:
    """Families reached by mail alone, and what comes back to us."""

    def __init__(self, families: Families, folder: Path) -> None:
        self.families, self.folder = families, folder
        self.inbox = Inbox(Maildir(folder), lambda content: understood(content, US))
        self.server: Any = None

    def come(self, letter: Any, sender: str = FAMILY) -> None:
        """A mail server delivers a letter to us."""
        content = letter if isinstance(letter, bytes) else letter.as_bytes()
        with smtplib.SMTP(self.server.hostname, self.server.port) as smtp:
            smtp.sendmail(sender, [US], content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def read(self) -> int:
        return read_mail(self.families.engine, self.inbox)

    def attempt(self) -> UUID:
        """The newest one."""
        with reading(self.families.engine) as session:
            return session.scalars(select(Attempt.id).order_by(Attempt.started_at.desc())).first()  # type: ignore[return-value]

    def lying(self, where: str) -> int:
        return len(list((self.folder / where).iterdir()))


@pytest.fixture
def post(database: Callable[[str], Engine], keys: KeyRing, tmp_path: Path) -> Iterator[Post]:
    made = Post(Families(database, keys), tmp_path / "inbox")
    made.server = Delivering(Mailbox(tmp_path / "inbox"), hostname="127.0.0.1", port=0)
    made.server.start()
    with MailServer() as relay:
        sender = SmtpSender(Relay(relay.host, relay.port, "none"), US)
        made.families.senders_by_channel = {"email": sender, "sms": made.families.sms}
        yield made
    made.server.stop()


def news(post: Post, **given: Any) -> dict[str, Any]:
    family = post.families.family(**{"sms": None, "mail": FAMILY} | given)
    post.families.tell(NewsReleased(**family))
    post.families.deliver()
    return family


def test_mail_that_nothing_came_back_of_in_three_days_arrived(post: Post) -> None:
    news(post)
    assert post.families.message("news").status == "sending"
    post.families.later(timedelta(hours=73))
    post.families.deliver()
    assert post.families.message("news").status == "delivered"
    assert post.families.told()["attention.requested"] == 0


def test_a_bounce_for_good_asks_a_case_worker_and_the_address_counts_as_unverified(post: Post) -> None:
    news(post)
    post.come(bounce(post.attempt()), sender="")
    assert post.read() == 1
    message = post.families.message("news")
    assert (message.status, message.reason) == ("permanent-failure", "5.1.1")
    assert post.families.told()["attention.requested"] == 1
    assert post.families.one_contact().bounced_at is not None
    assert post.lying("new") == post.lying("cur") == 0


def test_after_a_bounce_the_next_address_is_written_to(post: Post) -> None:
    about = post.families.about()
    post.families.tell(post.families.consent(about))
    given = post.families.contact(about, sms=NUMBER, mail=FAMILY)
    addresses = tuple(reversed(given.sealed.addresses))
    post.families.tell(given.model_copy(update={"sealed": given.sealed.model_copy(update={"addresses": addresses})}))
    post.families.deliver()
    post.come(bounce(post.attempt()), sender="")
    post.read()
    post.families.deliver()
    assert [one.to for one in post.families.sms.taken] == [NUMBER]


def test_a_full_mailbox_is_tried_again(post: Post) -> None:
    news(post)
    post.come(bounce(post.attempt(), status="5.2.2", diagnostic="smtp; 552 5.2.2 full"), sender="")
    post.read()
    assert post.families.message("news").status == "temporary-failure"


def test_stop_by_mail_is_obeyed_where_it_answers_a_message_of_ours(post: Post) -> None:
    news(post)
    post.come(answer("Stop.", to=post.attempt()))
    assert post.read() == 1
    assert post.families.one_contact().opted_out_at is not None
    assert post.families.told()["family.opted_out"] == 1
    post.families.deliver()
    assert post.families.message("opt_out_confirmed").channel == "email"


def test_a_letter_that_answers_nothing_of_ours_is_read_by_a_person_and_stops_nothing(post: Post) -> None:
    """Anybody writes any sender into a mail."""
    news(post)
    post.come(answer("STOP"))
    post.read()
    assert post.families.one_contact().opted_out_at is None
    (reply,) = replies(post.families)
    assert (reply.event.channel, reply.event.intent) == ("email", "reply")
    assert b"STOP" in (reply.unsealed() or b"")
    assert post.families.messages("reply_received") == []


def test_what_a_family_writes_goes_sealed_to_its_organisation_once_and_is_kept_nowhere(post: Post) -> None:
    family = news(post)
    letter = answer("He is with our aunt.", to=post.attempt())
    for _ in range(2):
        post.come(letter)
        post.read()
    (reply,) = replies(post.families)
    assert reply.event.case_id == family["case_id"]
    assert b"He is with our aunt." in (reply.unsealed() or b"")
    assert b"AAAA-BBBB-CCCC" not in (reply.unsealed() or b"")
    assert post.lying("new") == post.lying("cur") == 0
    assert len(post.families.messages("reply_received")) == 1


@pytest.mark.parametrize(
    "letter",
    [
        answer("Buy this", sender="stranger@elsewhere.example"),
        answer("I am away", Auto_Submitted="auto-replied"),
        bounce(UUID(int=7)),
        b"\xff\xfe nonsense",
        b"",
    ],
    ids=["stranger", "holiday notice", "another's bounce", "nonsense", "nothing"],
)
def test_what_is_not_about_a_family_of_ours_is_set_aside_and_not_answered(post: Post, letter: Any) -> None:
    news(post)
    post.come(letter, sender="stranger@elsewhere.example")
    assert post.read() == 0
    assert (post.lying("new"), post.lying("cur")) == (0, 1)
    assert post.families.told()["family.replied"] == 0
    assert post.families.deliver() == 0


def test_letters_that_vanish_while_they_are_read_are_passed_over(tmp_path: Path) -> None:
    box = Maildir(tmp_path)
    assert box.read("gone") is None
    box.set_aside("gone")
    box.remove("gone")
    assert list(box.waiting(10)) == []
