"""The rival Celery: one task an event, exactly once by an inbox table.

Same as Kinbridge: the payload's size, a durable quorum queue, the fact inserted once and acknowledged after the commit
(`acks_late`). Not the same: plain JSON, one transaction a task, two worker processes where Kinbridge has one.
"""

from __future__ import annotations

import sys
from typing import Any

import psycopg
from celery import Celery
from kombu import Queue

from bench.child import settings_of_child, wait_for_release
from bench.facts import FACT_COLUMNS

PROCESSES = 2
PREFETCH = 64
TASK = "bench.count_incident"
_FACT = f"INSERT INTO incident_fact ({', '.join(FACT_COLUMNS)}) VALUES ({', '.join(f'%({n})s' for n in FACT_COLUMNS)})"


def application(broker: str, queue: str) -> Celery:
    """The Celery application on a quorum queue; also what fills the queue uses it."""
    app = Celery("bench", broker=broker)
    app.conf.update(
        task_queues=[Queue(queue, routing_key=queue, durable=True, queue_arguments={"x-queue-type": "quorum"})],
        task_default_queue=queue,
        task_default_routing_key=queue,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=PREFETCH,
        worker_concurrency=PROCESSES,
        worker_redirect_stdouts=False,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_transport_options={"confirm_publish": True},
        broker_connection_retry_on_startup=True,
    )
    return app


def add_task(app: Celery, facts: str) -> None:
    connections: list[psycopg.Connection[Any]] = []  # one for each worker process, made by its first task

    @app.task(name=TASK)  # type: ignore[untyped-decorator] # Celery has no types
    def count_incident(fact: dict[str, Any]) -> None:
        if not connections:
            connections.append(psycopg.connect(facts, autocommit=True))
        database = connections[0]
        with database.transaction():
            new = database.execute("INSERT INTO inbox (id) VALUES (%s) ON CONFLICT DO NOTHING", [fact["case_id"]])
            if new.rowcount:
                database.execute(_FACT.encode(), fact)


def main() -> None:
    settings = settings_of_child()
    app = application(settings["broker"], settings["queue"])
    add_task(app, settings["facts"])
    wait_for_release()
    sys.argv[1:] = []
    worker = ["worker", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
    app.worker_main(worker)


if __name__ == "__main__":
    main()
