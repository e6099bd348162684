"""The history that a case's needs are checked against: its own, and what the found person said in another case.

Today that other case is one of the same organisation, named by the deed `link_found_person`. A match across
organisations will add what the other organisation released here, and nothing of what it holds back.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES, Happened, History, Offer
from services.intake.casework.found_person import ANSWER, OF_THE_FOUND
from services.intake.domain import Case, CasePerson, Person, TimelineEntry
from shared.access import Actor

LINK, UNLINK = "link_found_person", "unlink_found_person"
FOUND_IN = frozenset(
    name
    for name, kind in CASE_TYPES.items()
    if any(deed.name == ANSWER for deed in kind.life_cycle.deeds)
    and not any(deed.name == LINK for deed in kind.life_cycle.deeds)
)
"""The types of case in which a sought person may be found."""


def history(session: Session, case: Case, *, lock: bool = False) -> History:
    """What happened to a case that was read through `queries.case`.

    With `lock`, the cases in which sought persons were found stay as they are until the transaction ends, so that no
    newer answer slips in between.
    """
    entries = queries.timeline(session, case)
    links = _links(entries)
    if not links:
        return History(_happened(entry) for entry in entries)
    return History(happened for _, happened in sorted(_with_answers(session, case, entries, links, lock), key=_moment))


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


def _with_answers(
    session: Session, case: Case, entries: Iterable[TimelineEntry], links: dict[tuple[str, UUID], None], lock: bool
) -> list[tuple[TimelineEntry, Happened]]:
    ids = sorted({case_id for _, case_id in links}, key=str)
    if lock:
        session.execute(select(Case.id).where(Case.id.in_(ids)).order_by(Case.id).with_for_update())
    elsewhere = session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.case_id.in_(ids),
            TimelineEntry.organisation_id == case.organisation_id,
            TimelineEntry.what.in_(OF_THE_FOUND),
        )
        .order_by(TimelineEntry.case_id, TimelineEntry.number)
    ).all()
    answers = [
        (entry, Happened(entry.what, entry.user_id, {**(entry.facts or {}), "about": about}))
        for about, case_id in links
        for entry in elsewhere
        if entry.case_id == case_id
    ]
    return [*((entry, _happened(entry)) for entry in entries), *answers]


def _links(entries: Iterable[TimelineEntry]) -> dict[tuple[str, UUID], None]:
    """(sought person, the case in which it was found), as long as nobody said that it is not the same."""
    links: dict[tuple[str, UUID], None] = {}
    for entry in entries:
        if entry.what in {LINK, UNLINK} and entry.facts is not None:
            link = (entry.facts["about"], UUID(entry.facts["found_in"]))
            links.pop(link, None)
            if entry.what == LINK:
                links[link] = None
    return links


def _happened(entry: TimelineEntry) -> Happened:
    return Happened(entry.what, entry.user_id, entry.facts or {})


def _moment(one: tuple[TimelineEntry, Happened]) -> tuple[object, int]:
    return one[0].at, one[0].number
