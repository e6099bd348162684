"""Where intake runs by itself, its own entry does what `kinbridge org|user|client` does on one machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kinbridge.cli import app
from services.intake.admin.operations import OPERATIONS
from tests.journeys.conftest import REPOSITORY, clean_environment

Admin = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def admin(tmp_path: Path) -> Admin:
    """`admin("org", "list")` on a folder of its own."""

    def run(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "services.intake.admin", *words],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=REPOSITORY,
            env=clean_environment() | {"KINBRIDGE_DATA_DIR": str(tmp_path / "data")},
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


def told(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_the_first_organisation_its_administrator_and_its_system_are_made_without_kinbridge(admin: Admin) -> None:
    assert told(admin("org", "add", "red-cross-x", "Red Cross of X", "--json"))["member"]
    assert "invitation" in admin("user", "add", "red-cross-x", "amal@x.org", "Amal", "--role", "administrator").stdout
    assert len(told(admin("client", "add", "red-cross-x", "--json"))["client_secret"]) > 40
    assert [one["state"] for one in told(admin("user", "list", "red-cross-x", "--json"))["users"]] == ["invited"]
    done = admin("org", "add", "Not A Short Name", "Name", code=2)
    assert "lower-case" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_is_a_command_of_both(name: str, admin: Admin) -> None:
    helped = CliRunner().invoke(app, [*name.split(), "--help"])
    assert helped.exit_code == 0
    assert "--data-dir" in helped.output
    if name == "org add":  # one process stands for the others: they are added in one loop
        assert "--data-dir" not in admin(*name.split(), "--help").stdout
