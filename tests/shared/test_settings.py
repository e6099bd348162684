"""Settings: a key that only the owner reads, and no start on defaults in production."""

import base64
import stat
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from shared.errors import MisconfiguredError
from shared.settings import Settings


def test_a_generated_key_is_the_owners_alone_and_stays(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    first = settings.key_ring().current
    file = tmp_path / "new" / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert settings.key_ring().current == first
    assert [path.name for path in file.parent.iterdir()] == ["keys.json"]


def test_processes_that_start_together_share_one_generated_key(tmp_path: Path) -> None:
    settings, found = Settings(data_dir=tmp_path), []
    threads = [threading.Thread(target=lambda: found.append(settings.key_ring().current)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_production_refuses_to_generate_a_key(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="KINBRIDGE_MASTER_KEY is not set"):
        Settings(data_dir=tmp_path, environment="production").key_ring()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"other": 1}', '{"master_key": 7}', '{"master_key": "abc"}'])
def test_a_damaged_key_file_is_named_and_never_replaced(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(damage)
    with pytest.raises(MisconfiguredError) as caught:
        Settings(data_dir=tmp_path).key_ring()
    assert "keys.json" in str(caught.value)
    assert file.read_text() == damage


@pytest.mark.parametrize("given", ["", "short", base64.b64encode(b"x" * 31).decode(), "!" * 44, "é" * 44, ","])
def test_a_master_key_that_is_none_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(MisconfiguredError, match="32-byte keys") as caught:
        Settings(master_key=SecretStr(given)).key_ring()
    assert not given.strip(",") or given not in str(caught.value)


def test_a_wrong_setting_is_refused_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINBRIDGE_PORT", "canary")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "canary" not in str(caught.value)


def test_the_master_key_is_not_shown() -> None:
    assert "canary" not in repr(Settings(master_key=SecretStr("canary")))


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DEPOT_BUCKET", "DEPOT_MOST_BYTES", "EVENT_KEYS", "PUBLIC_URL"):
        monkeypatch.setenv(f"KINBRIDGE_{name}", "")
    settings = Settings(data_dir=tmp_path)
    assert (settings.depot_bucket, settings.event_keys, settings.public_url) == (None, None, None)
    assert settings.depot_most_bytes > 0
    monkeypatch.setenv("KINBRIDGE_MASTER_KEY", "")
    with pytest.raises(MisconfiguredError, match="not set"):
        Settings(data_dir=tmp_path, environment="production").key_ring()
