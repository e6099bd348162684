"""Where the published figures are, if they are there at all."""

from pathlib import Path

import pytest

from tests.samples import sample_data


@pytest.fixture
def published_incidents() -> Path:
    """IOM's figures 2014 to 2018, which are no part of the repository."""
    return sample_data("incidents/incidents-2014-2018.csv")
