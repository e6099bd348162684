"""Consuming: each event of a source applied once, in order, with its effect in one transaction.

`handlers` declares who handles what; `cursor` is the whole inbox; `apply` is the decision about each event;
`inlet` takes messages from the broker; `reconciler` compares heads and pulls what no message brought.
"""

from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.handlers import Handlers, Subscriptions, many

__all__ = ["Consumer", "Handlers", "Subscriptions", "many"]
