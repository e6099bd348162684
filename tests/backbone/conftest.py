"""A source and a listener for each test."""

import pytest

from shared.crypto import KeyRing
from tests.backbone.world import World
from tests.databases import Databases


@pytest.fixture
def world(database: Databases, keys: KeyRing) -> World:
    return World(database, keys)
