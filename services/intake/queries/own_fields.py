"""Own fields of an organisation, and what a case answered to them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from services.intake.casework import CASE_TYPES
from services.intake.casework.own_answers import Asked, OwnAnswers
from services.intake.casework.own_fields import TYPES
from services.intake.domain import Case, OwnFields
from shared.access import Act, Actor, require, visible_to
from shared.crypto import KeyRing
from shared.errors import Conflict, NotFound
from shared.messaging.log import ledger_of
from shared.vault import DataKey, vault_of

PLACE = "case.own"
KNOWN_FOR = 5.0
"""Seconds for which a process believes that an organisation has own fields on no more types than it had."""


class FieldsInForce:
    """What an actor's organisation asks at present, looked up once for each type of case."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self._session, self._actor = session, actor
        self._found: dict[str, Asked | None] = {}

    def of(self, case_type: str) -> Asked | None:
        """The newest version; None where nothing more is asked."""
        if case_type not in self._found:
            found = newest(self._session, self._actor, case_type)
            self._found[case_type] = None if found is None else found.asked()
        return self._found[case_type]

    def on(self, case_type: str) -> Asked | None:
        """The same; None also where nothing can be asked, and mostly without the database where nothing ever was."""
        return self.of(case_type) if case_type in TYPES and self.may_be(case_type) else None

    def may_be(self, case_type: str) -> bool:
        """False where nothing was ever asked on that type; mostly known without the database.

        A type on which an organisation asks something for the first time may be missed for `KNOWN_FOR` by other
        processes: a case of these seconds was written before the questions were known, and has no answers.
        """
        return case_type in self._found or case_type in _types_of(self._session, self._actor)


def newest(session: Session, actor: Actor, case_type: str) -> OwnFields | None:
    """The newest version, also one that retires the fields; None before the first. Raises `NotFound`, `Conflict`."""
    check_type(case_type)
    statement = select(OwnFields).where(_of(actor, case_type)).order_by(OwnFields.version.desc()).limit(1)
    return session.scalar(statement)


def versions(session: Session, actor: Actor, case_type: str) -> Sequence[OwnFields]:
    """Every version of a type, the newest first."""
    check_reader(actor)
    check_type(case_type)
    statement = select(OwnFields).where(_of(actor, case_type)).order_by(OwnFields.version.desc())
    return session.scalars(statement).all()


def of_every_type(session: Session, actor: Actor) -> dict[str, OwnFields]:
    """Type → its newest version, of those that have one."""
    check_reader(actor)
    own = visible_to(actor, OwnFields.organisation_id)
    rows = session.scalars(select(OwnFields).where(own).order_by(OwnFields.case_type, OwnFields.version))
    return {row.case_type: row for row in rows}


def check_reader(actor: Actor) -> None:
    """Raises `NotAllowed` for who neither keeps own fields nor reads cases."""
    if not actor.may(Act.KEEP_OWN_FIELDS):
        require(actor, Act.READ_CASES)


def check_type(case_type: str) -> None:
    """Raises `NotFound` for no type of case, `Conflict` for one that can have no own fields."""
    if case_type not in CASE_TYPES:
        raise NotFound("There is no such type of case.")
    if case_type not in TYPES:
        raise Conflict("A case of this type is about no person in particular, and has no own fields.")


def own_answers(session: Session, case: Case) -> OwnAnswers | None:
    """What a case that was read through `queries.case` answered; None for nothing, or erased."""
    keys = vault_of(session).open(session, [case.id] if case.own is not None else [])
    return opened(case, keys.get(case.id))


def opened(case: Case, key: DataKey | None) -> OwnAnswers | None:
    """The same with the case's open key."""
    return OwnAnswers.kept(key.decrypt(case.own, PLACE)) if key and case.own is not None else None


def forget_types(session: Session, organisation_id: UUID) -> None:
    """To be called when a type gets own fields: this process looks anew."""
    _known_of(session).pop(organisation_id, None)


def _of(actor: Actor, case_type: str) -> ColumnElement[bool]:
    return and_(visible_to(actor, OwnFields.organisation_id), OwnFields.case_type == case_type)


def _types_of(session: Session, actor: Actor) -> frozenset[str]:
    known, now = _known_of(session), time.monotonic()
    read_at, types = known.get(actor.organisation_id, (-KNOWN_FOR, frozenset()))
    if now - read_at >= KNOWN_FOR:
        own = visible_to(actor, OwnFields.organisation_id)
        types = frozenset(session.scalars(select(OwnFields.case_type).where(own, OwnFields.version == 1)))
        known[actor.organisation_id] = (now, types)
    return types


def _known_of(session: Session) -> dict[UUID, tuple[float, frozenset[str]]]:
    keys = ledger_of(session).keys
    found = _known.get(keys)
    if found is None:
        found = _known.setdefault(keys, {})
    return found


_known: WeakKeyDictionary[KeyRing, dict[UUID, tuple[float, frozenset[str]]]] = WeakKeyDictionary()
