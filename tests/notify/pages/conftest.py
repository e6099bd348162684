"""The family's pages, on one database and on both."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from shared.crypto import KeyRing
from tests.notify.pages.visiting import Pages, pages_on


@pytest.fixture
def pages(sqlite: Callable[[str], Engine], keys: KeyRing) -> Pages:
    """On SQLite."""
    return pages_on(sqlite, keys)


@pytest.fixture
def pages_on_both(database: Callable[[str], Engine], keys: KeyRing) -> Pages:
    """On SQLite, and on PostgreSQL."""
    return pages_on(database, keys)
