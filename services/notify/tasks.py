"""Notify's Celery jobs: `python -m services.notify.tasks` runs worker and scheduler.

A job says "look now"; what is due is in the database, and a sweep finds what no job brought.
"""

from __future__ import annotations

from pathlib import Path

from celery import Celery
from sqlalchemy import Engine

from services.notify.delivery import deliver_due, settle_broken_off
from services.notify.domain import Base
from services.notify.figures import message_figures
from services.notify.senders import FileSender
from services.notify.settings import JOBS, SERVICE, SWEEP_EVERY
from services.notify.subscribers import erase_again
from shared.database import transaction
from shared.jobs import claim_tick, job_app
from shared.messaging.loops import Loops
from shared.metrics import new_registry, tell_metrics
from shared.metrics.jobs import JobTimes
from shared.service import open_service_engine
from shared.settings import Settings
from shared.wakes import bind_wake


def outbox(data_dir: Path) -> Path:
    """Where the file channel writes."""
    return data_dir / "outbox"


def build(engine: Engine, sender: FileSender, broker_url: str | None) -> Celery:
    """The jobs on an open database, woken by commits that ask for `notify.jobs`."""
    app = job_app(SERVICE, JOBS, broker_url)

    @app.task(name="notify.deliver_due", shared=False)  # type: ignore[untyped-decorator] # Celery has no types
    def deliver() -> None:
        deliver_due(engine, sender)

    @app.task(name="notify.sweep", shared=False)  # type: ignore[untyped-decorator] # Celery has no types
    def sweep() -> None:
        with transaction(engine) as session:
            mine = claim_tick(session, "notify.sweep", SWEEP_EVERY)
        if mine:
            settle_broken_off(engine, sender)
            deliver_due(engine, sender)

    app.conf.beat_schedule = {"sweep": {"task": "notify.sweep", "schedule": SWEEP_EVERY}}
    bind_wake(engine, JOBS, lambda: app.send_task("notify.deliver_due", queue=JOBS))
    return app


def main() -> None:
    """Run Celery's worker with its scheduler until asked to end."""
    settings = Settings()
    engine, _ = open_service_engine(settings, SERVICE, erase_again, Base.metadata)
    app = build(engine, FileSender(outbox(settings.data_dir)), settings.broker_url)
    registry = new_registry()
    registry.register(message_figures(engine))
    JobTimes(registry, SERVICE)
    tell_metrics(registry, settings, Loops())
    app.worker_main(
        [
            "--quiet",  # no banner among the lines of JSON
            "worker",
            "--beat",
            "--scheduler=celery.beat:Scheduler",  # in memory: claims of ticks are in the database
            "--pool=solo",
            f"--queues={JOBS}",
            "--without-gossip",
            "--loglevel=WARNING",
        ]
    )


if __name__ == "__main__":
    main()
