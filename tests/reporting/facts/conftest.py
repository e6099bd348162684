"""Reporting that counts, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from shared.crypto import KeyRing
from tests.reporting.facts.world import Counting


@pytest.fixture
def counting(database: Callable[[str], Engine], keys: KeyRing) -> Counting:
    return Counting(database, keys)
