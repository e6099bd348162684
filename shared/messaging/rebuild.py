"""Rebuilding projections: shadow tables with their own cursor, filled from the feeds, swapped in when caught up.

Reactions are never replayed; but where a source's new history is taken up, those that protect a person happen: this
service may never have seen what calls for them, and twice they do no harm. The live tables serve until the swap, which
is one transaction under every cursor's lock; where the rebuild fails they stay as they are. Projections touch projected
tables only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine, Table, delete, event, insert, select, text
from sqlalchemy.orm import Session

from shared.database import is_sqlite, open_engine, reading, transaction
from shared.errors import Conflict
from shared.events.envelope import GENESIS, PARTITIONS, Logged
from shared.logging import describe_error
from shared.messaging import alarms, holds
from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.cursor import Place, lock_cursor, read_cursor
from shared.messaging.consumer.handlers import Subscriptions
from shared.messaging.feed import PAGE
from shared.messaging.sequencer import Head
from shared.messaging.tables import alarm, cursor_position, discarded

log = logging.getLogger(__name__)

SHADOW = "rebuild"
ROUNDS = 50


@dataclass(frozen=True)
class Rebuilt:
    """What was read, and how many rows each projected table has now."""

    events: int
    rows: dict[str, int]


@dataclass(frozen=True)
class _Passed:
    """What a rebuild passes over, as the live consumer does: it must not change meanwhile."""

    holds: dict[Place, dict[str, int]]
    discarded: frozenset[tuple[Place, int]]
    forked: frozenset[Place]
    overtook: frozenset[tuple[Place, str, int]]
    """Protective events that were applied although their subject is held: by place, subject and seq."""


def rebuild(
    consumer: Consumer,
    tables: Sequence[Table],
    *,
    accept_new_history: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Rebuilt:
    """Make the projected tables anew from the sources' logs, up to where the live consumer stands.

    `accept_new_history` also takes up the log of a source that was restored from an old backup, as it is now;
    what its lost events had told others stays told. Raises `Conflict`, and changes nothing, when an event cannot be
    applied, or when holds changed meanwhile.
    """
    with _shadow(consumer.engine, tables) as engine:
        work = _Rebuild(consumer, engine, tables, accept_new_history, progress or (lambda _events: None))
        return work.run()


@contextmanager
def _shadow(live: Engine, tables: Sequence[Table]) -> Iterator[Engine]:
    """The live database with an empty schema of shadow tables; dropped afterwards."""
    engine = _attached(live) if is_sqlite(live) else live
    try:
        with engine.begin() as connection:
            if not is_sqlite(engine):
                connection.execute(text(f"DROP SCHEMA IF EXISTS {SHADOW} CASCADE"))
                connection.execute(text(f"CREATE SCHEMA {SHADOW}"))
            connection.execution_options(schema_translate_map={None: SHADOW})
            tables[0].metadata.create_all(connection, list(tables), checkfirst=False)
        yield engine
    finally:
        if is_sqlite(engine):
            engine.dispose()
        else:
            with engine.begin() as connection:
                connection.execute(text(f"DROP SCHEMA IF EXISTS {SHADOW} CASCADE"))


def _attached(live: Engine) -> Engine:
    """A second engine on the same file whose one connection has the shadow tables in a database in memory."""
    engine = open_engine(live.url.render_as_string(hide_password=False), pool_size=1)

    @event.listens_for(engine, "connect")
    def _attach(connection: Any, _record: object) -> None:
        connection.execute(f"ATTACH DATABASE '' AS {SHADOW}")

    return engine


class _Rebuild:
    def __init__(
        self,
        consumer: Consumer,
        engine: Engine,
        tables: Sequence[Table],
        accept_new_history: bool,
        progress: Callable[[int], None],
    ) -> None:
        self._consumer = consumer
        self._engine = engine
        self._tables = tables
        self._accept_new_history = accept_new_history
        self._progress = progress
        self._subscriptions: Subscriptions = consumer.subscriptions.projections_only()
        self._places = [Place(consumer.name, source, p) for source in sorted(consumer.feeds) for p in range(PARTITIONS)]
        self._at = {place: Head(0, GENESIS) for place in self._places}
        self._protecting: list[Logged[Any]] = []
        """Protective events of sources with a new history, whose reactions are still to happen."""
        self._events = 0

    def run(self) -> Rebuilt:
        with reading(self._engine) as session:
            passed = self._passed(session)
        if passed.forked and not self._accept_new_history:
            raise Conflict(
                "A source's history changed: rebuild with --accept-new-history once you know that its log is right."
            )
        for _ in range(ROUNDS):
            ahead = {place: self._catch_up(place, passed) for place in self._places}
            self._protect()
            with transaction(self._engine) as session:
                if self._finish(session, ahead, passed):
                    return Rebuilt(self._events, self._swap(session))
        raise Conflict("Events arrive faster than the rebuild can follow: run it again when it is quieter.")

    def _passed(self, session: Session) -> _Passed:
        name = self._consumer.name
        held = {
            place: {subject: hold.first_position for subject, hold in holds.holds_at(session, place).items()}
            for place in self._places
        }
        skipped = session.execute(
            select(discarded.c.source, discarded.c.partition, discarded.c.position).where(discarded.c.consumer == name)
        )
        forked = session.execute(
            select(alarm.c.source, alarm.c.partition).where(
                alarm.c.consumer == name, alarm.c.kind == alarms.HISTORY_CHANGED
            )
        )
        return _Passed(
            held,
            frozenset((Place(name, source, partition), position) for source, partition, position in skipped),
            frozenset(Place(name, source, partition) for source, partition in forked),
            frozenset(
                (place, subject, marker.seq)
                for place, subjects in held.items()
                for subject, markers in holds.markers_of(session, place, set(subjects)).items()
                for marker in markers
            ),
        )

    def _catch_up(self, place: Place, passed: _Passed) -> list[Logged[Any]]:
        """Apply up to the live cursor; return what the feed has beyond it, at most a page."""
        feed = self._consumer.feeds[place.source]
        while True:
            with reading(self._engine) as session:
                goal = read_cursor(session, place).position
            events = feed.page(place.partition, self._at[place].position, PAGE)
            due = events if place in passed.forked else [e for e in events if e.position <= goal]
            if due:
                with transaction(self._engine) as session:
                    self._apply(session, place, due, passed)
            if len(due) < len(events) or len(events) < PAGE:
                return events[len(due) :]

    def _apply(self, session: Session, place: Place, events: Sequence[Logged[Any]], passed: _Passed) -> None:
        session.connection().execution_options(schema_translate_map={None: SHADOW})
        for one in events:
            if not one.fits(self._at[place].hash):
                raise Conflict(f"The log of {place.source} does not fit its hashes: run `log verify`.")
            self._apply_one(session, place, one, passed)
            self._at[place] = Head(one.position, one.hash)
            self._events += 1
        session.connection().execution_options(schema_translate_map={})
        self._progress(self._events)

    def _apply_one(self, session: Session, place: Place, one: Logged[Any], passed: _Passed) -> None:
        if (place, one.position) in passed.discarded:
            return
        waits = one.position >= passed.holds[place].get(one.subject, one.position + 1)
        if waits and (place, one.subject, one.seq) not in passed.overtook:
            return
        try:
            kind = self._subscriptions.kind_of(one)
            if kind is None:
                return
            readable = replace(one, keys=self._consumer.keys, kind=kind)
            for handler in self._subscriptions.handlers_of(kind):
                handler(session, readable)
            session.flush()
            if kind.PROTECTIVE and place in passed.forked:
                self._protecting.append(readable)
        except holds.EVENTS_OWN_ERRORS as error:
            log.error("rebuild failed", extra={"subject": one.subject, "error": describe_error(error)})  # noqa: TRY400
            raise Conflict(
                f"{one.type} of {one.subject} (position {one.position} of partition {place.partition}) cannot be "
                "applied. The tables are as they were. Mend the handler, or hold or discard the event, and try again."
            ) from None

    def _protect(self) -> None:
        reactions = self._consumer.subscriptions.reactions
        with transaction(self._consumer.engine) as session:
            for one in self._protecting:
                reaction = reactions.get(one.kind) if one.kind is not None else None
                if reaction is not None:
                    reaction(session, one)
            session.flush()
        self._protecting.clear()

    def _finish(self, session: Session, ahead: dict[Place, list[Logged[Any]]], passed: _Passed) -> bool:
        """Under every cursor's lock: apply the rest; true when the shadow is where the live consumer is."""
        live = {place: lock_cursor(session, place) for place in self._places}
        if self._passed(session) != passed:
            raise Conflict("Holds or alarms changed while the tables were rebuilt: run it again.")
        before = dict(self._at), self._events
        for place, events in ahead.items():
            if place in passed.forked:
                self._take_new_history(session, place)
                continue
            self._apply(session, place, [e for e in events if e.position <= live[place].position], passed)
            if self._at[place] != live[place]:
                self._at, self._events = before
                session.rollback()
                return False
        return True

    def _take_new_history(self, session: Session, place: Place) -> None:
        session.execute(
            delete(cursor_position).where(
                cursor_position.c.consumer == place.consumer,
                cursor_position.c.source == place.source,
                cursor_position.c.partition == place.partition,
            )
        )
        at = self._at[place]
        key = {"consumer": place.consumer, "source": place.source, "partition": place.partition}
        session.execute(insert(cursor_position).values(**key, position=at.position, hash=at.hash))
        alarms.clear_alarm(session, alarms.HISTORY_CHANGED, place)

    def _swap(self, session: Session) -> dict[str, int]:
        """The shadow's rows become the live ones, in this transaction."""
        preparer = self._engine.dialect.identifier_preparer
        for table in reversed(self._tables):
            session.execute(delete(table))
        counts = {}
        for table in self._tables:
            name = preparer.quote(table.name)
            columns = ", ".join(preparer.quote(column.name) for column in table.columns)
            done = session.execute(
                text(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {SHADOW}.{name}")  # noqa: S608 - own names
            )
            counts[table.name] = int(getattr(done, "rowcount", 0))
        return counts
