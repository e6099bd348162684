"""A service's database is backed up while it runs, and restored, with the commands of docs/operations.md."""

from __future__ import annotations

import subprocess

import pytest

from tests.compose.books import Books
from tests.compose.conftest import Hub

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]


def test_a_restored_database_has_its_owner_and_rights_and_goes_on(hub: Hub, books: Books) -> None:
    stack, sender = hub.stack, hub.sender()
    for _ in range(5):
        sender.submit()
    books.close(sender.accepted)
    postgres = ["docker", "exec", "-i", stack.container("postgres")]
    dumped = subprocess.run([*postgres, "pg_dump", "-U", "postgres", "-Fc", "intake"], stdout=subprocess.PIPE)
    assert dumped.returncode == 0
    stack.compose("stop", "intake-web", "intake-worker")
    books.engines["intake"].dispose()
    restored = subprocess.run(
        [*postgres, "pg_restore", "-U", "postgres", "-d", "postgres", "--clean", "--if-exists", "--create"],
        input=dumped.stdout,
        capture_output=True,
    )
    assert restored.returncode == 0, restored.stderr.decode()
    stack.up()
    stack.wait_ready()
    for _ in range(5):
        sender.submit()
    assert len(sender.accepted) == 10
    books.close(sender.accepted)
    rights = "SELECT datdba::regrole || ' ' || coalesce(datacl::text, '') FROM pg_database WHERE datname = 'intake'"
    told = stack.execute("postgres", "psql", "-U", "postgres", "-Atc", rights)
    assert told.strip() == "intake {intake=CTc/intake}"
