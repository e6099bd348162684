"""The history that a case's needs are checked against: its own, and what the found person said in another case.

That other case is one of the same organisation, named by the deed `link_found_person`. A confirmed match across
organisations adds what the other organisation released here, and nothing of what it holds back: that the person agrees,
for a child that it was heard. A death is recorded here, with that organisation as the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES, Happened, History, Offer
from services.intake.casework.found_person import ANSWER, DECISION, OF_THE_FOUND, SAID_NO, VIEW
from services.intake.domain import Case, CasePerson, LegalBasis, Match, Person, TimelineEntry
from services.intake.queries.locking import locked
from shared.access import Actor
from shared.legal import STOPS

LINK, UNLINK = "link_found_person", "unlink_found_person"
FOUND_IN = frozenset(
    name
    for name, kind in CASE_TYPES.items()
    if any(deed.name == ANSWER for deed in kind.life_cycle.deeds)
    and not any(deed.name == LINK for deed in kind.life_cycle.deeds)
)
"""The types of case in which a sought person may be found."""
ANSWERING = FOUND_IN | {name for name, kind in CASE_TYPES.items() if any(d.name == LINK for d in kind.life_cycle.deeds)}
"""The types of case in which people answer what their family may learn."""
PRINCIPALS = frozenset(role for kind in CASE_TYPES.values() for role, one in kind.people.items() if one.principal)
PASSING_ON = ("tracing", "sharing", "notification")
"""Who objects to one of these purposes, or takes its consent back, lets no news be passed on."""
Links = dict[tuple[str, UUID], None]


class Dated(NamedTuple):
    """Something that happened, with what it is sorted by."""

    at: datetime
    number: int
    happened: Happened


def history(session: Session, case: Case, *, lock: bool = False) -> History:
    """What happened to a case that was read through `queries.case`, and to duplicates merged into it.

    With `lock`, the cases in which sought persons were found stay as they are until the transaction ends, so that no
    newer answer slips in between.
    """
    entries = queries.timeline(session, case)
    if case.type not in ANSWERING:
        return History(_happened(entry, {}) for entry in entries)
    same = _same_people(session, case)
    links = _locked_links(session, entries, same) if lock else _links(session, entries, same)
    found = [Dated(entry.at, entry.number, _happened(entry, same)) for entry in entries]
    found += _answers_elsewhere(session, case, links)
    found += _answers_released(session, case, same, lock=lock)
    found += _words_of_no(session, case, links, same)
    return History(happened for _, _, happened in sorted(found, key=lambda one: one[:2]))


def has_found(session: Session, case: Case) -> bool:
    """True where somebody of a case was found in another one of the same organisation, and the link stands; or where a
    match with another organisation was released and is not decided, or found a sought person of this case."""
    if case.type not in ANSWERING:
        return False
    inside = queries.together(case)
    under_way = Match.state.in_(("released", "information_asked"))
    sought = and_(Match.sought_case_id.in_(inside), Match.released_at.is_not(None), _FOUND_ELSEWHERE)
    found = and_(Match.found_case_id.in_(inside), under_way)
    asked = and_(Match.sought_case_id.in_(inside), Match.released_at.is_not(None), under_way)
    if session.scalar(select(Match.id).where(or_(sought, found, asked)).limit(1)) is not None:
        return True
    return bool(_links(session, queries.timeline(session, case), _same_people(session, case)))


def offers(session: Session, actor: Actor, case: Case) -> tuple[Offer, ...]:
    """What the actor's role may do now with a case that was read through `queries.case`."""
    return CASE_TYPES[case.type].life_cycle.offers(case.status, actor, history(session, case))


def is_child(session: Session, case: Case, person: str | None) -> bool:
    """True where the person of the case, or the same person in a case in which it was found, may be under 18.

    Whom a case of a child is about is a child, whatever is known of its birth.
    """
    if person is None:
        return False
    same = _same_people(session, case)
    if any(row.child for row in _found_elsewhere(session, case) if _here(row, same) == person):
        return True
    links = _links(session, queries.timeline(session, case), same)
    known = or_(Person.id == UUID(person), Person.merged_into == UUID(person))
    if session.scalar(select(Person.id).where(known, Person.minor).limit(1)) is not None:
        return True
    here = select(CasePerson.person_id).where(
        CasePerson.case_id.in_(queries.together(case)), CasePerson.role.in_(PRINCIPALS)
    )
    if (
        case.type == "child"
        and session.scalar(select(Person.id).where(known, Person.id.in_(here)).limit(1)) is not None
    ):
        return True
    there = (
        select(Person.id)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .join(Case, Case.id == CasePerson.case_id)
        .where(
            Case.id.in_([case_id for about, case_id in links if about == person]),
            Case.organisation_id == case.organisation_id,
            CasePerson.role.in_(PRINCIPALS),
            or_(Person.minor, Case.type == "child"),
        )
    )
    return bool(links) and session.scalar(there.limit(1)) is not None


def _answers_elsewhere(session: Session, case: Case, links: Links) -> list[Dated]:
    """What the found people said in the cases in which they were found."""
    if not links:
        return []
    entries = session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.case_id.in_([case_id for _, case_id in links]),
            TimelineEntry.organisation_id == case.organisation_id,
            TimelineEntry.what.in_(OF_THE_FOUND),
        )
        .order_by(TimelineEntry.case_id, TimelineEntry.number)
    ).all()
    return [
        Dated(entry.at, entry.number, Happened(entry.what, entry.user_id, {**(entry.facts or {}), "about": about}))
        for about, case_id in links
        for entry in entries
        if entry.case_id == case_id
    ]


