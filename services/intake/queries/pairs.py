"""May two records be compared, and what of one may the other's organisation be shown? Asked before a pair is formed,
and again whenever somebody acts on it or looks at it.

The legal basis that counts is the one for tracing, which each organisation records for itself: to look for a missing
person is to ask those who may know. Whom it may ask, and of what, says the agreement between the two, which must name
tracing. A basis for each of them in turn is asked for when the found person's record is released (`sharing`): by then
it is known who receives it, and the person is asked. A person's no counts at once, to tracing or to sharing, for all or
for the one organisation. To be asked in a transaction that may see both organisations' rows
(`shared.access.unconfined`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, BindParameter, ColumnElement, Select, Uuid, and_, any_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from services.intake.casework.matching import PASSED_ON_FOR, PURPOSE
from services.intake.casework.referrals import REFERRED
from services.intake.domain import Agreement, CaseHold, CasePerson, LegalBasis, Organisation, Person
from services.intake.queries.protection import AUTHORITY
from shared.database import is_sqlite
from shared.legal import Ground, decide

Pair = tuple[UUID, UUID]
"""Two people, of whichever organisations."""
AGREEMENT_OVER, MERGED = "agreement_over", "merged"
NAMES = "names"
"""What an agreement must let through: nobody can tell two people apart who knows neither name."""
SAID_NO = frozenset({Ground.OBJECTED, Ground.WITHDRAWN})


class _Said(NamedTuple):
    """A `shared.legal.RecordedBasis`."""

    basis: str
    recipient_id: UUID | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What decides over one person, with whoever was merged into it. Many people are alike in it: it is made once, and
    judged once."""

    organisation_id: UUID
    kind: str
    is_merged: bool
    is_erased: bool
    is_with_nobody: bool
    is_held: bool
    for_tracing: tuple[_Said, ...]
    for_sharing: tuple[_Said, ...]

    def against(self, other: UUID, on: date) -> str | None:
        """Why this person may not be compared with one of that organisation; None where it may."""
        if self.is_erased:
            return Ground.ERASED
        if self.is_with_nobody:
            return Ground.SHARE_WITH_NOBODY
        own = decide(self.for_tracing, None, on)
        if not own.allowed:
            return own.ground
        if other != self.organisation_id:
            for bases in (self.for_tracing, self.for_sharing):
                said = decide(bases, other, on).ground
                if said in SAID_NO:
                    return said
        return Ground.HELD if self.is_held else None


@dataclass(frozen=True)
class Refused:
    """Why a pair is not to be, and of which of the two that is."""

    ground: str
    by: frozenset[UUID]


def refused(session: Session, pairs: Iterable[Pair], on: date) -> dict[Pair, Refused]:
    """Those of these pairs that may not be formed on that day. Two or three statements, however many."""
    asked = list(dict.fromkeys(pairs))
    known, which = _known(session, {one for pair in asked for one in pair}) if asked else ([], {})
    found: dict[Pair, Refused] = {}
    alike: dict[tuple[int, int], list[Pair]] = defaultdict(list)
    for pair in asked:
        if pair[0] in which and pair[1] in which:
            alike[which[pair[0]], which[pair[1]]].append(pair)
        else:
            found[pair] = Refused(Ground.ERASED, frozenset(one for one in pair if one not in which))
    both = {key: (known[key[0]], known[key[1]]) for key in alike}
    between = {_key(*two) for two in both.values()}
    allowing = agreed(session, {key for key in between if len(key) == 2}, on)
    for key, two in both.items():
        why = _judged(two, allowing, on)
        if why is not None:
            found |= {pair: Refused(why[0], frozenset(pair[of] for of in why[1])) for pair in alike[key]}
    return found


def agreed(session: Session, between: Collection[frozenset[UUID]], on: date) -> dict[frozenset[UUID], frozenset[str]]:
    """Two organisations → what of a person may pass between them for tracing on that day; those that may.

    An agreement signed on paper counts in one direction, and one for some countries says nothing of a search: neither
    lets records be compared.
    """
    if not between:
        return {}
    each = {one for both in between for one in both}
    rows = session.scalars(
        select(Agreement).where(Agreement.organisation_id.in_(each), Agreement.receiver_id.in_(each))
    )
    found: dict[frozenset[UUID], frozenset[str]] = {}
    for row in rows:
        both = frozenset((row.organisation_id, row.receiver_id))
        counts = both in between and row.state(on) == "in_force" and row.paper is None and not row.countries
        if counts and PURPOSE in row.purposes and NAMES in row.fields:
            found[both] = found.get(both, frozenset()) | frozenset(one for one in row.fields if one in REFERRED)
    return found


