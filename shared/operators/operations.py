"""An operator's operations on one service that runs by itself. Each returns its answer, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, MetaData, Table

from shared.crypto import KeyRing
from shared.erasures import Erase, Journal
from shared.messaging.consumer import Subscriptions
from shared.messaging.rebuild import rebuild
from shared.operators import held, keys
from shared.operators.erasure_check import Looked, Told, id_named, verify_erasure
from shared.operators.part import Part
from shared.operators.status import own_status
from shared.operators.trails import verify_part

Answer = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """What is a service's own in these operations."""

    name: str
    listens_to: tuple[str, ...]
    subscriptions: Subscriptions
    projected: Sequence[Table]
    metadata: MetaData
    erase: Erase
    renewals: keys.Renewals = field(default_factory=dict)
    audit: Callable[[Engine], Answer] | None = None
    """The trail of who read whose data, checked, in the service that keeps one."""
    told: Callable[[Engine, UUID], Told] | None = None
    """What is known of a person's erasure, in the service that decides it."""


@dataclass(frozen=True)
class Desk:
    """A service with everything that its operator's commands take."""

    service: Service
    part: Part
    ring: KeyRing
    journal: Journal

    @property
    def engine(self) -> Engine:
        return self.part.engine


def status(desk: Desk) -> Answer:
    return own_status(desk.part)


def held_list(desk: Desk) -> Answer:
    return held.waiting(desk.part)


def held_show(desk: Desk, *, source: str, subject: str) -> Answer:
    return held.show(desk.part, source, subject)


def held_replay(desk: Desk, *, source: str, subject: str) -> Answer:
    return held.replay_held(desk.part, source, subject)


def held_discard(desk: Desk, *, source: str, subject: str, by: str, reason: str) -> Answer:
    return held.discard(desk.part, source, subject, by=by, reason=reason)


def held_resume(desk: Desk, *, source: str, partition: int) -> Answer:
    return held.resume(desk.part, source, partition)


def log_verify(desk: Desk) -> Answer:
    found = verify_part(desk.part)
    if desk.service.audit is not None:
        found["audit"] = desk.service.audit(desk.engine)
        found["whole"] = found["whole"] and not found["audit"]["faults"]
    return found


def rebuild_projections(desk: Desk, *, accept_new_history: bool) -> Answer:
    done = rebuild(desk.part.consumer, desk.service.projected, accept_new_history=accept_new_history)
    return {"events": done.events, "rows": done.rows}


def erase_verify(desk: Desk, *, person: str) -> Answer:
    person_id = id_named(person)
    told = desk.service.told(desk.engine, person_id) if desk.service.told is not None else None
    looked = Looked(desk.service.name, desk.engine, desk.service.metadata)
    return verify_erasure([looked], desk.ring, desk.journal, person_id, told)


def keys_list(desk: Desk) -> Answer:
    return {"services": {desk.service.name: keys.keys_in_use(desk.engine, desk.service.metadata, desk.ring)}}


def keys_rewrap(desk: Desk) -> Answer:
    done = keys.rewrap(desk.engine, desk.service.metadata, desk.service.renewals)
    return {"services": {desk.service.name: done}}


def keys_retire(desk: Desk, *, key: str) -> Answer:
    in_use = keys.keys_in_use(desk.engine, desk.service.metadata, desk.ring)["keys"]
    return {"event_key": keys.retired(desk.ring, key, in_use)}


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "status": status,
    "held list": held_list,
    "held show": held_show,
    "held replay": held_replay,
    "held discard": held_discard,
    "held resume": held_resume,
    "log verify": log_verify,
    "rebuild": rebuild_projections,
    "erase verify": erase_verify,
    "keys list": keys_list,
    "keys rewrap": keys_rewrap,
    "keys retire": keys_retire,
}
