"""What several files of tests of reporting ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from shared.crypto import KeyRing
from tests.reporting.drafting.test_drafting import Desk, desk_of


@pytest.fixture
def make(database: Callable[[str], Engine], keys: KeyRing) -> Callable[..., Desk]:
    """A desk with a grant G1 of these indicators."""

    def made(*codes: str) -> Desk:
        return desk_of(database, keys, *codes)

    return made
