"""One of reporting's consumers, as its worker runs it: every so-many-eth partition of intake's feed, until caught up.

Answers with the moments (Unix time) between which it counted.
"""

from __future__ import annotations

import json
import time

from bench.child import settings_of_child, wait_for_release
from bench.facts import KEYS
from services.reporting.subscribers import PROJECTIONS, REACTIONS
from shared.database import open_engine
from shared.events.envelope import PARTITIONS
from shared.garbage import calm_garbage_collector
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.log import open_ledger


def main() -> None:
    settings = settings_of_child()
    engine, log = open_engine(settings["database"]), open_engine(settings["log"])
    open_ledger(engine, "reporting", KEYS)
    feeds = {"intake": LocalFeed(log, "intake")}
    consumer = Consumer("reporting", engine, feeds, Subscriptions(PROJECTIONS, REACTIONS), KEYS)
    consumer.prepare()
    calm_garbage_collector()
    wait_for_release()
    began = time.time()
    for partition in range(settings["first"], PARTITIONS, settings["every"]):
        consumer.catch_up("intake", partition)
    print(json.dumps({"began": began, "ended": time.time()}), flush=True)


if __name__ == "__main__":
    main()
