"""All files of an issue in one mail or no mail; once; and of what nobody knows, a person decides."""

from __future__ import annotations

import base64
import logging
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import dkim  # type: ignore[import-untyped]  # it has no types
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import update

from services.notify.commands.report_mail import hear_bounce
from services.notify.domain import ReportDelivery
from services.notify.senders import Attachment, Handed, Outgoing, Receipt
from services.notify.senders.letter import Signature, written
from services.notify.senders.mail_folder import MailFolder
from services.notify.senders.smtp import Relay, SmtpSender
from services.notify.settings import GIVE_UP_AFTER
from services.notify.subscribers import PROJECTIONS, REACTIONS
from services.reporting.rendering import RENDERINGS
from shared.access import Role
from shared.database import transaction, utc_now
from shared.events import ReportPublished
from tests.notify.families import Crash
from tests.notify.mail_server import MailServer
from tests.notify.reports.conftest import ADDRESS, FROM, House, attachments
from tests.reporting.rendering.issues import grant_issue


def test_a_published_issue_goes_to_each_reader_with_the_very_bytes_that_reporting_renders(house: House) -> None:
    house.add()
    house.add("second@donor.example", formats=["json", "csv"], language="fr")
    report = house.publish()
    assert house.deliver() == 2
    by_address = {str(one["To"]): one for one in house.letters}
    first, second = by_address[ADDRESS], by_address["second@donor.example"]
    issue = house.files.real._issue(report, 1)
    assert attachments(first) == {form: RENDERINGS[form].render(issue) for form in ("pdf", "xlsx")}
    assert attachments(second) == {form: RENDERINGS[form].render(issue) for form in ("json", "csv")}
    assert {one.get_filename() for one in first.iter_attachments()} == {
        f"RFL-2026-17_2026-07-01_2026-09-30_1.{form}" for form in ("pdf", "xlsx")
    }
    assert {one.status for one in house.deliveries} == {"sent"}


def test_the_mail_says_which_grant_period_and_issue_and_to_whom_it_went(house: House) -> None:
    house.add()
    house.publish()
    house.deliver()
    (letter,) = house.letters
    body = letter.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert letter["Subject"].strip() == "Report on grant RFL-2026/17, 1 July 2026 to 30 September 2026, issue 1"
    assert (letter["To"], letter["Cc"], letter["Bcc"], letter["From"]) == (ADDRESS, None, None, FROM)
    assert letter["Message-ID"] == f"<{house.only.id}@hub.example>"
    said = ("RFL-2026/17, Restoring Family Links", "Issue: 1", house.only.digest, "PDF, XLSX", "to your address alone")
    assert all(one in text for one in said), text
    assert str(letter["List-Unsubscribe"]).strip("<>") in text


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_the_mail_is_in_the_readers_language(house: House, language: str) -> None:
    house.add(language=language)
    house.publish()
    house.deliver()
    (letter,) = house.letters
    body = letter.get_body(("plain",))
    assert body is not None
    assert body["Content-Language"] == language
    assert "Period:" not in body.get_content()
    assert "Report on grant" not in letter["Subject"]
    assert "RFL-2026/17" in letter["Subject"]


@pytest.mark.parametrize("fault", ["gone", "empty", "cut"])
def test_while_one_file_is_missing_or_not_whole_no_mail_goes_out(house: House, fault: str) -> None:
    house.add()
    house.publish()
    house.files.fails["xlsx"] = fault
    assert house.deliver() == 0
    assert house.server.taken == []
    waiting = house.only
    assert waiting.status == "temporary-failure"
    assert waiting.reason == ("file_missing" if fault == "gone" else "file_damaged")
    assert waiting.next_attempt_at is not None
    assert waiting.next_attempt_at > utc_now() - timedelta(seconds=1)
    house.files.fails.clear()
    house.due_now()
    assert house.deliver() == 1
    assert set(attachments(house.letters[0])) == {"pdf", "xlsx"}


def test_files_of_another_issue_than_the_published_one_are_not_sent(house: House) -> None:
    house.add()
    report = house.publish()
    with transaction(house.engine) as session:
        session.execute(update(ReportDelivery).where(ReportDelivery.report_id == report).values(digest="0" * 64))
    assert house.deliver() == 0
    assert (house.only.status, house.only.reason) == ("temporary-failure", "another_issue")


def test_what_no_mail_can_carry_ends_at_once_where_staff_see_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.report_delivery.MOST_BYTES", 10)
    house.add()
    house.publish()
    assert house.deliver() == 0
    (shown,) = house.asks("GET", "report-mails").json()["items"]
    assert (shown["status"], shown["reason"], shown["next_attempt_at"]) == ("technical-failure", "too_large", None)
    assert house.server.taken == []


