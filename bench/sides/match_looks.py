"""The matcher's look-up: the real `Pairing.look`, as a turn does it, one request after the other.

Released once for each size of the index; answers with the milliseconds of each request, by `PARTS`. Requests are
prepared before. No request comes twice in this process after the warm-up's: what was heard before is remembered.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest.mock import patch
from uuid import UUID

from bench.child import settings_of_child, wait_for_release
from bench.facts import KEYS
from bench.match_facts import requests, tracing_samples
from services.intake import pairing
from services.intake.commands.match_index import Turn
from services.intake.matching import Prepared, prepare
from services.intake.queries import match_index as index
from services.intake.queries.compared import SOUGHT
from shared.database import open_engine, reading, utc_now
from shared.garbage import calm_garbage_collector
from shared.messaging.log import open_ledger

STEPS = {
    "look-up": ((index, "holders"), (pairing, "likely_candidates")),
    "may be compared": ((index, "standing"), (pairing, "_comparable")),
    "load and open": ((index, "records"), (index, "opened")),
    "rank": ((pairing, "rarity_in"), (pairing, "rank")),
}
"""Part of a look → what it calls."""
WHOLE, PROCESSOR = "whole", "our processor time"
PARTS = (WHOLE, *STEPS, PROCESSOR)
Took = dict[str, list[float]]


def main() -> None:
    settings = settings_of_child()
    engine = open_engine(settings["database"])
    open_ledger(engine, "intake", KEYS)
    claim = Turn(0, UUID(settings["person"]), UUID(settings["organisation"]), utc_now())
    work = pairing.Pairing(engine)
    asked = [prepare(one) for one in requests(tracing_samples(), settings["warming"] + settings["requests"])]
    look(work, claim, asked[: settings["warming"]])
    calm_garbage_collector()
    wait_for_release()
    print(json.dumps(look(work, claim, asked[settings["warming"] :])), flush=True)


def look(work: pairing.Pairing, claim: Turn, asked: Sequence[Prepared]) -> Took:
    took: Took = {part: [] for part in PARTS}
    shown = 0
    for request in asked:
        with stop_watches() as spent:
            began, busy = time.perf_counter(), time.thread_time()
            with reading(work.engine) as session:
                found = work.look(session, claim, SOUGHT, request)
            spent[WHOLE], spent[PROCESSOR] = time.perf_counter() - began, time.thread_time() - busy
        shown += len(found.candidates)
        for part, milliseconds in took.items():
            milliseconds.append(1000 * spent[part])
    if shown < len(asked):
        sys.exit("hardly anybody was found: something keeps all from being compared")
    return took


@contextmanager
def stop_watches() -> Iterator[dict[str, float]]:
    """Seconds spent in each of `STEPS` while it is open."""
    spent: dict[str, float] = defaultdict(float)
    with ExitStack() as open_:
        for step, parts in STEPS.items():
            for module, called in parts:
                watched = _watched(spent, step, getattr(module, called))
                open_.enter_context(patch.object(module, called, watched))
        yield spent


def _watched(spent: dict[str, float], step: str, work: Callable[..., object]) -> Callable[..., object]:
    def run(*given: object) -> object:
        began = time.perf_counter()
        found = work(*given)
        spent[step] += time.perf_counter() - began
        return found

    return run


if __name__ == "__main__":
    main()
