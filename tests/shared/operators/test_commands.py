"""`python -m services.NAME.admin`: what `kinbridge` does on one machine, where each service runs by itself."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, text
from typer.testing import CliRunner

from kinbridge.cli import app as kinbridge
from services.notify.domain import RefusedRow
from shared.database import table_of, transaction
from shared.errors import InvalidInput, NotFound
from shared.events import ImportRowRefused
from shared.operators.admin import operators_app
from shared.operators.erasure_check import NEVER_ERASED
from shared.settings import SERVICES
from tests.shared.operators.conftest import OPERATED, Installation

COMMANDS = (
    *("status", "rebuild", "log verify", "erase verify", "keys list", "keys rewrap", "keys retire"),
    *("held list", "held show", "held replay", "held discard", "held resume"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one_of_each_service_and_of_kinbridge(command: str) -> None:
    for app in (*(operators_app(one) for one in OPERATED.values()), kinbridge):
        helped = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
        assert helped.exit_code == 0
        assert "--json" in helped.output


@pytest.fixture
def refused() -> ImportRowRefused:
    return ImportRowRefused(import_id=uuid4(), organisation_id=uuid4(), row=1, field="dead", reason="negative")


def stand_in_the_way(installation: Installation, refused: ImportRowRefused) -> None:
    """A row that the projection wants to insert is there already."""
    row = {"import_id": refused.import_id, "row": refused.row, "field": refused.field, "reason": "other"}
    with transaction(installation.engines["notify"]) as session:
        session.execute(insert(table_of(RefusedRow)).values(row))


def mend(installation: Installation) -> None:
    with transaction(installation.engines["notify"]) as session:
        session.execute(delete(table_of(RefusedRow)))


def test_an_event_that_cannot_be_applied_is_listed_shown_and_replayed(
    installation: Installation, refused: ImportRowRefused
) -> None:
    subject = f"import/{refused.import_id}"
    stand_in_the_way(installation, refused)
    installation.tell(refused)
    (hold,) = installation.run("notify", "held", "list")["holds"]
    assert (hold["service"], hold["source"], hold["subject"]) == ("notify", "intake", subject)
    assert f"python -m services.notify.admin held replay intake {subject}" in installation.told(
        "notify", "held", "list"
    )
    assert not installation.run("notify", "status")["healthy"]
    shown = installation.run("notify", "held", "show", "intake", subject)
    assert [one["type"] for one in shown["events"]] == ["import.row_refused"]
    assert installation.run("notify", "held", "replay", "intake", subject, code=2)["outcome"] == "still_held"
    mend(installation)
    assert installation.run("notify", "held", "replay", "intake", subject)["outcome"] == "ended"
    assert installation.run("notify", "held", "list") == {"holds": [], "alarms": []}
    assert installation.run("notify", "rebuild")["rows"]["refused_row"] == 1


def test_it_is_discarded_by_somebody_for_a_reason(installation: Installation, refused: ImportRowRefused) -> None:
    stand_in_the_way(installation, refused)
    installation.tell(refused)
    words = ("held", "discard", "intake", f"import/{refused.import_id}", "--reason", "sent twice")
    assert installation.run("notify", *words, "--by", "Amina Osei")["outcome"] == "ended"
    with installation.engines["notify"].connect() as connection:
        assert connection.execute(text("SELECT discarded_by, reason FROM discarded")).all() == [
            ("Amina Osei", "sent twice")
        ]


def test_who_names_what_is_not_there_gets_a_sentence(installation: Installation) -> None:
    with pytest.raises(NotFound, match="held list"):
        installation.run("notify", "held", "show", "intake", "case/1")
    with pytest.raises(NotFound, match="choose intake"):
        installation.run("reporting", "held", "replay", "notify", "case/1")
    with pytest.raises(InvalidInput, match="0 to 7"):
        installation.run("notify", "held", "resume", "intake", "8")
    assert installation.run("notify", "held", "resume", "intake", "3")["outcome"] == "resumed"


def test_the_status_tells_the_lag_by_the_feeds_and_that_one_is_silent(
    installation: Installation, refused: ImportRowRefused, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.tell(refused)
    found = installation.run("notify", "status")
    assert found["healthy"]
    assert found["services"]["notify"]["lag"] == {"intake": 0, "reporting": 0}
    monkeypatch.setenv("KINBRIDGE_INTAKE_FEED_URL", "http://127.0.0.1:9")
    found = installation.run("notify", "status")
    assert found["services"]["notify"]["lag"] == {"intake": None, "reporting": 0}
    assert not found["healthy"]
    assert "feed of intake" in installation.told("notify", "status")
    verified = installation.run("notify", "log", "verify", code=2)
    assert (verified["whole"], verified["read"]["intake"]["answered"]) == (True, False)


def test_what_is_taken_off_a_log_is_missed_by_who_has_read_it(
    installation: Installation, refused: ImportRowRefused
) -> None:
    installation.tell(refused)
    for service in SERVICES:
        assert installation.run(service, "log", "verify")["whole"]
    with transaction(installation.engines["intake"]) as session:
        for table in ("event_log", "event_position", "event_subject"):
            session.execute(text(f"DELETE FROM {table}"))
    assert installation.run("intake", "log", "verify")["whole"], "intake by itself cannot know"
    found = installation.run("notify", "log", "verify", code=2)
    assert [one["what"] for one in found["read"]["intake"]["faults"]] == [
        "a listener has read another event here, or more"
    ]
    assert "audit" in installation.run("intake", "log", "verify")


def test_of_somebody_whom_nobody_erased_nothing_is_proved(installation: Installation) -> None:
    for service in SERVICES:
        found = installation.run(service, "erase", "verify", str(uuid4()), code=2)
        assert found["faults"] == [NEVER_ERASED]
