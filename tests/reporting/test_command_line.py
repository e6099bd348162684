"""`kinbridge report --grant`: what was published over the period, byte by byte, else a draft of now."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from kinbridge import reports
from kinbridge.cli.reports import _tell
from services.reporting.rendering import RENDERINGS
from shared.crypto import KeyRing
from tests.reporting.grants.conftest import APPROVER, MANAGER, Office


@dataclass
class System:
    """The system in one process, as far as a report asks for it."""

    office: Office

    def wait_until_arrived(self) -> bool:
        return True

    def engine(self, _service: str) -> Engine:
        return self.office.engine


@pytest.fixture
def office(sqlite: Callable[[str], Engine], keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(reports, "_keeper", lambda *_: MANAGER)
    return Office(sqlite("reporting"), keys)


def reported(office: Office, form: str, first: str = "2026-07-01", last: str = "2026-09-30") -> dict[str, Any]:
    asked = {"grant": "echo_2026", "first": first, "last": last, "named": False, "form": form, "organisation": "local"}
    (told,) = reports.report_grant(System(office), **asked)  # type: ignore[arg-type] # as far as it is asked
    return told


@pytest.mark.parametrize("form", RENDERINGS)
def test_what_was_published_comes_out_as_it_is_read_elsewhere_and_stays(office: Office, form: str) -> None:
    office.incident("2026-08-03", 41)
    report = office.opened(office.grant())
    office.published(report)
    office.incident("2026-08-04", 7)

    def read(number: int) -> bytes:
        answer = office.asks(MANAGER, "GET", f"/reports/{report}/issues/{number}?format={form}")
        assert answer.status_code == 200
        content: bytes = answer.content
        return content

    told = reported(office, form)
    assert (told["draft"], told["number"], told["audience"]) == (False, 1, "donor")
    assert base64.b64decode(told["content"]) == read(1)

    office.done(APPROVER, "POST", f"/reports/{report}/restatement", {"why": "Late facts."})
    assert reported(office, form)["content"] == told["content"], "nothing else is published yet"
    office.published(report)
    again = reported(office, form)
    assert (again["draft"], again["number"], again["audience"]) == (False, 2, "internal")
    assert base64.b64decode(again["content"]) == read(2) != read(1)


def test_over_another_period_it_is_a_draft_and_says_so(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    report = office.opened(office.grant())
    office.published(report)
    for told, said in (
        (reported(office, "json"), "issue 1, as it was published, in"),
        (reported(office, "json") | {"audience": "internal"}, "for your own staff: not for the donor, in"),
        (reported(office, "json", "2026-07-01", "2026-08-31"), "a DRAFT of now, in"),
    ):
        _tell(told, Path("report.json"))
        assert said in capsys.readouterr().err
