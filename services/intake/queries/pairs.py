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

from sqlalchemy import BindParameter, Row, and_, bindparam, exists, select
from sqlalchemy.orm import Session

from services.intake.casework.matching import PASSED_ON_FOR, PURPOSE
from services.intake.casework.referrals import REFERRED
from services.intake.domain import Agreement, CaseHold, CasePerson, LegalBasis, Organisation, Person
from services.intake.queries.protection import AUTHORITY
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
    """What decides over one person, with whoever was merged into it. Many people are alike in it: it is judged once."""

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
    known = _known(session, {one for pair in asked for one in pair}) if asked else {}
    between = {_key(known[one], known[other]) for one, other in asked if one in known and other in known}
    allowing = agreed(session, {key for key in between if len(key) == 2}, on)
    judged: dict[tuple[_Known, _Known], _Judged | None] = {}
    found: dict[Pair, Refused] = {}
    for pair in asked:
        if not all(one in known for one in pair):
            found[pair] = Refused(Ground.ERASED, frozenset(one for one in pair if one not in known))
            continue
        both = known[pair[0]], known[pair[1]]
        if both not in judged:
            judged[both] = _judged(both, allowing, on)
        why = judged[both]
        if why is not None:
            found[pair] = Refused(why[0], frozenset(pair[which] for which in why[1]))
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


def _known(session: Session, people: Collection[UUID]) -> dict[UUID, _Known]:
    of_root: dict[UUID, dict[UUID, Row[Any]]] = defaultdict(dict)
    said: dict[UUID, dict[str, list[_Said]]] = defaultdict(lambda: defaultdict(list))
    for row in session.execute(_EVERYTHING, {"people": sorted(people), "purposes": [PURPOSE, PASSED_ON_FOR]}):
        of_root[row.root][row.id] = row
        if row.purpose is not None:
            said[row.root][row.purpose].append(_Said(row.basis, row.recipient_id, row.expires_on))
    return {root: _one_known(root, rows, said[root]) for root, rows in of_root.items()}


def _one_known(root: UUID, rows: Mapping[UUID, Row[Any]], said: Mapping[str, Sequence[_Said]]) -> _Known:
    itself = rows[root]
    return _Known(
        organisation_id=itself.organisation_id,
        kind=itself.kind,
        is_merged=itself.merged_into is not None,
        is_erased=itself.erased_at is not None,
        is_with_nobody=any(row.share_with_nobody for row in rows.values()),
        is_held=any(row.is_held for row in rows.values()),
        for_tracing=tuple(said.get(PURPOSE, ())),
        for_sharing=tuple(said.get(PASSED_ON_FOR, ())),
    )


_PEOPLE: BindParameter[Collection[UUID]] = bindparam("people", expanding=True)
_PURPOSES: BindParameter[Collection[str]] = bindparam("purposes", expanding=True)
_ROOT = select(Person.id.label("root"), Person.id.label("id")).where(Person.id.in_(_PEOPLE)).cte("one", recursive=True)
ONE_PERSON = _ROOT.union(select(_ROOT.c.root, Person.id).join(_ROOT, Person.merged_into == _ROOT.c.id))
"""Each of `people` with whoever was merged into it."""
_IS_HELD = exists().where(CaseHold.case_id == CasePerson.case_id, CasePerson.person_id == Person.id)
_EVERYTHING = (
    select(
        ONE_PERSON.c.root,
        Person.id,
        Person.organisation_id,
        Person.merged_into,
        Person.erased_at,
        Person.share_with_nobody,
        Organisation.kind,
        _IS_HELD.label("is_held"),
        LegalBasis.purpose,
        LegalBasis.basis,
        LegalBasis.recipient_id,
        LegalBasis.expires_on,
    )
    .join(Person, Person.id == ONE_PERSON.c.id)
    .join(Organisation, Organisation.id == Person.organisation_id)
    .outerjoin(LegalBasis, and_(LegalBasis.person_id == Person.id, LegalBasis.purpose.in_(_PURPOSES)))
    .order_by(LegalBasis.recorded_at, LegalBasis.id)
)
