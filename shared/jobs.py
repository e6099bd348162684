"""Celery as this product uses it: jobs inside one service. A job is never the only record of work."""

from __future__ import annotations

from datetime import timedelta

from celery import Celery
from kombu import Queue
from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.database import upsert, utc_now
from shared.messaging.tables import job_tick


def job_app(service: str, queue: str, broker_url: str | None) -> Celery:
    """A Celery app with a queue of its own. Without a broker, jobs run in this process through memory."""
    app = Celery(service, broker=broker_url or "memory://localhost//", set_as_current=False)
    app.conf.update(
        task_default_queue=queue,
        task_queues=[Queue(queue, durable=True)],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_redirect_stdouts=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"confirm_publish": True} if broker_url else {"polling_interval": 0.01},
        task_publish_retry=False,
        timezone="UTC",
    )
    return app


def claim_tick(session: Session, job: str, every: timedelta) -> bool:
    """Claim this scheduled run of a job; false when another scheduler has it. Old claims are dropped."""
    tick = int(utc_now().timestamp() // every.total_seconds())
    claimed = upsert(session, job_tick).values(job=job, tick=tick).on_conflict_do_nothing().returning(job_tick.c.tick)
    if session.execute(claimed).one_or_none() is None:
        return False
    session.execute(delete(job_tick).where(job_tick.c.job == job, job_tick.c.tick < tick - 100))
    return True
