"""What a person may ask for: a copy, a correction, to object, to be erased; each by a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.found_person import OF_ONE_PERSON
from services.intake.casework.own_answers import OwnAnswers
from services.intake.casework.own_fields import words_in
from services.intake.commands.views import note_view
from services.intake.domain import Case, CasePerson, Person, SubjectRequest, TimelineEntry
from services.intake.queries import protection
from services.intake.queries.attachments import attachments
from services.intake.queries.duplicates import principals
from services.intake.queries.family import contacts_copied, replies_copied
from services.intake.queries.locking import one_at_a_time
from services.intake.queries.notes import notes_of
from services.intake.queries.own_fields import own_answers
from shared.access import Act, Actor, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict, NotAllowed
from shared.vault import vault_of

ANSWERED_WITHIN = timedelta(days=30)
"""GDPR article 12(3): without undue delay, within one month; the ICRC's Rules on Personal Data Protection agree."""


def receive_request(
    session: Session,
    actor: Actor,
    person_id: UUID,
    kind: str,
    *,
    note: str | None = None,
    received_on: date | None = None,
) -> SubjectRequest:
    """A person asked for something. It is due thirty days after it came in."""
    require(actor, Act.ANSWER_SUBJECTS)
    one_at_a_time(session, actor.organisation_id)
    person = protection.person(session, actor, person_id, lock=True)
    if person.erased_at is not None:
        raise Conflict("This person was erased: there is nothing left to ask for.")
    received = received_on or utc_now().date()
    sealed = None
    if note:
        key = vault_of(session).open(session, [person.id])[person.id]
        sealed = key.encrypt(note.encode(), "subject_request.note")
    request = SubjectRequest(
        id=uuid7(),
        organisation_id=person.organisation_id,
        person_id=person.id,
        kind=kind,
        note=sealed,
        received_on=received,
        due_on=received + ANSWERED_WITHIN,
    )
    session.add(request)
    session.flush()
    return request


def answer_request(session: Session, actor: Actor, request_id: UUID, outcome: str) -> SubjectRequest:
    """The request was answered: done, partly or refused. An erasure answers its request by itself."""
    request = protection.subject_request(session, actor, request_id)
    protection.person(session, actor, request.person_id)
    if request.answered_at is not None:
        raise Conflict("This request was answered already.")
    if request.kind == "erase" and outcome != "refused":
        raise Conflict("An erasure answers this request when it is approved: propose it, or refuse the request.")
    request.answered_at, request.answered_by, request.outcome = utc_now(), actor.user_id, outcome
    session.flush()
    return request


def copy_of(session: Session, actor: Actor, person_id: UUID) -> dict[str, Any]:
    """Everything held about a person and whoever was merged with it, for that person; the view is recorded.

    Stories and notes may name others: `may_name_others` marks them, to be read before they are handed out. What was
    recorded about another person of a case is left out, and nothing shows that it is: an enquirer's copy does not say
    whether the sought person was found, what it answered, that it died, or that anybody else was erased. Why a case was
    moved may tell that of anybody in it, so only who is alone in a case reads it. Staff appear as ids of nobody: what
    the person sees is when and why, not who.
    """
    require(actor, Act.ANSWER_SUBJECTS)
    person = protection.person(session, actor, person_id)
    people = protection.everybody_of(session, person)
    cases = protection.cases_of(session, people)
    shown = {case.id for case in protection.cases_seen(session, actor, people)}
    if not all(case.id in shown for case in cases):
        raise NotAllowed("A case of this person is not for your role: ask the data protection officer for the copy.")
    for case in cases:
        note_view(session, actor, "copy", case.id, people)
    return {
        "person": {"id": str(person.id), "erased": person.erased_at is not None, **_known(session, person)},
        "also_recorded_as": [
            {"id": str(one), **_known(session, session.get_one(Person, one))} for one in people if one != person.id
        ],
        "relations": _relations(session, people),
        "cases": [_case(session, people, case) for case in cases],
        "legal_bases": [
            {
                "purpose": one.purpose,
                "basis": one.basis,
                "recipient": _text(one.recipient_id),
                "recorded_at": one.recorded_at.isoformat(),
                "expires_on": _text(one.expires_on),
            }
            for one in protection.legal_bases(session, people)
        ],
        "legal_holds": [
            {"reason": one.reason, "placed_at": _text(one.placed_at), "lifted_at": _text(one.lifted_at)}
            for one in protection.legal_holds(session, people)
        ],
        "requests": [
            {
                "kind": one.kind,
                "received_on": one.received_on.isoformat(),
                "due_on": one.due_on.isoformat(),
                "outcome": one.outcome,
                "note": request_note(session, one),
            }
            for one in protection.requests_of(session, people)
        ],
        "contacts": contacts_copied(session, people),
        "messages_from_the_person": replies_copied(session, people),
        "seen": [{"at": one.at.isoformat(), "purpose": one.purpose} for one in protection.views_of(session, people)],
    }


