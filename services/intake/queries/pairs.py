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
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import BindParameter, and_, bindparam, exists, select
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


@dataclass
class _Known:
    """What decides over one person, with whoever was merged into it."""

    organisation_id: UUID
    kind: str
    is_merged: bool
    is_erased: bool = False
    is_with_nobody: bool = False
    is_held: bool = False
    bases: dict[str, list[LegalBasis]] = field(default_factory=lambda: defaultdict(list))

    def against(self, other: UUID, on: date) -> str | None:
        """Why this person may not be compared with one of that organisation; None where it may."""
        if self.is_erased:
            return Ground.ERASED
        if self.is_with_nobody:
            return Ground.SHARE_WITH_NOBODY
        own = decide(self.bases[PURPOSE], None, on)
        if not own.allowed:
            return own.ground
        if other != self.organisation_id:
            for purpose in (PURPOSE, PASSED_ON_FOR):
                said = decide(self.bases[purpose], other, on).ground
                if said in SAID_NO:
                    return said
        return Ground.HELD if self.is_held else None


@dataclass(frozen=True)
class Refused:
    """Why a pair is not to be, and of which of the two that is."""

    ground: str
    by: frozenset[UUID]


def refused(session: Session, pairs: Iterable[Pair], on: date) -> dict[Pair, Refused]:
    """Those of these pairs that may not be formed on that day. Three statements, however many."""
    asked = list(dict.fromkeys(pairs))
    known = _known(session, {one for pair in asked for one in pair}) if asked else {}
    between = {_key(known[one], known[other]) for one, other in asked if one in known and other in known}
    allowing = agreed(session, {key for key in between if len(key) == 2}, on)
    found = {pair: _judged(pair, known, allowing, on) for pair in asked}
    return {pair: why for pair, why in found.items() if why is not None}


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


def _judged(
    pair: Pair, known: Mapping[UUID, _Known], allowing: Mapping[frozenset[UUID], frozenset[str]], on: date
) -> Refused | None:
    if not all(one in known for one in pair):
        return Refused(Ground.ERASED, frozenset(one for one in pair if one not in known))
    both = [known[one] for one in pair]
    for which, other in ((0, 1), (1, 0)):
        why = both[which].against(both[other].organisation_id, on)
        if why is not None and why != Ground.HELD:
            return Refused(why, frozenset({pair[which]}))
    if AUTHORITY in {one.kind for one in both}:
        return Refused(Ground.AUTHORITY, frozenset(pair))
    key = _key(*both)
    if len(key) == 2 and key not in allowing:
        return Refused(AGREEMENT_OVER, frozenset(pair))
    for ground, is_so in ((MERGED, [one.is_merged for one in both]), (Ground.HELD, [one.is_held for one in both])):
        if any(is_so):
            return Refused(ground, frozenset(one for one, so in zip(pair, is_so, strict=True) if so))
    return None


def _key(one: _Known, other: _Known) -> frozenset[UUID]:
    return frozenset((one.organisation_id, other.organisation_id))


def _known(session: Session, people: Collection[UUID]) -> dict[UUID, _Known]:
    found: dict[UUID, _Known] = {}
    rows = session.execute(_EVERYTHING, {"people": sorted(people), "purposes": [PURPOSE, PASSED_ON_FOR]}).all()
    for row in rows:
        if row.root == row.id:
            found[row.root] = _Known(row.organisation_id, row.kind, row.merged_into is not None)
    for row in rows:
        one = found[row.root]
        one.is_erased |= row.root == row.id and row.erased_at is not None
        one.is_with_nobody |= row.share_with_nobody
        one.is_held |= row.is_held
        if row.LegalBasis is not None and row.LegalBasis not in one.bases[row.LegalBasis.purpose]:
            one.bases[row.LegalBasis.purpose].append(row.LegalBasis)
    return found


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
        LegalBasis,
    )
    .join(Person, Person.id == ONE_PERSON.c.id)
    .join(Organisation, Organisation.id == Person.organisation_id)
    .outerjoin(LegalBasis, and_(LegalBasis.person_id == Person.id, LegalBasis.purpose.in_(_PURPOSES)))
    .order_by(LegalBasis.recorded_at, LegalBasis.id)
)
