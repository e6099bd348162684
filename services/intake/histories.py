"""The history that a case's needs are checked against: its own, and what the found person said in another case.

Today that other case is one of the same organisation, named by the deed `link_found_person`. A match across
organisations will add what the other organisation released here, and nothing of what it holds back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES, Happened, History, Offer
from services.intake.casework.found_person import ANSWER, OF_THE_FOUND, SAID_NO
from services.intake.domain import Case, CasePerson, LegalBasis, Person, TimelineEntry
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
PASSING_ON = ("tracing", "sharing", "notification")
"""Who objects to one of these purposes, or takes its consent back, lets no news be passed on."""
Links = dict[tuple[str, UUID], None]


class Dated(NamedTuple):
    """Something that happened, with what it is sorted by."""

    at: datetime
    number: int
    happened: Happened


def history(session: Session, case: Case, *, lock: bool = False) -> History:
    """What happened to a case that was read through `queries.case`.

    With `lock`, the cases in which sought persons were found stay as they are until the transaction ends, so that no
    newer answer slips in between.
    """
    entries = queries.timeline(session, case)
    found: list[Dated] = [Dated(entry.at, entry.number, _happened(entry)) for entry in entries]
    if case.type in ANSWERING:
        links = _links(entries)
        ids = [case_id for _, case_id in links]
        if lock and ids:
            session.execute(select(Case.id).where(Case.id.in_(ids)).order_by(Case.id).with_for_update())
        found += _answers_elsewhere(session, case, links)
        found += _words_of_no(session, case, links)
        found.sort(key=lambda one: one[:2])
    return History(happened for _, _, happened in found)


def offers(session: Session, actor: Actor, case: Case) -> tuple[Offer, ...]:
    """What the actor's role may do now with a case that was read through `queries.case`."""
    return CASE_TYPES[case.type].life_cycle.offers(case.status, actor, history(session, case))


def is_child(session: Session, case: Case, person: str | None) -> bool:
    """True where the person of the case, or the same person in a case in which it was found, may be under 18."""
    if person is None:
        return False
    found_in = [case_id for about, case_id in _links(queries.timeline(session, case)) if about == person]
    if session.scalar(select(Person.minor).where(Person.id == UUID(person))):
        return True
    there = (
        select(Person.minor, Case.type)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .join(Case, Case.id == CasePerson.case_id)
        .where(Case.id.in_(found_in), Case.organisation_id == case.organisation_id)
    )
    return bool(found_in) and any(minor or type_ == "child" for minor, type_ in session.execute(there))


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


def _words_of_no(session: Session, case: Case, links: Links) -> list[Dated]:
    """Objections and withdrawals of those people, and their erasure: each overrides an older answer."""
    principals = [role for kind in CASE_TYPES.values() for role, one in kind.people.items() if one.principal]
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
            CasePerson.case_id.in_([case.id, *(case_id for _, case_id in links)]),
            CasePerson.organisation_id == case.organisation_id,
            CasePerson.role.in_(principals),
            or_(Person.erased_at.is_not(None), LegalBasis.recorded_at.is_not(None)),
        )
    )
    found = []
    for case_id, person_id, *moments in session.execute(statement):
        meant = [str(person_id)] if case_id == case.id else [about for about, other in links if other == case_id]
        for at in filter(None, moments):
            found += [Dated(at, 0, Happened(SAID_NO, None, {"about": about})) for about in meant]
    return found


def _links(entries: Iterable[TimelineEntry]) -> Links:
    """(sought person, the case in which it was found), as long as nobody said that it is not the same."""
    links: Links = {}
    for entry in entries:
        if entry.what in {LINK, UNLINK} and entry.facts is not None:
            link = (entry.facts["about"], UUID(entry.facts["found_in"]))
            links.pop(link, None)
            if entry.what == LINK:
                links[link] = None
    return links


def _happened(entry: TimelineEntry) -> Happened:
    return Happened(entry.what, entry.user_id, entry.facts or {})
