"""The facts that are carried: incidents as IOM lays them out, invented, and the same size on every side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from services.reporting.domain import IncidentFact
from shared.crypto import KeyRing
from shared.database import table_of, transaction, uuid7
from shared.events import IncidentCounts, IncidentRecorded
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer

KEYS = KeyRing((bytes(range(32)),))
ORGANISATION = UUID("0192f0c1-2b3c-7d4e-8f50-617283940a1b")
RECORDED_AT_ONCE = 500
FACT_COLUMNS = tuple(column.name for column in table_of(IncidentFact).columns)
_SYLLABLES = tuple(f"{c}{v}" for c in "bdfghjklmnrstwyz" for v in "aeiou")
_GIVEN = tuple("".join(Random(number).choices(_SYLLABLES, k=2 + number % 2)).title() for number in range(600))
_ROUTES = (
    "Central Mediterranean",
    "Western Africa / Atlantic route to the Canary Islands",
    "US-Mexico border crossing",
)


def incident(number: int) -> dict[str, Any]:
    """The facts of one incident, as the API takes them."""
    day = date(2014, 1, 1) + timedelta(days=number % 4000)
    return {
        "occurred_from": day.isoformat(),
        "occurred_to": day.isoformat(),
        "dead": number % 7,
        "missing": number % 31 or None,
        "survivors": number % 53,
        "females": number % 3,
        "males": number % 5,
        "children": None,
        "route": _ROUTES[number % 3],
        "region": "Mediterranean",
        "region_of_origin": "Western Africa (P)",
        "countries_of_origin": "Unknown",
        "cause": "Drowning",
        "place": f"Off the coast, about {number % 90} nautical miles north of the port",
        "latitude": 33.0 + number % 100 / 50,
        "longitude": 12.0 + number % 100 / 40,
        "source": "Coast guard, and two survivors' accounts as told to the field office",
    }


def case(number: int) -> dict[str, Any]:
    return {"type": "mass_incident", "incident": incident(number)}


def name(number: int) -> str:
    """An invented name of three words; given names repeat far more often than family names."""
    draw = Random(number)
    given, father = (_GIVEN[int(len(_GIVEN) * draw.random() ** 2)] for _ in range(2))
    return f"{given} {father} {''.join(draw.choices(_SYLLABLES, k=3)).title()}"


def people_case(number: int) -> dict[str, Any]:
    """A tracing request: an enquirer, a sought person, a story."""
    day = date(2015, 1, 1) + timedelta(days=number % 4000)
    sought = {
        "names": [{"full": name(2 * number)}],
        "sex": ("female", "male")[number % 2],
        "birth": {"year": 1950 + number % 65},
        "nationality": ("ETH", "ERI", "SOM", "SDN", "SYR")[number % 5],
    }
    return {
        "type": "tracing_request",
        "details": {
            "relationship": "parent",
            "last_contact_on": day.isoformat(),
            "last_known_place": f"LY{number % 100:02}",
            "circumstances": "She called from a town near the coast and said that she would board a boat that night.",
        },
        "people": [
            {"role": "enquirer", "person": {"names": [{"full": name(2 * number + 1)}], "sex": "female"}},
            {"role": "sought", "person": sought},
        ],
        "relations": [{"person": 0, "other": 1, "kind": "parent"}],
    }


def event(number: int) -> IncidentRecorded:
    facts = incident(number)
    counts = {name: facts.pop(name) for name in IncidentCounts.model_fields}
    return IncidentRecorded.model_validate(
        {"case_id": uuid7(), "organisation_id": ORGANISATION, "counts": counts, **facts}
    )


def record_events(engine: Engine, count: int, *, at_once: int = RECORDED_AT_ONCE) -> None:
    """Record incidents in the log, `at_once` in a transaction."""
    for first in range(0, count, at_once):
        events = [event(number) for number in range(first, min(first + at_once, count))]
        with transaction(engine) as session:
            record(session, *events)


def sequence_all(engine: Engine) -> None:
    sequencer = Sequencer(engine)
    while sequencer.sequence():
        pass


def plain_messages(count: int, size: int) -> Iterator[bytes]:
    """The same facts for those who know no envelope: one flat JSON object each, padded to `size` bytes."""
    for number in range(count):
        facts = {name: at for name, at in incident(number).items() if name in FACT_COLUMNS}
        body = json.dumps({"case_id": str(uuid7()), "organisation_id": str(ORGANISATION), **facts, "rest": ""})
        yield f'{body[:-2]}{"." * (size - len(body))}"}}'.encode()