def test_after_three_days_without_a_file_staff_see_that_it_was_given_up(house: House) -> None:
    house.add()
    house.publish()
    house.files.fails["pdf"] = "gone"
    house.deliver()
    long_ago = utc_now() - GIVE_UP_AFTER - timedelta(minutes=1)
    with transaction(house.engine) as session:
        session.execute(update(ReportDelivery).values(first_tried_at=long_ago, next_attempt_at=utc_now()))
    house.deliver()
    (shown,) = house.asks("GET", "report-mails", house.actor(Role.AUDITOR)).json()["items"]
    assert (shown["status"], shown["reason"]) == ("expired", "file_missing")
    house.due_now()
    assert house.deliver() == 0


def test_an_event_that_comes_twice_is_one_mail(house: House) -> None:
    house.add()
    report = house.publish()
    house.deliver()
    house.tell(report, house.files.real._issue(report, 1))
    house.due_now()
    assert house.deliver() == 0
    assert len(house.server.taken) == 1
    assert len(house.deliveries) == 1


def test_an_internal_issue_is_mailed_to_nobody_and_its_files_are_handed_to_nobody(house: House) -> None:
    house.add()
    report = house.publish(audience="internal")
    assert house.deliveries == []
    house.tell(report, grant_issue(number=1, draft=False))  # as if the audience were another one
    assert house.deliver() == 0
    assert house.only.reason == "file_missing"
    assert house.server.taken == []


def test_another_organisations_report_goes_to_none_of_our_readers(house: House) -> None:
    house.asks(
        "POST",
        "report-readers",
        house.actor(other=True),
        json={"grant_id": str(house.grant_id), "address": "else@donor.example"},
    )
    house.publish()
    assert house.deliveries == []


def test_who_is_added_later_gets_what_is_published_later(house: House) -> None:
    house.publish()
    house.add()
    house.publish()
    assert house.deliver() == 1
    assert "1 October 2026" in house.letters[0]["Subject"]


class Dying:
    """A mail server during whose conversation the process dies."""

    name, channel, per_second, takes_reference = "smtp", "email", 1.0, False

    def send(self, outgoing: Outgoing) -> Handed:
        raise Crash

    def look_up(self, reference: Any, provider_id: str | None) -> Handed | None:
        return None


def test_of_a_mail_that_a_crash_broke_off_nobody_knows_and_it_is_not_sent_again_by_itself(house: House) -> None:
    house.add()
    house.publish()
    with pytest.raises(Crash):
        house.post(Dying()).deliver_due()  # type: ignore[arg-type] # as much of a sender as is needed
    assert [one.outcome for one in house.attempts] == [None], "recorded before the mail was handed over"
    assert house.post().settle_broken_off() == 0, "another process may still be at it"
    assert house.post().settle_broken_off(at_start=True) == 1
    assert house.only.status == "outcome-unknown"
    house.due_now()
    assert house.deliver() == 0
    assert house.server.taken == []


def test_a_person_sends_a_mail_of_unknown_outcome_again_and_mail_programs_know_it(house: House) -> None:
    house.add()
    house.publish()
    house.server.next("drop-after")
    house.deliver()
    mail = house.only
    assert (mail.status, len(house.server.taken)) == ("outcome-unknown", 1)
    assert house.asks("POST", f"report-mails/{mail.id}/again", house.actor(Role.AUDITOR)).status_code == 403
    assert house.asks("POST", f"report-mails/{mail.id}/again", house.actor(other=True)).status_code == 404
    assert house.asks("POST", f"report-mails/{mail.id}/again", house.actor(system=True)).status_code == 403
    assert house.asks("POST", f"report-mails/{mail.id}/again").json()["again_by"] == str(house.user)
    assert house.deliver() == 1
    first, second = house.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert first["List-Unsubscribe"] == second["List-Unsubscribe"]
    assert house.asks("POST", f"report-mails/{mail.id}/again").status_code == 409


def test_after_a_backup_was_restored_what_was_handed_over_is_not_sent_again(house: House) -> None:
    house.add()
    house.publish()
    house.once.add([house.only.id])  # the database has forgotten the attempt, this file has not
    assert house.deliver() == 0
    assert (house.only.status, house.only.reason) == ("outcome-unknown", "restored")
    house.asks("POST", f"report-mails/{house.only.id}/again")
    assert house.deliver() == 1


@pytest.mark.parametrize(
    ("happening", "status"),
    [
        (("recipient", "450 4.2.1 later"), "temporary-failure"),
        (("recipient", "550 5.1.1 no such mailbox"), "permanent-failure"),
        ("drop-before", "temporary-failure"),
    ],
)
def test_what_the_mail_server_says_is_what_staff_see(house: House, happening: Any, status: str) -> None:
    house.add()
    house.publish()
    house.server.next(happening)
    house.deliver()
    assert (house.only.status, len(house.server.taken)) == (status, 0)
    house.due_now()
    assert house.deliver() == (1 if status == "temporary-failure" else 0)