_FOUND_ELSEWHERE = and_(Match.state == "confirmed", Match.sought_organisation_id != Match.found_organisation_id)


def _found_elsewhere(session: Session, case: Case, *, lock: bool = False) -> Sequence[Match]:
    """The confirmed matches by which sought people of a case were found by other organisations."""
    if LINK not in {deed.name for deed in CASE_TYPES[case.type].life_cycle.deeds}:
        return ()
    here = Match.sought_case_id.in_(queries.together(case)), Match.sought_organisation_id == case.organisation_id
    statement = select(Match).where(*here, _FOUND_ELSEWHERE).order_by(Match.id)
    return session.scalars(locked(statement) if lock else statement).all()


def _here(row: Match, same: Mapping[str, str]) -> str:
    return same.get(str(row.sought_person_id), str(row.sought_person_id))


def _answers_released(session: Session, case: Case, same: Mapping[str, str], *, lock: bool) -> list[Dated]:
    """What those people agreed to, as far as it was released. While the rows are locked no newer answer comes in."""
    found = []
    for row in _found_elsewhere(session, case, lock=lock):
        if row.confirmed_at is None or row.agrees_to is None:
            continue
        about = {"about": _here(row, same)}
        told = [Happened(ANSWER, None, {**about, "agrees_to": row.agrees_to})]
        if row.child:
            decided = {"of_what": "pass_on_news", "decision": "in_best_interests"}
            told += [Happened(VIEW, None, about), Happened(DECISION, None, {**about, **decided})]
        found += [Dated(row.confirmed_at, number, one) for number, one in enumerate(told)]
    return found


def _words_of_no(session: Session, case: Case, links: Links, same: Mapping[str, str]) -> list[Dated]:
    """Objections and withdrawals of those people, and their erasure: each overrides an older answer."""
    own = set(session.scalars(queries.together(case)))
    statement = (
        select(CasePerson.case_id, Person.id, Person.erased_at, LegalBasis.recorded_at)
        .join(Person, Person.id == CasePerson.person_id)
        .outerjoin(
            LegalBasis,
            and_(
                LegalBasis.person_id == Person.id,
                LegalBasis.basis.in_(STOPS),
                LegalBasis.purpose.in_(PASSING_ON),
                LegalBasis.recipient_id.is_(None),
            ),
        )
        .where(
            CasePerson.case_id.in_([*own, *(case_id for _, case_id in links)]),
            CasePerson.organisation_id == case.organisation_id,
            CasePerson.role.in_(PRINCIPALS),
            or_(Person.erased_at.is_not(None), LegalBasis.recorded_at.is_not(None)),
        )
    )
    found = []
    for case_id, person_id, *moments in session.execute(statement):
        here = str(person_id)
        meant = [same.get(here, here)] if case_id in own else [about for about, other in links if other == case_id]
        for at in filter(None, moments):
            found += [Dated(at, 0, Happened(SAID_NO, None, {"about": about})) for about in meant]
    return found


def _locked_links(session: Session, entries: Sequence[TimelineEntry], same: Mapping[str, str]) -> Links:
    """The links, whose cases stay as they are: one that was merged while we waited for it leads to more of them."""
    held: set[UUID] = set()
    while True:
        links = _links(session, entries, same)
        ids = {case_id for _, case_id in links}
        if ids <= held:
            return links
        session.execute(select(Case.id).where(Case.id.in_(ids)).order_by(Case.id).with_for_update())
        held |= ids


def _links(session: Session, entries: Iterable[TimelineEntry], same: Mapping[str, str]) -> Links:
    """(sought person, a case in which it was found), as long as nobody said that it is not the same.

    Where that case was merged with others, each of them.
    """
    named: Links = {}
    for entry in entries:
        if entry.what in {LINK, UNLINK} and entry.facts is not None:
            about = entry.facts["about"]
            link = (same.get(about, about), UUID(entry.facts["found_in"]))
            named.pop(link, None)
            if entry.what == LINK:
                named[link] = None
    if not named:
        return named
    into = select(func.coalesce(Case.merged_into, Case.id)).where(Case.id.in_([case_id for _, case_id in named]))
    statement = select(Case.id, func.coalesce(Case.merged_into, Case.id)).where(
        or_(Case.id.in_(into), Case.merged_into.in_(into))
    )
    merged = {one: root for one, root in session.execute(statement)}
    return {
        (about, one): None for about, found_in in named for one, root in merged.items() if root == merged.get(found_in)
    }


def _same_people(session: Session, case: Case) -> dict[str, str]:
    """People of merged duplicates → whom they turned out to be."""
    statement = (
        select(Person.id, Person.merged_into)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .where(CasePerson.case_id.in_(queries.together(case)), Person.merged_into.is_not(None))
    )
    return {str(one): str(other) for one, other in session.execute(statement)}


def _happened(entry: TimelineEntry, same: Mapping[str, str]) -> Happened:
    facts = entry.facts or {}
    about = same.get(facts.get("about", ""))
    return Happened(entry.what, entry.user_id, {**facts, "about": about} if about else facts)
