"""The hub of the proposals' tests, with the matcher at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select

from services.intake.commands.matches.after_signing import mark_after_signing
from services.intake.domain import MatchKey, MatchRecord
from services.intake.pairing import Pairing
from services.intake.queries.match_index import unpacked
from shared.crypto import KeyRing
from shared.database import reading, transaction
from tests.intake.matching.proposals.conftest import Hub, Kept, made_on
from tests.intake.people import person, request_for
from tests.intake.referrals.conftest import registration

NAME = "Zubeida Quillfeather"


@dataclass
class Matched(Hub):
    """A hub whose worker takes turns when it is told to."""

    def work(self, engine: Engine | None = None) -> int:
        """Every turn that is due, also behind a signature; returns how many."""
        pairing, turns = Pairing(engine or self.engine), 0
        while self.mark_after_signing():
            pass
        while pairing.turn():
            turns += 1
        return turns

    def mark_after_signing(self) -> int:
        """One turn of the chore."""
        with transaction(self.engine) as session:
            return mark_after_signing(session)

    def sought(self, *names: str, **known: Any) -> Kept:
        """A tracing request of the enquirer's organisation."""
        sought = person(*(names or (NAME,)), **{"sex": "female", "birth": {"year": 1991}, **known})
        body = request_for(sought, enquirer="Perpetua Inkhorn", last_known_country="LBY")
        return self.submit(self.enquirer, body, "sought")

    def found(self, *names: str, basis: str | None = "consent", **known: Any) -> Kept:
        """A registration of the holder, of somebody of the same name."""
        found = person(*(names or (NAME,)), **{"sex": "female", "birth": {"year": 1991}, **known})
        return self.submit(self.holder, registration(found, met_in="ITA082"), "registered", basis=basis)

    def pairs(self) -> list[tuple[UUID, UUID]]:
        """(sought, found) of every match."""
        return [(row.sought_person_id, row.found_person_id) for row in self.rows()]

    def record(self, kept: Kept) -> MatchRecord | None:
        """The person's record in the index."""
        with reading(self.engine) as session:
            return session.scalar(select(MatchRecord).where(MatchRecord.person_id == kept.person))

    def keys_of(self, kept: Kept) -> int:
        """How many keys of the person are in the index: those that its record names, and no others."""
        with reading(self.engine) as session:
            row = session.scalar(select(MatchRecord).where(MatchRecord.person_id == kept.person))
            if row is None:
                return 0
            own = MatchKey.holder.between(row.number << 31, (row.number + 1 << 31) - 1)
            stored = session.scalars(select(MatchKey.digest).where(own)).all()
            assert sorted(stored) == sorted(unpacked(row.digests))
            return len(stored)

    def keys_in_all(self) -> int:
        """How many keys the index has."""
        with reading(self.engine) as session:
            return session.scalar(select(func.count()).select_from(MatchKey)) or 0


@pytest.fixture
def hub(database: Callable[[str], Engine], keys: KeyRing) -> Iterator[Matched]:
    """Runs on both databases."""
    yield from made_on(database("intake"), keys, Matched)


@pytest.fixture
def hub_on_postgres(postgres: Callable[[str], Engine], keys: KeyRing) -> Iterator[Matched]:
    yield from made_on(postgres("intake"), keys, Matched)
