"""What intake makes anew when the master key was rotated, beside the data keys."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import Engine

from services.intake.commands.match_index import renew_digests
from services.intake.commands.name_index import cases_behind, renew_name_index
from shared.database import reading, transaction
from shared.errors import Conflict
from shared.operators.keys import PATIENCE, Renewals

CASES = 100
"""Whose names are indexed in one transaction."""


def _renew_names(engine: Engine) -> int:
    """Index every name under the current key; returns how many persons it was not under."""
    left, done = _pass(engine, _every_case(engine))
    until = time.monotonic() + PATIENCE
    while left:
        if time.monotonic() > until:
            raise Conflict("Some cases are being worked on all the time: run it again.")
        time.sleep(0.1)
        left, more = _pass(engine, [left])
        done += more
    return done


def _pass(engine: Engine, batches: Iterable[list[UUID]]) -> tuple[list[UUID], int]:
    left: list[UUID] = []
    done = 0
    for case_ids in batches:
        with transaction(engine) as session:
            busy, renewed = renew_name_index(session, case_ids)
        left += busy
        done += renewed
    return left, done


def _every_case(engine: Engine) -> Iterator[list[UUID]]:
    after: UUID | None = None
    while True:
        with reading(engine) as session:
            case_ids = list(cases_behind(session, after, CASES))
        if not case_ids:
            return
        yield case_ids
        after = case_ids[-1]


def _renew_matches(engine: Engine) -> int:
    """Make the matcher's digests anew under the current key; returns how many records had others."""
    done, until = 0, time.monotonic() + PATIENCE
    while True:
        with transaction(engine) as session:
            renewed, left = renew_digests(session, CASES)
        done += renewed
        if not left:
            return done
        if renewed:
            until = time.monotonic() + PATIENCE
        elif time.monotonic() > until:
            raise Conflict("Some records are being matched all the time: run it again.")
        else:
            time.sleep(0.1)


RENEWALS: Renewals = {"name index": _renew_names, "match index": _renew_matches}
