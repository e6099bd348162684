"""Rotation of the master key by an operator's commands, where each service runs by itself and on one machine."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kinbridge.cli import app as kinbridge
from services.intake.domain import Base as IntakeBase
from services.notify.domain import Base as NotifyBase
from services.reporting.domain import Base as ReportingBase
from shared.crypto import KeyRing, key_id
from shared.errors import Conflict, MisconfiguredError
from shared.operators.keys import keyed_tables
from shared.settings import SERVICES, Settings
from tests.conftest import MASTER
from tests.factories import Factory
from tests.shared.operators.conftest import Installation

NEW = bytes(range(32, 64))


def in_base64(*keys: bytes) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


@pytest.mark.parametrize("base", [IntakeBase, NotifyBase, ReportingBase])
def test_every_table_with_wrapped_keys_is_known_by_their_owner(base: Any) -> None:
    tables = keyed_tables(base.metadata)
    assert "data_key" in [table.name for table in tables]
    for table in tables:
        assert len(table.primary_key.columns) == 1, "a wrapped key is bound to its owner"


def test_the_steps_of_a_rotation(installation: Installation, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    installation.tell(factory.incident())
    monkeypatch.setenv("KINBRIDGE_MASTER_KEY", in_base64(NEW, MASTER))
    with pytest.raises(Conflict, match="current"):
        installation.run("intake", "keys", "retire", key_id(NEW))
    for service in SERVICES:
        installation.run(service, "keys", "rewrap")
    listed = installation.run("intake", "keys", "list")["services"]["intake"]["keys"]
    assert [(one["id"], one["state"], one["events"]) for one in listed] == [
        (key_id(NEW), "current", 0),
        (key_id(MASTER), "older", 1),
    ]
    kept = installation.run("intake", "keys", "retire", key_id(MASTER))["event_key"]
    assert kept in installation.told("intake", "keys", "retire", key_id(MASTER))
    monkeypatch.setenv("KINBRIDGE_MASTER_KEY", in_base64(NEW))
    with pytest.raises(MisconfiguredError, match="events of intake"):
        installation.run("intake", "keys", "list")
    monkeypatch.setenv("KINBRIDGE_EVENT_KEYS", kept)
    states = [one["state"] for one in installation.run("intake", "keys", "list")["services"]["intake"]["keys"]]
    assert states == ["current", "events alone"]


def test_what_is_kept_of_a_key_opens_events_and_leads_to_nothing_else() -> None:
    kept = KeyRing((NEW,), {key_id(MASTER): KeyRing.event_key(MASTER)})
    before = KeyRing((MASTER,))
    nonce, cipher = before.encrypt(b"plain", b"about")
    assert kept.decrypt(key_id(MASTER), nonce, cipher, b"about") == b"plain"
    assert kept.opens_data_keys_of == {key_id(NEW)}
    assert not set(kept.all_derived("sign tokens")) & set(before.all_derived("sign tokens"))


@pytest.mark.parametrize("wrong", ["abc", "id:short", f"id:{in_base64(NEW[:16])}"])
def test_a_wrong_setting_says_what_it_must_be(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="keys retire"):
        Settings(data_dir=tmp_path, event_keys=wrong).key_ring()  # type: ignore[arg-type]


def test_an_empty_setting_is_none(tmp_path: Path) -> None:
    ring = Settings(data_dir=tmp_path, event_keys="").key_ring()  # type: ignore[arg-type]
    assert ring.opens_events_of == {ring.current}


def test_the_key_of_a_data_folder_is_rotated_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*words: str) -> Any:
        done = CliRunner().invoke(kinbridge, [*words, "--data-dir", str(tmp_path), "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    run("user", "add", "local", "amal@x.org", "Amal", "--role", "administrator")
    old = json.loads((tmp_path / "keys.json").read_text())["master_key"]
    monkeypatch.setenv("KINBRIDGE_MASTER_KEY", f"{in_base64(NEW)},{old}")
    assert run("keys", "rewrap")["services"]["intake"]["data_key"] == 1
    found = run("keys", "list")["services"]
    assert {one["data_keys"] for service in SERVICES for one in found[service]["keys"][1:]} == {0}
