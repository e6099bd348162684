"""Names and declarations at the broker: what both RabbitMQ 3.10 and 4 understand."""

from __future__ import annotations

from kombu import Exchange, Queue

from shared.events.envelope import PARTITIONS

EXCHANGE = Exchange("kinbridge.events", type="topic", durable=True)
QUEUE_LENGTH = 20_000
NEVER = 2**31 - 1
"""A number of deliveries that no message reaches."""


def routing_key(source: str, partition: int) -> str:
    """By source and partition: a binding by type would make every unsubscribed type a gap."""
    return f"{source}.{partition}"


def queue_name(consumer: str, source: str, partition: int) -> str:
    return f"{consumer}.{source}.{partition}"


def event_queue(consumer: str, source: str, partition: int) -> Queue:
    """A quorum queue with one active consumer. It drops its oldest beyond 20,000: the feed repairs.

    The delivery limit is one that is never reached: a consumer that is killed often must not lose good messages to
    it. RabbitMQ 3.10 has none unless set, RabbitMQ 4 sets 20; -1 means none to the one, and at once to the other.
    """
    return Queue(
        queue_name(consumer, source, partition),
        exchange=EXCHANGE,
        routing_key=routing_key(source, partition),
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-max-length": QUEUE_LENGTH,
            "x-delivery-limit": NEVER,
            "x-overflow": "drop-head",
        },
    )


def event_queues(consumer: str, source: str, partitions: range | None = None) -> list[Queue]:
    return [event_queue(consumer, source, p) for p in partitions or range(PARTITIONS)]
