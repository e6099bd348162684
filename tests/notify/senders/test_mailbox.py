"""Without gateways a message is a file: whole, once, and readable on the mailbox page."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from services.notify.senders import MailboxSender, Outgoing


def message(text: str = "مرحبا", to: str = "+254711000001") -> Outgoing:
    return Outgoing(uuid4(), to, "About you", text, "ar")


def test_a_message_is_a_file_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    outgoing = message()
    handed = MailboxSender(tmp_path).send(outgoing)
    assert (handed.result, handed.provider_id) == ("delivered", str(outgoing.reference))
    (file,) = tmp_path.rglob("*.*")
    assert file.name == f"{outgoing.reference}.json"
    assert "254711000001" not in str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text())
    assert {**kept, "at": ""} == {
        "to": outgoing.to,
        "subject": "About you",
        "text": "مرحبا",
        "language": "ar",
        "at": "",
    }


def test_the_same_reference_twice_is_one_message(tmp_path: Path) -> None:
    sender, outgoing = MailboxSender(tmp_path), message()
    with ThreadPoolExecutor(8) as threads:
        assert {one.result for one in threads.map(sender.send, [outgoing] * 40)} == {"delivered"}
    assert [letter.reference for letter in sender.messages(10)] == [outgoing.reference]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1, "no draft is left"


def test_a_message_is_looked_up_by_its_reference(tmp_path: Path) -> None:
    sender, outgoing = MailboxSender(tmp_path), message()
    before = sender.look_up(outgoing.reference, None)
    sender.send(outgoing)
    after = sender.look_up(outgoing.reference, None)
    assert before is not None
    assert after is not None
    assert (before.result, after.result) == ("temporary-failure", "delivered")


def test_a_disk_that_takes_nothing_is_a_temporary_failure(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file where the folder should be")
    assert MailboxSender(tmp_path / "full").send(message()).result == "temporary-failure"
    assert MailboxSender(tmp_path).send(message("\ud800")).result == "technical-failure"


def test_the_newest_messages_come_first_and_damaged_ones_are_left_out(tmp_path: Path) -> None:
    sender = MailboxSender(tmp_path)
    sent = [message(str(number), f"+25471100000{number}") for number in range(5)]
    for number, outgoing in enumerate(sent):
        sender.send(outgoing)
        (file,) = tmp_path.rglob(f"{outgoing.reference}.json")
        os.utime(file, ns=(number, number))
    (damaged,) = tmp_path.rglob(f"{sent[4].reference}.json")
    damaged.write_text("{")
    os.utime(damaged, ns=(4, 4))
    assert [letter.text for letter in sender.messages(3)] == ["3", "2"]
    assert [letter.text for letter in sender.messages(10)] == ["3", "2", "1", "0"]
    assert MailboxSender(tmp_path / "nothing").messages(10) == []
