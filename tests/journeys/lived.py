"""What else happens to a person's data: pages and drafts, files, faults, an operator's questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DataError, OperationalError

from kinbridge.embedded import EmbeddedSystem
from kinbridge.operations import OPERATIONS
from services.intake.domain import CaseDraft
from shared.access import Role
from shared.database import reading
from shared.vault import DataKey
from tests.client import TestClient
from tests.journeys.hidden import ADDRESS, CYRILLIC, FULL, PHONE, STORY
from tests.staff import Browser, Staff

Kept = Callable[[Any], None]


def write_it_down_on_pages(system: EmbeddedSystem, staff: Staff, keep: Kept) -> str:
    """A draft that is submitted, one that is left, one that is removed, and mistakes on the way. The case's id."""
    worker = Browser(TestClient(system.web(), base_url="http://kinbridge.test"))
    worker.sign_in(staff.member(Role.CASE_WORKER))
    drafts = [_begun(worker) for _ in range(3)]
    worker.open(f"{drafts[2]}/remove")
    worker.send(f"{drafts[2]}/remove")
    keep(worker.answer)
    submitted = drafts[0]
    worker.open(f"{submitted}/details/relationship")
    worker.send(f"{submitted}/details/relationship", {"relationship": STORY}, 422)
    following = worker.send(f"{submitted}/details/relationship", {"relationship": "parent"})
    while "/details/" in following:
        worker.open(following)
        following = worker.send(following, {"how_contact_was_lost": "shipwreck", "circumstances": STORY})
        keep(worker.answer)
    worker.open(f"{submitted}/check")
    case = worker.send(f"{submitted}/check").partition("?")[0]
    keep(worker.answer)
    worker.open(case)
    worker.open(f"{case}/do/add_note")
    worker.send(f"{case}/do/add_note", {"note": STORY})
    worker.open("/intake/cases/by-name")
    assert FULL in worker.send("/intake/cases/by-name", {"name": FULL}, 200)
    assert "canary" not in str(worker.answer.url).lower()
    for address in (f"/intake/cases/{FULL}", f"/intake/cases?reference={PHONE}&place={FULL}", f"/intake/{ADDRESS}"):
        worker.client.get(address, follow_redirects=False)
    stranger = Browser(TestClient(system.web(), base_url="http://kinbridge.test"))
    stranger.open("/intake/sign-in")
    stranger.send("/intake/sign-in", {"name": FULL, "password": STORY}, 422)
    with reading(system.engine("intake")) as session:
        left = session.query(CaseDraft).order_by(CaseDraft.id).all()
        assert [(one.sealed is None, one.case_id is None) for one in left] == [(True, False), (False, True)]
    return case.rpartition("/")[2]


def _begun(worker: Browser) -> str:
    worker.open("/intake/new")
    draft = worker.send("/intake/new", {"type": "tracing_request"})
    for key, name in (("1", CYRILLIC), ("2", FULL)):
        worker.open(f"{draft}/people/{key}/names")
        following = worker.send(f"{draft}/people/{key}/names", {"full": name, "others": CYRILLIC})
        while "/people/" in following:
            worker.open(following)
            said = {"sex": "female", "share_with_nobody": "no", "last_address": ADDRESS, "marks": PHONE}
            following = worker.send(following, said)
    return draft


def bring_a_wrong_file(system: EmbeddedSystem, folder: Path, keep: Kept) -> None:
    """A file with names where figures belong: every row is refused."""
    file = folder / "incidents.csv"
    header = "occurred_from,occurred_to,dead,missing,survivors,females,males,children,route,region,cause,latitude"
    rows = [f"{FULL},2020-01-02,1,,,,,,,,,", f"2020-01-02,2020-01-02,{PHONE},,,,,,,,,", f"2020-01-02,,{STORY},{FULL}"]
    file.write_text("\n".join([header, *rows]))
    for step in OPERATIONS["import"](system, file=str(file), organisation="rc"):
        keep(step)
    file.unlink()


def ask_as_operator(system: EmbeddedSystem, keep: Kept) -> None:
    """What the command line shows."""
    for operation in ("status", "held list", "log verify", "erase list", "org list", "user list", "client list"):
        arguments = {"organisation": "rc"} if operation in {"user list", "client list"} else {}
        for step in OPERATIONS[operation](system, **arguments):
            keep(step)


def faults() -> Iterator[Exception]:
    """Errors whose texts hold what was about to be stored."""
    yield RuntimeError(STORY)
    yield KeyError(FULL)
    yield DataError(f"INSERT INTO person VALUES ('{FULL}')", {"name": FULL}, Exception(f"DETAIL: row ({FULL})"))
    yield OperationalError(STORY, (PHONE,), Exception(ADDRESS))


def break_down(patch: pytest.MonkeyPatch, submit: Callable[[str], Any]) -> None:
    """Requests that fail on our side, each with its own fault."""
    for number, fault in enumerate(faults()):

        def broken(*_arguments: Any, fault: Exception = fault) -> bytes:
            raise fault

        with patch.context() as patched:
            patched.setattr(DataKey, "encrypt", broken)
            assert submit(f"a fault {number}").status_code in (500, 503)
