"""Servers of this run, for the tests of faults; a test that wipes or fills one makes its own."""

from collections.abc import Iterator

import pytest

from tests.faults.installation import Installation
from tests.servers import OwnPostgres, require_or_skip


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    require_or_skip("postgres", OwnPostgres.why_not())
    with OwnPostgres() as server:
        yield server


@pytest.fixture
def hub(postgres: OwnPostgres) -> Iterator[Installation]:
    """A fresh installation without a broker."""
    installation = Installation(postgres)
    yield installation
    installation.close()
    for name in (*installation.engines,):
        postgres.drop_database(name)
