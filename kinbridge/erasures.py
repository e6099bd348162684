"""What `kinbridge erase` does: people sign in with password and second factor to propose and to approve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinbridge.embedded import OPERATED
from services.intake import queries
from services.intake.admin.service import told_of
from services.intake.commands import protection
from services.intake.commands.sign_in import Refusal, begin_sign_in, finish_sign_in, sign_out, try_password
from services.intake.domain import Erasure
from services.intake.queries import protection as protection_queries
from shared.access import Actor
from shared.database import reading, transaction
from shared.erasures import Journal
from shared.errors import NotAuthenticated
from shared.operators.erasure_check import Looked, id_named, verify_erasure

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem

Step = dict[str, Any]


def erase_list(system: EmbeddedSystem) -> Iterator[Step]:
    """Every erasure, newest first: ids, states, and which services have confirmed it."""
    with reading(system.engine("intake")) as session:
        found = [_told(session, one) for one in session.scalars(select(Erasure).order_by(Erasure.id.desc()))]
    yield {"kind": "result", "erasures": found}


def erase_propose(
    system: EmbeddedSystem, *, person: str, reason: str, name: str, password: str, code: str
) -> Iterator[Step]:
    """Propose an erasure as the person who signs in."""
    with _signed_in(system, name, password, code) as actor, transaction(system.engine("intake")) as session:
        proposed = _told(session, protection.propose_erasure(session, actor, id_named(person), reason))
    yield {"kind": "result", **proposed}


def erase_approve(system: EmbeddedSystem, *, erasure: str, name: str, password: str, code: str) -> Iterator[Step]:
    """Approve what another person proposed; then wait until every service has erased."""
    with _signed_in(system, name, password, code) as actor, transaction(system.engine("intake")) as session:
        erasure_id = protection.approve_erasure(session, actor, id_named(erasure)).id
    yield {"kind": "progress", "text": "waiting until every service has erased"}
    system.wait_until_arrived()
    with reading(system.engine("intake")) as session:
        done = _told(session, session.get_one(Erasure, erasure_id))
    yield {"kind": "result", **done}


def erase_verify(system: EmbeddedSystem, *, person: str) -> Iterator[Step]:
    """Prove that nothing of an erased person opens in any service."""
    person_id = id_named(person)
    yield {"kind": "progress", "text": "trying every key of every service"}
    looked = [Looked(name, part.engine, OPERATED[name].metadata) for name, part in system.parts.items()]
    told = told_of(system.engine("intake"), person_id)
    journal = Journal(system.settings.journal_file)
    yield {"kind": "result", **verify_erasure(looked, system.keys, journal, person_id, told)}


@contextmanager
def _signed_in(system: EmbeddedSystem, name: str, password: str, code: str) -> Iterator[Actor]:
    """Who signs in, for one act; raises `NotAuthenticated`. A refused attempt counts as it does on the pages."""
    engine = system.engine("intake")
    with reading(engine) as session:
        tried = try_password(session, name, password)
    with transaction(engine) as session:
        begun = begin_sign_in(session, tried)
    if isinstance(begun, Refusal):
        raise NotAuthenticated(begun.sentence)
    with transaction(engine) as session:
        opened = finish_sign_in(session, begun.secret, code)
    if isinstance(opened, Refusal):
        raise NotAuthenticated(opened.sentence)
    try:
        with reading(engine) as session:
            actor = queries.actor_of_session(session, opened.secret)
        yield actor
    finally:
        with transaction(engine) as session:
            sign_out(session, opened.secret)


def _told(session: Session, erasure: Erasure) -> Step:
    confirmed = protection_queries.confirmations(session, erasure.person_id)
    return {
        "id": str(erasure.id),
        "person": str(erasure.person_id),
        "reason": erasure.reason,
        "state": erasure.state,
        "proposed_by": None if erasure.proposed_by is None else str(erasure.proposed_by),
        "confirmed": sorted(f"{one.service}: case/{one.case_id}" for one in confirmed),
    }


OPERATIONS: dict[str, Callable[..., Iterator[Step]]] = {
    "erase list": erase_list,
    "erase propose": erase_propose,
    "erase approve": erase_approve,
    "erase verify": erase_verify,
}