def test_each_mail_names_one_address_and_no_log_line_names_any(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for one in ("one", "two", "three"):
            house.add(f"{one}@donor.example")
        house.publish()
        house.server.next(("recipient", "550 5.1.1 no such mailbox"), "drop-before")
        house.files.fails["pdf"] = "cut"
        house.deliver()
        house.files.fails.clear()
        for _ in range(3):
            house.due_now()
            house.deliver()
    for raw in house.server.taken:
        assert len([one for one in ("one", "two", "three") if f"{one}@donor".encode() in raw]) == 1
    ours = [line for line in caplog.records if line.name != "mail.log"]  # which is the mail server's own
    told = " ".join([*(repr(vars(line)) for line in ours), repr(house.readers), repr(house.deliveries)])
    assert "donor.example" not in told
    assert [line for line in ours if line.name.startswith("services.notify")]


def test_files_are_asked_for_once_for_all_readers_of_an_issue(house: House) -> None:
    for one in ("one", "two", "three"):
        house.add(f"{one}@donor.example")
    house.publish()
    assert house.deliver() == 3
    assert sorted(house.files.asked) == ["pdf", "xlsx"]


def test_without_a_mail_server_whole_letters_lie_in_a_folder_once(house: House, tmp_path: Any) -> None:
    house.add()
    house.publish()
    folder = MailFolder(tmp_path / "letters")
    assert house.post(folder).deliver_due() == 1
    (letter,) = (tmp_path / "letters").iterdir()
    assert letter.stat().st_mode & 0o777 == 0o600
    content = letter.read_bytes()
    with transaction(house.engine) as session:
        session.execute(update(ReportDelivery).values(status="created", next_attempt_at=utc_now()))
    house.post(folder).deliver_due()
    assert letter.read_bytes() == content
    assert folder.look_up(uuid4(), None) == Handed("temporary-failure", code="not-there")


def test_where_families_have_a_provider_and_mail_has_none_reports_wait(house: House) -> None:
    house.add()
    house.publish()
    post = house.post()
    post._mail = None
    assert post.deliver_due() == 0
    assert (house.only.status, house.only.reason) == ("created", "no_mail_server")
    house.due_now()
    assert house.deliver() == 1


def test_a_large_mail_arrives_whole(server: MailServer) -> None:
    content = bytes(range(256)) * 8192
    sent = Attachment("large.pdf", "application/pdf", content)
    outgoing = Outgoing(uuid4(), ADDRESS, "A", "text\n", "en", (sent,))
    assert SmtpSender(Relay(server.host, server.port, "none"), FROM).send(outgoing).result == "accepted"
    (part,) = server.letters[0].iter_attachments()  # type: ignore[attr-defined] # an EmailMessage
    assert part.get_payload(decode=True) == content


def test_two_processes_that_find_the_same_mail_send_it_once(house: House) -> None:
    for number in range(4):
        house.add(f"reader{number}@donor.example")
    house.publish()
    posts = [house.post() for _ in range(3)]
    threads = [threading.Thread(target=one.deliver_due) for one in posts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    house.deliver()
    assert sorted(house.server.counted.values()) == [1, 1, 1, 1]
    assert len(house.attempts) == 4


def test_a_mail_that_came_back_is_seen_by_staff(house: House) -> None:
    house.add()
    house.publish()
    house.deliver()
    with transaction(house.engine) as session:
        bounced = Receipt("smtp", None, house.only.id, "permanent-failure", "5.1.1", part=0)
        assert hear_bounce(session, bounced)
        assert not hear_bounce(session, replace(bounced, reference=uuid4()))
    assert (house.only.status, house.only.reason) == ("permanent-failure", "bounced")


def test_a_rebuild_of_projections_mails_nothing_again() -> None:
    assert ReportPublished in REACTIONS
    assert ReportPublished not in PROJECTIONS


def test_the_headers_by_which_it_is_ended_are_signed(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    outgoing = Outgoing(uuid4(), ADDRESS, "A", "text\n", "en", (), "https://hub.example/notify/u/" + 43 * "x")
    raw = written(outgoing, FROM, Signature.read("hub.example", "k1", file))

    def dns(_name: bytes, **_more: object) -> bytes:
        return b"v=DKIM1; k=rsa; p=" + public

    assert dkim.verify(raw, dnsfunc=dns)
    for name in (b"List-Unsubscribe: <", b"List-Unsubscribe-Post: "):
        assert name in raw
        assert not dkim.verify(raw.replace(name, name + b"other"), dnsfunc=dns)
