"""What reporting does by the clock: reports become due, are drafted, and somebody is reminded of them."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sqlalchemy import Engine

from services.reporting.commands.drafts import Draft
from services.reporting.commands.due import open_what_is_due, remind
from services.reporting.composing import draft_all_due
from shared.database import transaction, utc_now
from shared.jobs import claim_tick
from shared.messaging.loops import Loops

EVERY = timedelta(minutes=10)
FIRST = timedelta(seconds=5)
"""After the start: a command that is over sooner leaves it to others."""
JOB = "reporting.due reports"


def do_what_is_due(engine: Engine, draft: Draft, now: datetime) -> bool:
    """Open, draft and remind of what is due; once in each tick, whoever asks. False where another scheduler has it."""
    with transaction(engine) as session:
        if not claim_tick(session, JOB, EVERY):
            return False
        open_what_is_due(session, now)
        remind(session, now)
    draft_all_due(engine, draft, now)
    return True


def keep_reports_due(engine: Engine, draft: Draft, stop: threading.Event) -> None:
    """In each tick, until `stop`."""
    pause = FIRST
    while not stop.wait(pause.total_seconds()):
        do_what_is_due(engine, draft, utc_now())
        pause = EVERY


def start_schedules(engine: Engine, loops: Loops, *, draft: Draft) -> None:
    """In a thread of its own, beside a worker's others."""
    loops.run("due reports", lambda: keep_reports_due(engine, draft, loops.stop))
