"""Intake's pages with the staff of two organisations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from shared.access import Role
from shared.crypto import KeyRing
from tests.applications import intake_on
from tests.client import TestClient
from tests.staff import Browser, Staff


@dataclass
class Pages:
    """The pages, and who may sign in."""

    engine: Engine
    keys: KeyRing
    own: Staff
    other: Staff

    def browser(self, role: Role | None = None, *, of: Staff | None = None, https: bool = False) -> Browser:
        """A new browser; signed in where a role is given."""
        site = intake_on(self.engine, self.keys)
        address = "https://kinbridge.test" if https else "http://kinbridge.test"
        made = Browser(TestClient(site, base_url=address))
        if role is not None:
            assert made.sign_in((of or self.own).member(role)) == "/intake/my-work"
        return made


@pytest.fixture
def pages(sqlite: Callable[[str], Engine], keys: KeyRing) -> Pages:
    """On SQLite: what pages ask of the database is tried on both by the interface for programs."""
    return _pages(sqlite("intake"), keys)


@pytest.fixture
def pages_on_both(database: Callable[[str], Engine], keys: KeyRing) -> Pages:
    """On SQLite, and on PostgreSQL with its row-level security."""
    return _pages(database("intake"), keys)


def _pages(engine: Engine, keys: KeyRing) -> Pages:
    own, other = (Staff(engine, f"red-{name}", f"Red {name.title()}") for name in ("cross-a", "crescent-b"))
    return Pages(engine, keys, own, other)
