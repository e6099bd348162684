"""Notify's Celery jobs: `python -m services.notify.tasks` runs worker and scheduler.

A job says "look now"; what is due is in the database, and a sweep finds what no job brought: by Celery's schedule, and
by a thread that needs no broker.
"""

from __future__ import annotations

import threading
from pathlib import Path

from celery import Celery
from sqlalchemy import Engine

from services.notify.commands.forgetting import forget_what_is_over
from services.notify.commands.holding import hold_back
from services.notify.commands.receipts import take_stragglers
from services.notify.commands.report_readers import forget_ended_readers
from services.notify.delivery import deliver_due, settle_broken_off
from services.notify.domain import Base
from services.notify.family_delivery import FamilyDelivery
from services.notify.figures import message_figures
from services.notify.opening import family_page, open_channels
from services.notify.report_delivery import ReportPost
from services.notify.senders import FileSender, SentOnce, open_inbox, open_report_mail
from services.notify.settings import JOBS, SERVICE, SWEEP_EVERY
from services.notify.subscribers import erase_again
from shared.crypto import KeyRing
from shared.database import transaction, utc_now
from shared.issue_files import IssueFiles
from shared.jobs import claim_tick, job_app
from shared.messaging.loops import Loops
from shared.metrics import new_registry, tell_metrics
from shared.metrics.jobs import JobTimes
from shared.service import open_service_engine
from shared.settings import Settings
from shared.wakes import bind_wake

SENT_ONCE = "sent-once.txt"
"""Beside the erasure journal: see `SentOnce`."""


def outbox(data_dir: Path) -> Path:
    """Where the file channel writes."""
    return data_dir / "outbox"


def families(engine: Engine, settings: Settings) -> FamilyDelivery:
    """Delivery to families by the installation's channels. Raises `MisconfiguredError`."""
    once = SentOnce(settings.journal_file.with_name(SENT_ONCE))
    return FamilyDelivery(engine, open_channels(settings), family_page(settings), open_inbox(settings), once)


def reports(engine: Engine, settings: Settings, files: IssueFiles) -> ReportPost:
    """Delivery of reports by the installation's mail server. Raises `MisconfiguredError`."""
    once = SentOnce(settings.journal_file.with_name(SENT_ONCE))
    return ReportPost(engine, files, open_report_mail(settings), settings.notify_base, once)


def reporting_files(settings: Settings, keys: KeyRing) -> IssueFiles:
    """Where reporting hands out the files: beside its feed."""
    from shared.http_issue_files import HttpIssueFiles  # one process of all services has no need of an HTTP client

    return HttpIssueFiles.open(settings.feed_url("reporting"), keys.feed_key("reporting", SERVICE))


def build(
    engine: Engine,
    sender: FileSender,
    delivery: FamilyDelivery,
    broker_url: str | None,
    post: ReportPost | None = None,
) -> Celery:
    """The jobs on an open database, woken by commits that ask for `notify.jobs`. Families have a thread of their own
    (`FamilyDelivery.run`), which jobs wake, and so has the `post` of reports: a slow provider keeps back nothing else.
    """
    app = job_app(SERVICE, JOBS, broker_url)

    @app.task(name="notify.deliver_due", shared=False)  # type: ignore[untyped-decorator] # Celery has no types
    def deliver() -> None:
        delivery.soon.set()
        if post is not None:
            post.soon.set()
        deliver_due(engine, sender)

    @app.task(name="notify.sweep", shared=False)  # type: ignore[untyped-decorator] # Celery has no types
    def sweep_now() -> None:
        sweep(engine, sender, delivery)

    app.conf.beat_schedule = {"sweep": {"task": "notify.sweep", "schedule": SWEEP_EVERY}}
    bind_wake(engine, JOBS, lambda: app.send_task("notify.deliver_due", queue=JOBS))
    return app


def sweep(engine: Engine, sender: FileSender, delivery: FamilyDelivery) -> None:
    """Deliver what no job brought, settle what was broken off, and write to families whose turn has come; once in each
    tick, whoever asks."""
    with transaction(engine) as session:
        mine = claim_tick(session, "notify.sweep", SWEEP_EVERY)
        if mine:
            take_stragglers(session, utc_now())
            hold_back(session, utc_now())
            forget_what_is_over(session, utc_now())
            forget_ended_readers(session, utc_now())
    if mine:
        delivery.write_periodic()
        delivery.clear_mailbox()
        delivery.read_mail()
        settle_broken_off(engine, sender)
        deliver_due(engine, sender)


def sweep_without_broker(engine: Engine, sender: FileSender, delivery: FamilyDelivery, stop: threading.Event) -> None:
    """Sweep in each tick until `stop`: while the broker is away, no schedule of Celery's reaches a worker."""
    while not stop.wait(SWEEP_EVERY.total_seconds()):
        sweep(engine, sender, delivery)


def main() -> None:
    """Run Celery's worker with its scheduler until asked to end."""
    settings = Settings()
    engine, keys = open_service_engine(settings, SERVICE, erase_again, Base.metadata)
    sender, loops = FileSender(outbox(settings.data_dir)), Loops()
    delivery = families(engine, settings)
    post = reports(engine, settings, reporting_files(settings, keys))
    app = build(engine, sender, delivery, settings.broker_url, post)
    loops.run("sweep", lambda: sweep_without_broker(engine, sender, delivery, loops.stop))
    loops.at_end(delivery.soon.set)
    loops.run("families", lambda: delivery.run(loops.stop))
    loops.at_end(post.soon.set)
    loops.run("reports", lambda: post.run(loops.stop))
    registry = new_registry()
    registry.register(message_figures(engine))
    JobTimes(registry, SERVICE)
    tell_metrics(registry, settings, loops)
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
