"""The account: every accepted event sequenced, chained, and applied once and in order at every consumer.

It compares what is in the databases after the storm. A difference is an AssertionError that names it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Engine, Identity, Integer, MetaData, Table, Text, Uuid, select
from sqlalchemy.orm import Session

from services.reporting.domain import IncidentFact
from shared.crypto import KeyRing
from shared.database import reading, table_of
from shared.events import CaseUpdated, IncidentCorrected, IncidentRecorded
from shared.events.envelope import GENESIS, PARTITIONS, Logged
from shared.events.intake import IncidentCounts
from shared.messaging.consumer.cursor import Place, read_cursor
from shared.messaging.feed import read_log
from shared.messaging.sequencer import heads
from shared.messaging.tables import alarm, event_log, event_position, held

EFFECTS = MetaData()
effect = Table(
    "effect",
    EFFECTS,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("subject", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    comment="What the ledger did, in the order in which it did it. Nothing here is unique: doubles are seen",
)
KINDS = {kind.TYPE: kind for kind in (IncidentRecorded, IncidentCorrected)}
"""Facts that carry figures."""
EFFECTIVE = {*KINDS, CaseUpdated.TYPE}
"""Facts that the ledger writes down: every one that intake records here about a case."""
SHOWN = 5


@dataclass(frozen=True)
class Applied:
    """One effect of one event."""

    event_id: UUID
    subject: str
    seq: int


@dataclass
class Account:
    """What differs, in words; empty when everything is as it must be."""

    source: str
    log: list[Logged[Any]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, engine: Engine, source: str = "intake") -> Account:
        """Begin with the source: its log is numbered and chained without a gap."""
        account = cls(source)
        with reading(engine, snapshot=True) as session:
            account._read(session)
        return account

    def close(self) -> None:
        """Raise an AssertionError that names every difference."""
        assert not self.differences, "The account does not balance: " + "; ".join(self.differences)

    def journals(self, accepted: Iterable[UUID], rolled_back: Iterable[UUID]) -> Account:
        """What producers were told was committed is in the log, and what they rolled back is not."""
        logged = {event.id for event in self.log}
        self._differ("accepted, but not in the log", [str(i) for i in accepted if i not in logged])
        self._differ("rolled back, but in the log", [str(i) for i in rolled_back if i in logged])
        return self

    def effects(self, name: str, found: Sequence[Applied]) -> Account:
        """Every accepted fact about a case has exactly one effect, in the order of its case."""
        wanted = {event.id: event for event in self.log if event.type in EFFECTIVE}
        times = Counter(one.event_id for one in found)
        self._differ(f"{name}: lost", [_named(wanted[i]) for i in wanted if not times[i]])
        self._differ(f"{name}: doubled", [f"{_named(wanted[i])} {n} times" for i, n in times.items() if n > 1])
        self._differ(f"{name}: applied, but never accepted", [str(i) for i in times if i not in wanted])
        last: dict[str, int] = defaultdict(int)
        disorder = []
        for one in found:
            if one.seq != last[one.subject] + 1:
                disorder.append(f"{one.subject} seq {one.seq} after {last[one.subject]}")
            last[one.subject] = one.seq
        self._differ(f"{name}: out of order", disorder)
        return self

    def ledger(self, engine: Engine, *consumers: str) -> Account:
        """The effects that a ledger database holds for each consumer."""
        for consumer in consumers:
            with reading(engine) as session:
                rows = session.execute(select(effect).where(effect.c.consumer == consumer).order_by(effect.c.number))
                self.effects(consumer, [Applied(row.event_id, row.subject, row.seq) for row in rows])
        return self

    def facts(self, engine: Engine, keys: KeyRing) -> Account:
        """Reporting's figures are those of the last fact of each incident."""
        expected = {UUID(s.partition("/")[2]): _counts(e, keys) for s, e in self._last().items()}
        with reading(engine) as session:
            columns = [getattr(IncidentFact, name) for name in IncidentCounts.model_fields]
            rows = session.execute(select(table_of(IncidentFact).c.case_id, *columns)).all()
        found = {row[0]: tuple(row[1:]) for row in rows}
        self._differ("reporting: lost", [f"case/{c}" for c in expected if c not in found])
        self._differ("reporting: counted, but never accepted", [f"case/{c}" for c in found if c not in expected])
        stale = [f"case/{c} has {found[c]}, not {f}" for c, f in expected.items() if c in found and found[c] != f]
        self._differ("reporting: another figure than the last correction", stale)
        return self

    def arrived(self, engine: Engine, *consumers: str) -> Account:
        """Each cursor is at its head, nothing is held, no alarm is left."""
        ends = dict.fromkeys(range(PARTITIONS), (0, GENESIS))
        ends |= {event.partition: (event.position, event.hash) for event in self.log}
        with reading(engine) as session:
            for consumer in consumers:
                for partition, end in ends.items():
                    at = read_cursor(session, Place(consumer, self.source, partition))
                    if (at.position, at.hash) != end:
                        self.differences.append(f"{consumer}/{partition} stands at {at.position}, not {end[0]}")
            holds = session.execute(select(held)).all()
            self._differ("held", [f"{row.consumer} {row.subject} {row.error_class} {row.location}" for row in holds])
            alarms = session.execute(select(alarm)).all()
            told = [f"{row.kind} {row.consumer}/{row.source}/{row.partition} {row.error_class}" for row in alarms]
            self._differ("alarms left", told)
        return self

    def _read(self, session: Session) -> None:
        logged = set(session.scalars(select(event_log.c.ordinal)))
        placed = list(session.scalars(select(event_position.c.ordinal)))
        self._differ("in the log, but not sequenced", [str(o) for o in logged - set(placed)])
        self._differ("sequenced, but not in the log", [str(o) for o in set(placed) - logged])
        for partition, head in heads(session).items():
            self._read_partition(session, partition, head.position)
        last: dict[str, int] = defaultdict(int)
        for event in self.log:
            if event.seq != last[event.subject] + 1:
                self.differences.append(f"the log: out of order: {_named(event)} after {last[event.subject]}")
            last[event.subject] = event.seq

    def _read_partition(self, session: Session, partition: int, head: int) -> None:
        events = read_log(session, self.source, partition, 0, head + 1)
        previous = GENESIS
        for number, event in enumerate(events, 1):
            if event.position != number:
                self.differences.append(f"a gap before position {event.position} of partition {partition}")
                break
            if not event.fits(previous):
                self.differences.append(f"the chain of partition {partition} breaks at {number}")
                break
            previous = event.hash
        if len(events) != head:
            self.differences.append(f"partition {partition} has {len(events)} events, its head is {head}")
        self.log += events

    def _last(self) -> dict[str, Logged[Any]]:
        return {event.subject: event for event in self.log if event.type in KINDS}

    def _differ(self, what: str, found: Sequence[str]) -> None:
        if found:
            more = f" … and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            self.differences.append(f"{what}: {len(found)} ({', '.join(found[:SHOWN])}{more})")


def _named(event: Logged[Any]) -> str:
    return f"{event.subject} seq {event.seq}"


def _counts(event: Logged[Any], keys: KeyRing) -> tuple[int | None, ...]:
    fact = Logged(
        event.source,
        event.partition,
        event.position,
        event.previous_hash,
        event.hash,
        event.parts,
        keys,
        KINDS[event.type],
    ).event
    return tuple(getattr(fact.counts, name) for name in IncidentCounts.model_fields)
