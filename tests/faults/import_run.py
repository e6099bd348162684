"""`import` on the embedded system in a process of its own, which may be killed: one line of JSON for each step.

Arguments: data folder, file. At the end it says whether everything has arrived.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kinbridge.embedded import EmbeddedSystem
from kinbridge.imports import import_incidents
from services.intake import commands, queries
from shared.database import reading, transaction
from shared.settings import Settings

ORGANISATION = "coast-guard"


def main() -> None:
    folder, file = Path(sys.argv[1]), sys.argv[2]
    with EmbeddedSystem(Settings(data_dir=folder)) as system:
        _say("started")
        engine = system.engine("intake")
        with reading(engine) as session:
            known = [one.short_name for one in queries.organisations(session)]
        if ORGANISATION not in known:
            with transaction(engine) as session:
                commands.register_organisation(session, short_name=ORGANISATION, name="Coast Guard", kind="ngo")
        for step in import_incidents(system, file, ORGANISATION):
            _say(step["kind"], step if step["kind"] == "counted" else {})
        _say("arrived" if system.wait_until_arrived() else "not arrived")


def _say(kind: str, more: dict[str, object] | None = None) -> None:
    print(json.dumps({**(more or {}), "kind": kind}), flush=True)  # noqa: T201 - that is how it speaks


if __name__ == "__main__":
    main()
