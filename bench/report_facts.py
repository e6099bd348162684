"""Services delivered, invented and seeded, as reporting keeps them: by the million, with the rollups that its own code
sums up, written by COPY because events would take hours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from services.reporting.domain import ServedFact, ServedPerson, ServiceRollup, shares
from services.reporting.domain.rollup import SUMS, ByCell, Group, sum_up
from shared.database import table_of

ORGANISATIONS = tuple(UUID(int=0x0192F0C12B3C7D4E8F50617283940000 + number) for number in range(10))
GRANTS = 4
"""Of each organisation: a service has one or two of them, or none."""
LAST_DAY = date(2026, 9, 30)
QUARTER = date(2026, 7, 1), LAST_DAY
CATEGORIES = ("food", "household_items", "information", "primary_health_care", "rcm_collected", "phone_call")
_AGES = ("0-1", "2-4", "5", "6-11", "12", "13-17", "18-49", "18-49", "18-49", "50-59", "60-69", "unknown")
_SEXES = ("female", "female", "male", "male", "unknown")
_DISABILITIES = ("without", "without", "without", "with", "unknown")
_NATIONALITIES = ("ETH", "SOM", "ERI", "SDN", "SSD", "YEM", None)
_PLACES = tuple(f"ETH0{number:02}" for number in range(1, 25))
_SERVED_ALREADY = 0.4
"""The part of services that go to somebody who was served before."""


def grant_of(number: int) -> str:
    """The number of a grant."""
    return f"G{number:02}"


_PAID = tuple(
    shares.written(tuple((grant_of(number), Decimal(per_cent)) for number, per_cent in parts))
    for parts in (((0, 100),), ((1, 100),), ((2, 100),), ((3, 100),), ((0, 60), (1, 40)), ((2, 50), (3, 25)), ())
)


@dataclass(frozen=True)
class Fact:
    """One service to one person, as rows of the tables."""

    fact: dict[str, Any]
    person: dict[str, Any]


def facts(count: int, a_year: int) -> Iterator[Fact]:
    """So many of all organisations, the last day first: with more of them the history is longer, and as dense."""
    random = Random(26)
    for number in range(count):
        day = LAST_DAY - timedelta(days=number * 365 // a_year)
        organisation = ORGANISATIONS[number % len(ORGANISATIONS)]
        person = (
            number if random.random() > _SERVED_ALREADY else random.randrange(max(0, number - a_year // 5), number + 1)
        )
        yield _fact(Random(person), random, number, day, organisation, person)


def _fact(of_person: Random, random: Random, number: int, day: date, organisation: UUID, person: int) -> Fact:
    who = of_person.choice(_SEXES), of_person.choice(_AGES), of_person.choice(_DISABILITIES)
    nationality, place = of_person.choice(_NATIONALITIES), random.choice(_PLACES)
    at = {"partition": number % 8, "position": number // 8 + 1}
    common = {
        "case_id": UUID(int=person + 1),
        "organisation_id": organisation,
        "category": random.choice(CATEGORIES),
        "delivered_on": day,
        "place": place,
        "modality": "in_person",
        "shares": random.choice(_PAID),
    }
    sex, age, disability = who
    fact = {
        **at,
        **common,
        "event_id": UUID(int=number + 1),
        "service_id": None,
        "quantity": random.randint(1, 3),
        "people": 1,
        "unlinked": 0,
        "cells": json.dumps([[*who, nationality, None, 1, 0]]),
        "corrected_position": None,
        "corrected_event_id": None,
    }
    named = {"sex": sex, "age_band": age, "disability": disability, "nationality": nationality, "legal_status": None}
    return Fact(fact, {**at, **common, **named, "number": 0, "token": UUID(int=person + 1)})


def fill(server: psycopg.Connection[Any], count: int, a_year: int) -> None:
    """So many facts with their rollups, in an empty database of reporting."""
    sums: dict[Group, ByCell] = {}
    names = {table: [column.name for column in table_of(table).columns] for table in (ServedFact, ServedPerson)}
    for table in (ServedFact, ServedPerson):
        with server.cursor().copy(_copy(table.__tablename__, names[table])) as copy:
            for one in facts(count, a_year):
                row = one.fact if table is ServedFact else one.person
                copy.write_row([row[name] for name in names[table]])
                if table is ServedFact:
                    sum_up(sums, row)
    columns = [column.name for column in table_of(ServiceRollup).columns]
    keys = ("organisation_id", "grant", "month", "category")
    with server.cursor().copy(_copy(ServiceRollup.__tablename__, columns)) as copy:
        for group, by_cell in sums.items():
            for cell, added in by_cell.items():
                row = {**dict(zip(keys, group, strict=True)), "cell": cell, **dict(zip(SUMS, added, strict=True))}
                copy.write_row([row[name] for name in columns])
    server.execute("VACUUM ANALYZE")


def _copy(table: str, columns: list[str]) -> bytes:
    named = ", ".join(f'"{name}"' for name in columns)
    return f"COPY {table} ({named}) FROM STDIN".encode()
