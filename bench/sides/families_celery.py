"""The rival: a Celery task for each message, as most write it. It calls the gateway, then writes the status.

A quorum queue and late acknowledgement, as ours; no attempt recorded before the call (a crash sends twice, and nobody
knows), no key, no consent, no code, no rendered words. Two worker processes.
"""

from __future__ import annotations

import sys
from typing import Any

import httpx2
import psycopg
from celery import Celery

from bench.child import settings_of_child, wait_for_release
from bench.sides.celery_consumer import application

TASK = "bench.send_message"


def add_task(app: Celery, database: str, gateway: str) -> None:
    opened: list[tuple[psycopg.Connection[Any], httpx2.Client]] = []  # by the first task of each worker process

    @app.task(name=TASK)  # type: ignore[untyped-decorator] # Celery has no types
    def send_message(number: int, to: str, text: str) -> None:
        if not opened:
            client = httpx2.Client(base_url=gateway, auth=("account", "secret"), trust_env=False)
            opened.append((psycopg.connect(database, autocommit=True), client))
        server, client = opened[0]
        answer = client.post("/2010-04-01/Accounts/account/Messages.json", data={"To": to, "Body": text, "From": "x"})
        answer.raise_for_status()
        told = answer.json()["sid"], number
        server.execute("UPDATE plain_message SET status = 'sending', provider_id = %s WHERE id = %s", told)


def main() -> None:
    settings = settings_of_child()
    app = application(settings["broker"], settings["queue"])
    add_task(app, settings["database"], settings["gateway"])
    wait_for_release()
    sys.argv[1:] = []
    app.worker_main(["worker", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"])


if __name__ == "__main__":
    main()
