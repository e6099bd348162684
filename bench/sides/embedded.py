"""The embedded system in a process of its own, as `kinbridge up` runs it, with a client that records at a rate.

Answers with the milliseconds of each event, from the end of the recording transaction to the end of the consumer's,
by one clock, and with the processor time that the whole process took meanwhile.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import facts
from bench.child import settings_of_child, until, wait_for_release
from kinbridge.embedded import EmbeddedSystem
from shared.database import transaction
from shared.garbage import calm_garbage_collector
from shared.messaging.consumer import Consumer
from shared.messaging.log import record
from shared.settings import Settings

SETTLED = 1.0
"""Seconds after start before the first event."""


def main() -> None:
    asked = settings_of_child()
    events = [facts.event(number) for number in range(asked["count"])]
    recorded: dict[str, float] = {}
    arrived: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, EmbeddedSystem(Settings(data_dir=Path(folder))) as system:
        watch(system.parts["reporting"].consumer, arrived)
        intake = system.engine("intake")

        def submit(number: int) -> None:
            with transaction(intake) as session:
                record(session, events[number])
            recorded[events[number].subject] = time.perf_counter()

        calm_garbage_collector()  # as `kinbridge up` does
        time.sleep(SETTLED)
        wait_for_release()
        busy = time.process_time()
        at_rate(asked["count"], asked["rate"], submit)
        until(lambda: len(arrived) == asked["count"], timeout=60)
        busy = time.process_time() - busy
    took = [(arrived[subject] - recorded[subject]) * 1000 for subject in recorded]
    print(json.dumps({"milliseconds": took, "processor_seconds": busy}), flush=True)


def watch(consumer: Consumer, arrived: dict[str, float]) -> None:
    """Note when a batch that the consumer applies has been committed."""
    apply = consumer._apply

    def noted(place: Any, events: Sequence[Any]) -> Any:
        outcome = apply(place, events)
        now = time.perf_counter()
        for one in events:
            if one.position <= outcome.at.position:
                arrived.setdefault(one.subject, now)
        return outcome

    consumer._apply = noted  # type: ignore[method-assign] # the moment is known nowhere else


def at_rate(count: int, rate: float, submit: Callable[[int], None]) -> None:
    """Submit by the clock: what was late does not delay the rest."""
    began = time.perf_counter()
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        submit(number)


if __name__ == "__main__":
    main()
