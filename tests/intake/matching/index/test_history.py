"""A hub that had cases before there was a matcher: everybody gets a turn."""

from __future__ import annotations

from alembic import command

from shared.histories import alembic_config
from shared.migrations import migrate
from tests.intake.matching.index.conftest import Matched


def test_who_was_there_before_is_compared_after_the_migration(hub: Matched) -> None:
    sought, found = hub.sought(), hub.found()
    config = alembic_config("intake")
    with hub.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0014")
    migrate(hub.engine, "intake")
    assert hub.work() == 2
    assert hub.pairs() == [(sought.person, found.person)]
