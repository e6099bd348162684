"""Applying events: the decision about each one, in one transaction with its effect and the cursor."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import NotYet
from shared.events.envelope import PARTITIONS, Event, Logged, readable
from shared.messaging import alarms, holds
from shared.messaging.consumer.cursor import Place, advance, ensure_cursors, lock_cursor, lock_cursors, read_cursors
from shared.messaging.consumer.fitting import Outcome, Verdict, fitting_of
from shared.messaging.consumer.handlers import Many, Subscriptions, runs
from shared.messaging.feed import PAGE, Feed
from shared.messaging.sequencer import Head

log = logging.getLogger(__name__)


class CommonFault(Exception):
    """Several organisations' events fail alike: the fault is not theirs."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


class Consumer:
    """One service's consumer of the sources it listens to. Safe to call from several threads and processes."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        feeds: Mapping[str, Feed],
        subscriptions: Subscriptions,
        keys: KeyRing,
    ) -> None:
        self.name = name
        self.engine = engine
        self.feeds = feeds
        self.subscriptions = subscriptions
        self.keys = keys

    def prepare(self) -> None:
        """Make the cursors that are missing; once, at start."""
        with transaction(self.engine) as session:
            ensure_cursors(session, self.name, self.feeds)

    def receive(self, source: str, partition: int, events: Sequence[Logged[Any]]) -> None:
        """Apply what the broker brought, in any order, doubled or with gaps; the feed gives what is missing.

        Raises only what is no event's fault (database, feed): then nothing of the failing rest was applied, and the
        caller tries again later with `catch_up`.
        """
        outcome = self._apply(Place(self.name, source, partition), events)
        if outcome.verdict in (Verdict.GAP, Verdict.MISFIT):
            self.catch_up(source, partition)

    def receive_together(self, source: str, batches: Mapping[int, Sequence[Logged[Any]]]) -> set[int]:
        """The same for several partitions in one transaction, as far as nothing stands in the way.

        Returns the partitions that are done; the others are for `receive`, each by itself.
        """
        try:
            outcomes = self._apply_together(source, batches)
        except Exception:  # noqa: BLE001 - nothing was applied; `receive` decides what is the event's fault
            return set()
        return {p for p, outcome in outcomes.items() if outcome.verdict in (Verdict.APPLIED, Verdict.STOPPED)}

    def catch_up(self, source: str, partition: int) -> int:
        """Pull from the source's feed until it has no more. Returns how many events were fetched."""
        place = Place(self.name, source, partition)
        feed, fetched = self.feeds[source], 0
        at = self.cursors(source, (partition,))[partition]
        while True:
            events = feed.page(partition, at.position, PAGE)
            if not events:
                if feed.hash_at(partition, at.position) != at.hash:
                    self._history_changed(place, at)
                return fetched
            fetched += len(events)
            outcome = self._apply(place, events)
            if outcome.verdict is Verdict.MISFIT and outcome.at == at:
                self._history_changed(place, at)
            if outcome.verdict is Verdict.STOPPED or (len(events) < PAGE and outcome.verdict is Verdict.APPLIED):
                return fetched
            at = outcome.at

    def is_protective(self, event: Logged[Any]) -> bool:
        """True for a subscribed event that overtakes holds, also in a version not known here yet."""
        try:
            return self.subscriptions.is_protective(event.type)
        except holds.EVENTS_OWN_ERRORS:
            return False

    def cursors(self, source: str, partitions: Collection[int] = range(PARTITIONS)) -> dict[int, Head]:
        """Where this consumer stands in partitions of a source."""
        with reading(self.engine) as session:
            return read_cursors(session, self.name, source, partitions)

    def _history_changed(self, place: Place, at: Head) -> None:
        """The feed does not continue what we read: stop this partition, so that nothing is lost in silence."""
        with transaction(self.engine) as session:
            alarms.raise_alarm(session, alarms.HISTORY_CHANGED, place, at.position, stops=True)

    def _apply(self, place: Place, events: Sequence[Logged[Any]]) -> Outcome:
        try:
            return self._apply_together(place.source, {place.partition: events})[place.partition]
        except Exception:  # noqa: BLE001 - one by one decides what is the event's fault, and raises the rest
            return self._apply_one_by_one(place, events)

    def _apply_together(self, source: str, batches: Mapping[int, Sequence[Logged[Any]]]) -> dict[int, Outcome]:
        """One transaction for all, without savepoints. Raises whatever goes wrong: then nothing of it was applied."""
        outcomes: dict[int, Outcome] = {}
        moves: dict[int, tuple[Head, Head]] = {}
        due: list[Logged[Any]] = []
        with transaction(self.engine) as session:
            at = lock_cursors(session, self.name, source, batches)
            stopped, holding = alarms.troubles(session, self.name, source, batches)
            for partition, events in batches.items():
                old = new = at[partition]
                fitting, verdict = ([], Verdict.STOPPED) if partition in stopped else fitting_of(old, events)
                if fitting:
                    new = Head(fitting[-1].position, fitting[-1].hash)
                    moves[partition] = old, new
                    due += fitting
                outcomes[partition] = Outcome(verdict, new)
            if due:
                self._handle_runs(session, source, due, sorted(holding & moves.keys()))
                advance(session, self.name, source, moves)
        return outcomes

    def _handle_runs(self, session: Session, source: str, events: Sequence[Logged[Any]], holding: list[int]) -> None:
        """Handle what no hold and no marker keeps back; events of several partitions in common runs."""
        anywhere = Place(self.name, source, events[0].partition)
        held: dict[str, holds.Hold] = {}
        for partition in holding:
            held |= holds.holds_at(session, Place(self.name, source, partition))
        markers = holds.markers_of(session, anywhere, {e.subject for e in events if e.person_id is not None})
        wanted = []
        for event in events:
            kind = self.subscriptions.kind_of(event)
            if self._passes_by(session, event, kind, held):
                continue
            assert kind is not None
            if kind.PROTECTIVE and event.subject in held:
                raise ValueError("a protective event of a held subject is handled by itself")
            opened = readable(event, kind, self.keys)
            if not (markers and holds.is_overtaken(markers.get(event.subject, []), opened, kind)):
                wanted.append(opened)
        for run in runs(wanted):
            self._handle_run(session, anywhere, run)
        succeeded = {event.partition for event in wanted}
        for place in {hold.place for hold in held.values() if hold.streak and hold.place.partition in succeeded}:
            holds.end_streak(session, place)

    def _passes_by(
        self, session: Session, event: Logged[Any], kind: type[Event] | None, held: dict[str, holds.Hold]
    ) -> bool:
        """True for what is not handled here: a type not listened to, or an event of a held subject."""
        hold = held.get(event.subject)
        if hold is not None:
            holds.skip(session, hold, event.position)
        return kind is None or (hold is not None and not kind.PROTECTIVE)

    def _handle_run(self, session: Session, place: Place, run: list[Logged[Any]]) -> None:
        kind = run[0].kind
        assert kind is not None
        for handler in self.subscriptions.handlers_of(kind):
            if isinstance(handler, Many):
                handler.function(session, run)
            else:
                for event in run:
                    handler(session, event)
        session.flush()
        if kind.PROTECTIVE:
            for event in run:
                holds.mark(session, place, event)

    def _apply_one_by_one(self, place: Place, events: Sequence[Logged[Any]]) -> Outcome:
        """The same with a savepoint for each event: a poison event is held, the others are applied."""
        failure: Exception | None = None
        with transaction(self.engine) as session:
            at = new = lock_cursor(session, place)
            if alarms.is_stopped(session, place):
                return Outcome(Verdict.STOPPED, at)
            fitting, verdict = fitting_of(at, events)
            for event in fitting:
                try:
                    self._apply_one(session, place, event)
                except CommonFault as fault:
                    alarms.raise_alarm(
                        session, alarms.FAILING_ALIKE, place, event.position, error=fault.cause, stops=True
                    )
                    verdict = Verdict.STOPPED
                    break
                except Exception as error:  # noqa: BLE001 - not the event's: keep what is done, and let it out below
                    failure = error
                    break
                new = Head(event.position, event.hash)
            if new != at:
                advance(session, self.name, place.source, {place.partition: (at, new)})
        if failure is not None:
            raise failure
        return Outcome(verdict, new)

    def _apply_one(self, session: Session, place: Place, event: Logged[Any]) -> None:
        held = holds.holds_at(session, place)
        try:
            with session.begin_nested():
                handled = self._handle_alone(session, place, event, held)
        except holds.EVENTS_OWN_ERRORS as error:
            self._refuse(session, place, event, error, held)
            return
        if handled and any(hold.streak for hold in held.values()):
            holds.end_streak(session, place)

    def _handle_alone(self, session: Session, place: Place, event: Logged[Any], held: dict[str, holds.Hold]) -> bool:
        if event.subject in held and not self.is_protective(event):
            holds.skip(session, held[event.subject], event.position)
            return False
        kind = self.subscriptions.kind_of(event)
        if self._passes_by(session, event, kind, held):
            return False
        return self.handle(session, place, event)

    def handle(self, session: Session, place: Place, event: Logged[Any]) -> bool:
        """Run the handlers of one event, unless a protective event overtook it. False when none ran."""
        kind = self.subscriptions.kind_of(event)
        if kind is None:
            return False
        markers = holds.markers_of(session, place, {event.subject})
        opened = readable(event, kind, self.keys)
        if holds.is_overtaken(markers.get(event.subject, []), opened, kind):
            return False
        self._handle_run(session, place, [opened])
        return True

    def _refuse(
        self,
        session: Session,
        place: Place,
        event: Logged[Any],
        error: Exception,
        held: dict[str, holds.Hold],
    ) -> None:
        if self.is_protective(event):
            alarms.raise_alarm(
                session, alarms.PROTECTIVE_FAILED, place, event.position, error=error, subject=event.subject
            )
        elif holds.is_common_fault(held, event, error):
            raise CommonFault(error)
        if event.subject in held:
            holds.skip(session, held[event.subject], event.position)
            return
        holds.hold(session, place, event, error)
        log.log(
            logging.INFO if isinstance(error, NotYet) else logging.WARNING,
            "held",
            extra={"subject": event.subject, "source": place.source, "position": event.position},
        )
