"""Intake's relay in a process of its own, as its worker runs it: sequencer and publisher."""

from __future__ import annotations

import sys

from bench.child import settings_of_child, wait_for_release
from bench.facts import KEYS
from shared.database import open_engine
from shared.messaging.log import open_ledger
from shared.messaging.loops import Loops
from shared.messaging.worker import Relay


def main() -> None:
    settings = settings_of_child()
    engine = open_engine(settings["database"])
    open_ledger(engine, "intake", KEYS)
    loops = Loops()
    wait_for_release()
    Relay(engine, "intake", settings["broker"]).start(loops)
    print("running", flush=True)
    sys.stdin.readline()
    loops.end()


if __name__ == "__main__":
    main()
