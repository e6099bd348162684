"""Where the published figures are, if they are there at all."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def published_incidents() -> Path:
    """IOM's figures 2014 to 2018, which are no part of the repository."""
    path = REPOSITORY.parent / "shared" / "data" / "incidents" / "incidents-2014-2018.csv"
    if not path.exists():
        pytest.skip("the published file ../shared/data/incidents/incidents-2014-2018.csv is missing")
    return path