def request_note(session: Session, request: SubjectRequest) -> str | None:
    """What the person wrote; None where there is nothing, or it was erased."""
    key = vault_of(session).open(session, [request.person_id]).get(request.person_id) if request.note else None
    return key.decrypt(request.note, "subject_request.note").decode() if key and request.note else None


def _known(session: Session, person: Person) -> dict[str, Any]:
    known = protection.known(session, person)
    return {
        "as_told": None if known is None else known.model_dump(mode="json", exclude_defaults=True),
        "sex": person.sex,
        "age_band": person.age_band,
        "nationality": person.nationality,
        "counted_as_minor": person.minor,
        "share_with_nobody": person.share_with_nobody,
        "recorded_at": person.created_at.isoformat(),
    }


def _relations(session: Session, people: Sequence[UUID]) -> list[dict[str, str]]:
    rows = protection.relations_of(session, people)
    return [
        {"kind": one.kind, "of": str(one.other_id)}
        if one.person_id in people
        else {"kind": one.kind, "to": str(one.person_id)}
        for one in rows
    ]


def _case(session: Session, people: Sequence[UUID], case: Case) -> dict[str, Any]:
    own = session.scalar(
        select(CasePerson.role).where(CasePerson.case_id == case.id, CasePerson.person_id.in_(people)).limit(1)
    )
    alone, own_story, told = _what_is_told(session, people, case)
    entries = queries.timeline(session, case)
    notes = notes_of(session, entries)
    return {
        "reference": case.reference,
        "type": case.type,
        "status": case.status if told else None,
        "role": own,
        "details": {"may_name_others": True, **queries.details(session, case)} if told else None,
        "own_fields": _own(own_answers(session, case)) if told else None,
        "attachments": _attachments(session, people, case, told=own_story),
        "timeline": [
            {
                "at": entry.at.isoformat(),
                "what": entry.what,
                "reason": entry.reason if alone else None,
                "status": entry.status if told else None,
                "facts": entry.facts,
                "note": _note(notes.get((entry.case_id, entry.number))),
            }
            for entry in entries
            if _is_for(people, entry, told)
        ],
    }


def _own(kept: OwnAnswers | None) -> dict[str, Any] | None:
    """What the organisation asked of its own, in the words in which it asked."""
    if kept is None:
        return None
    answers = [(name, kept.fields[name], value) for name, value in kept.answers.items()]
    answers += [(one.name, one.field, one.value) for one in kept.earlier]
    told = [{"name": name, "title": words_in(field, ""), "value": value} for name, field, value in answers]
    return {"may_name_others": True, "answers": told}


def _attachments(session: Session, people: Sequence[UUID], case: Case, *, told: bool) -> list[dict[str, Any]]:
    """What is attached about the person, and of the case as a whole where it is about nobody else. The files are handed
    out beside the copy."""
    return [
        {
            "id": str(one.row.id),
            "kind": one.row.kind,
            "title": one.title,
            "media_type": one.row.media_type,
            "added_at": one.row.added_at.isoformat(),
            "may_name_others": one.row.person_id is None,
        }
        for one in attachments(session, case)
        if one.row.case_id == case.id and (one.row.person_id in people or (told and one.row.person_id is None))
    ]


def _what_is_told(session: Session, people: Sequence[UUID], case: Case) -> tuple[bool, bool, bool]:
    """(nobody else is or was in the case or its duplicates; it is about nobody else; what happened to the case may be
    told to the person).

    It may where the case is about nobody else, or tells nothing of anybody (`CaseType.discreet`). Files are no codes:
    they are told where it is about nobody else.
    """
    together = [one.id for one in protection.cases_of(session, people)]
    statement = select(CasePerson.person_id, CasePerson.role).where(CasePerson.case_id.in_(together))
    parts = [(person_id in people, role) for person_id, role in session.execute(statement)]
    alone = all(own for own, _ in parts)
    about = {own for own, role in parts if role in principals(case.type)}
    own_story = alone or about == {True}
    return alone, own_story, own_story or CASE_TYPES[case.type].discreet


def _note(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if told is None else {"may_name_others": True, **told}


def _is_for(people: Sequence[UUID], entry: TimelineEntry, told: bool) -> bool:
    """Whether an entry may be told to the person, whom these ids mean: it is about nobody else."""
    facts = entry.facts or {}
    about = facts.get("about", facts.get("person"))
    if about is not None:
        return about in map(str, people)
    return entry.what == "submit" or (told and entry.what not in OF_ONE_PERSON)


def _text(value: object) -> str | None:
    return None if value is None else value.isoformat() if isinstance(value, date) else str(value)
