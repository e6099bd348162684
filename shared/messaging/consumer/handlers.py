"""Handlers: functions from (session, event) to an effect in the same transaction, declared by event type.

A *projection* builds tables from facts and can be rebuilt. A *reaction* has an outside effect or records new facts,
and is never replayed by a rebuild.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from shared.events.envelope import Event, Logged, UnknownEventVersion

EachHandler = Callable[[Session, Logged[Any]], None]
ManyHandler = Callable[[Session, Sequence[Logged[Any]]], None]


@dataclass(frozen=True)
class Many:
    """A handler that takes a run of events of one type at once: bulk inserts are where the speed is."""

    function: ManyHandler

    def __call__(self, session: Session, event: Logged[Any]) -> None:
        self.function(session, [event])


def many(function: ManyHandler) -> Many:
    """Declare a handler that takes a sequence of events. It must mean the same, one by one or together."""
    return Many(function)


Handlers = Mapping[type[Event], EachHandler | Many]


class Subscriptions:
    """What one service listens to: its projections and its reactions."""

    def __init__(self, projections: Handlers, reactions: Handlers | None = None) -> None:
        self.projections = projections
        self.reactions = reactions or {}
        kinds = [*projections, *(kind for kind in self.reactions if kind not in projections)]
        self._kinds = {(kind.TYPE, kind.VERSION): kind for kind in kinds}
        self._types = {kind.TYPE for kind in kinds}
        self._protective = {kind.TYPE for kind in kinds if kind.PROTECTIVE}
        self._handlers = {
            kind: tuple(h[kind] for h in (self.projections, self.reactions) if kind in h) for kind in kinds
        }

    def projections_only(self) -> Subscriptions:
        """The same without reactions, for a rebuild."""
        return Subscriptions(self.projections)

    def kind_of(self, event: Logged[Any]) -> type[Event] | None:
        """The class of a subscribed event, None for any other; raises `UnknownEventVersion`."""
        if event.type not in self._types:
            return None
        kind = self._kinds.get((event.type, event.version))
        if kind is None:
            raise UnknownEventVersion(f"{event.type} came in version {event.version}: upgrade this service.")
        return kind

    def listens_to(self, event_type: str) -> bool:
        """True for a subscribed type, in whatever version."""
        return event_type in self._types

    def is_protective(self, event_type: str) -> bool:
        """True for a subscribed type that overtakes holds."""
        return event_type in self._protective

    def handlers_of(self, kind: type[Event]) -> tuple[EachHandler | Many, ...]:
        """Projection first, then reaction."""
        return self._handlers[kind]


def runs(events: Sequence[Logged[Any]]) -> Iterator[list[Logged[Any]]]:
    """Group events by kind into few runs, so that events of one subject keep their order.

    An event joins the first run of its kind that does not stand before its subject's latest one.
    """
    if len({event.kind for event in events}) == 1:
        yield list(events)
        return
    groups: list[list[Logged[Any]]] = []
    latest_of_subject: dict[str, int] = {}
    groups_of_kind: dict[type[Event] | None, list[int]] = {}
    for event in events:
        earliest = latest_of_subject.get(event.subject, 0)
        own = groups_of_kind.setdefault(event.kind, [])
        place = next((index for index in own if index >= earliest), None)
        if place is None:
            place = len(groups)
            groups.append([])
            own.append(place)
        groups[place].append(event)
        latest_of_subject[event.subject] = place
    yield from groups