_Judged = tuple[str, tuple[int, ...]]
"""Why a pair is not to be, and which of the two that is of."""


def _judged(
    both: tuple[_Known, _Known], allowing: Mapping[frozenset[UUID], frozenset[str]], on: date
) -> _Judged | None:
    for which, other in ((0, 1), (1, 0)):
        why = both[which].against(both[other].organisation_id, on)
        if why is not None and why != Ground.HELD:
            return why, (which,)
    if AUTHORITY in {one.kind for one in both}:
        return Ground.AUTHORITY, (0, 1)
    key = _key(*both)
    if len(key) == 2 and key not in allowing:
        return AGREEMENT_OVER, (0, 1)
    for ground, is_so in ((MERGED, [one.is_merged for one in both]), (Ground.HELD, [one.is_held for one in both])):
        if any(is_so):
            return ground, tuple(which for which in (0, 1) if is_so[which])
    return None


def _key(one: _Known, other: _Known) -> frozenset[UUID]:
    return frozenset((one.organisation_id, other.organisation_id))


def _known(session: Session, people: Collection[UUID]) -> tuple[list[_Known], dict[UUID, int]]:
    """(what decides, each once; person → which of them is its), of those who are there."""
    statement = _ON_SQLITE if is_sqlite(session) else _ON_POSTGRESQL
    asked = {"people": list(people), "purposes": [PURPOSE, PASSED_ON_FOR]}
    rows_of: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for root, *row in session.connection().execute(statement, asked):
        rows_of[root].append(tuple(row))
    alike: dict[tuple[tuple[Any, ...], ...], int] = {}
    which = {root: alike.setdefault(tuple(rows), len(alike)) for root, rows in rows_of.items()}
    return [_one_known([_Row(*row) for row in rows]) for rows in alike], which


class _Row(NamedTuple):
    """What the statement says of a person beside its id: of itself or of one merged into it, with one of its bases."""

    is_itself: bool
    organisation_id: UUID
    is_merged: bool
    is_erased: bool
    share_with_nobody: bool
    kind: str
    is_held: bool
    purpose: str | None
    basis: str
    recipient_id: UUID | None
    expires_on: date | None


def _one_known(rows: Sequence[_Row]) -> _Known:
    itself = next(row for row in rows if row.is_itself)
    said: dict[str | None, list[_Said]] = defaultdict(list)
    for row in rows:
        said[row.purpose].append(_Said(row.basis, row.recipient_id, row.expires_on))
    return _Known(
        organisation_id=itself.organisation_id,
        kind=itself.kind,
        is_merged=itself.is_merged,
        is_erased=itself.is_erased,
        is_with_nobody=any(row.share_with_nobody for row in rows),
        is_held=any(row.is_held for row in rows),
        for_tracing=tuple(said[PURPOSE]),
        for_sharing=tuple(said[PASSED_ON_FOR]),
    )


def _one_person(among: ColumnElement[bool]) -> CTE:
    """Each person of those with whoever was merged into it: `root`, `id`."""
    root = select(Person.id.label("root"), Person.id.label("id")).where(among).cte("one", recursive=True)
    return root.union(select(root.c.root, Person.id).join(root, Person.merged_into == root.c.id))


ONE_PERSON = _one_person(Person.id.in_(bindparam("people", expanding=True)))
"""Each of `people` with whoever was merged into it."""


def _everything(among: ColumnElement[bool]) -> Select[Any]:
    one = _one_person(among)
    is_held = exists().where(CaseHold.case_id == CasePerson.case_id, CasePerson.person_id == Person.id)
    purposes: BindParameter[Collection[str]] = bindparam("purposes", expanding=True)
    return (
        select(
            one.c.root,
            (one.c.root == one.c.id).label("is_itself"),
            Person.organisation_id,
            Person.merged_into.is_not(None).label("is_merged"),
            Person.erased_at.is_not(None).label("is_erased"),
            Person.share_with_nobody,
            Organisation.kind,
            is_held.label("is_held"),
            LegalBasis.purpose,
            LegalBasis.basis,
            LegalBasis.recipient_id,
            LegalBasis.expires_on,
        )
        .join(Person, Person.id == one.c.id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .outerjoin(LegalBasis, and_(LegalBasis.person_id == Person.id, LegalBasis.purpose.in_(purposes)))
        .order_by(LegalBasis.recorded_at, LegalBasis.id)
    )


_ON_POSTGRESQL = _everything(Person.id == any_(bindparam("people", type_=ARRAY(Uuid))))
"""One array, whose statement is the same however many are asked for, and stays prepared."""
_ON_SQLITE = _everything(Person.id.in_(bindparam("people", expanding=True)))
