"""Throw-away servers owned by the test run: real ones, which tests may kill, fill, block and wipe.

    with OwnPostgres() as postgres, OwnRabbitMQ() as rabbit:
        url = postgres.create_database("intake", owner="intake")
        rabbit.kill()

Everything lives in `run_folder()` and is gone when the run ends. Nothing is ended or changed before it is
proven to be ours (`NotOurs` otherwise), so the machine's own servers are safe. The addresses of a test are
those of its own servers: no KINBRIDGE_*_URL variable is read here.
"""

import os

import pytest

from .ownership import end_run, free_port, fresh_folder, own_folder, run_folder, sweep_leftovers, whole_run
from .postgres import OwnPostgres
from .processes import NotOurs
from .rabbitmq import OwnRabbitMQ

__all__ = [
    "NotOurs",
    "OwnPostgres",
    "OwnRabbitMQ",
    "end_run",
    "free_port",
    "fresh_folder",
    "own_folder",
    "require_or_skip",
    "run_folder",
    "sweep_leftovers",
    "whole_run",
]


def require_or_skip(name: str, why: str | None) -> None:
    """Skip the test if `why` names a reason, or fail it if KINBRIDGE_REQUIRE lists `name`.

    KINBRIDGE_REQUIRE is a comma list of servers ("postgres,rabbitmq") that CI promises to have.
    """
    if why is None:
        return
    if name in os.environ.get("KINBRIDGE_REQUIRE", "").replace(" ", "").split(","):
        pytest.fail(f"{name} is required here: {why}", pytrace=False)
    pytest.skip(why)
