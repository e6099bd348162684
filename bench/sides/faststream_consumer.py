"""The rival FastStream: one subscriber, exactly once by an inbox table.

Same as Kinbridge: the payload's size, a durable quorum queue, the fact inserted once and acknowledged after the
commit, on uvloop. Not the same: plain JSON, one transaction an event (that is how its subscribers are written), many of
them at once. Prefetch and pool are sensible, not searched for.
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import uvloop
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from bench.child import settings_of_child, wait_for_release
from bench.facts import FACT_COLUMNS

PREFETCH = 200
POOL = 16
_INBOX = "INSERT INTO inbox (id) VALUES ($1) ON CONFLICT DO NOTHING"
_FACT = (
    f"INSERT INTO incident_fact ({', '.join(FACT_COLUMNS)}) "
    f"VALUES ({', '.join(f'${at}' for at in range(1, len(FACT_COLUMNS) + 1))})"
)


def values(fact: dict[str, Any]) -> list[Any]:
    """asyncpg takes days and ids as objects."""
    typed = {
        **fact,
        "case_id": UUID(fact["case_id"]),
        "organisation_id": UUID(fact["organisation_id"]),
        "occurred_from": date.fromisoformat(fact["occurred_from"]),
        "occurred_to": date.fromisoformat(fact["occurred_to"]),
    }
    return [typed[name] for name in FACT_COLUMNS]


async def serve(settings: dict[str, Any]) -> None:
    broker = RabbitBroker(settings["broker"], default_channel=Channel(prefetch_count=PREFETCH), logger=None)
    pool = await asyncpg.create_pool(settings["facts"], min_size=POOL, max_size=POOL)

    @broker.subscriber(  # type: ignore[untyped-decorator] # FastStream's types are not followed
        RabbitQueue(settings["queue"], durable=True, queue_type=QueueType.QUORUM),
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )
    async def count_incident(fact: dict[str, Any]) -> None:
        row = values(fact)
        async with pool.acquire() as database, database.transaction():
            if await database.execute(_INBOX, row[0]) == "INSERT 0 1":
                await database.execute(_FACT, *row)

    wait_for_release()
    await broker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(settings_of_child()))
