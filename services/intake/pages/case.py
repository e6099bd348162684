"""A case: who it is about, what is known, what happened, and what can be done now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import commands, histories, queries
from services.intake.casework import CASE_TYPES, CaseType
from services.intake.casework.questions import questions
from services.intake.casework.words import label
from services.intake.domain import Case, TimelineEntry
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.showing import Shown, shown_answers, shown_person
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import PersonOfCase, work
from services.intake.queries.notes import notes_of
from services.intake.schemas import incident_out
from shared.access import Act
from shared.pages import Language, marked, say

SYSTEM, UNNAMED = marked("A system of this organisation"), marked("Name not known")


@dataclass(frozen=True)
class Told:
    """An entry of the timeline, ready to be read."""

    number: int
    at: datetime
    who: str
    what: str
    why: str
    answers: Sequence[Shown]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}")
    def show_case(visit: Visited, case_id: UUID, submitted: bool = False, done: str = "") -> Response:
        """One case, opened; that its people were seen is recorded."""
        with desk.seat(visit, writes=True) as seat:
            case = queries.case(seat.session, seat.actor, case_id)
            kind = CASE_TYPES[case.type]
            people = queries.people(seat.session, case)
            commands.note_view(seat.session, seat.actor, "open", case.id, [one.person.id for one in people])
            staff = work.staff_names(seat.session, seat.actor, [case.assigned_to])
            return desk.page(
                visit,
                "case.html",
                seat,
                case=case,
                kind=kind,
                people=[(one, name_of(one, visit.language), _answers_of(one, visit.language)) for one in people],
                answers=_facts(seat, case, kind, visit.language),
                timeline=timeline(seat, visit, case, people),
                offers=histories.offers(seat.session, seat.actor, case),
                assigned_to=staff.get(case.assigned_to) if case.assigned_to else None,
                may_assign=seat.actor.may(Act.ASSIGN_CASES),
                held=queries.held_by(seat.session, case.id),
                submitted=submitted,
                done=label(done, kind) if any(step.name == done for step in kind.life_cycle.steps) else "",
                closed=case.status in kind.life_cycle.closed,
            )


def timeline(seat: Seat, visit: Visit, case: Case, people: Sequence[PersonOfCase], *, after: int = 0) -> list[Told]:
    """What happened to a case, the newest first, from behind that version."""
    kind = CASE_TYPES[case.type]
    entries = [entry for entry in queries.timeline(seat.session, case) if entry.number > after]
    notes = notes_of(seat.session, entries)
    staff = work.staff_names(seat.session, seat.actor, [entry.user_id for entry in entries])
    names = {str(one.person.id): name_of(one, visit.language) for one in people}
    return [
        Told(
            entry.number,
            entry.at,
            staff.get(entry.user_id, "") if entry.user_id else say(visit.language, SYSTEM),
            say(visit.language, label(entry.what, kind)),
            say(visit.language, label(entry.reason, kind)) if entry.reason else "",
            _recorded(kind, entry, notes.get((entry.case_id, entry.number), {}), names, visit.language),
        )
        for entry in reversed(entries)
    ]


def name_of(person: PersonOfCase, language: Language) -> str:
    """What the holder calls a person."""
    return (person.known.main_name() if person.known else None) or say(language, UNNAMED)


def _facts(seat: Seat, case: Case, kind: CaseType, language: Language) -> list[Shown]:
    if case.type == "mass_incident":
        facts = incident_out(queries.incident(seat.session, seat.actor, case.id))
        shown = shown_answers(questions(type(facts)), facts.model_dump(mode="json"), language)
    else:
        shown = shown_answers(questions(kind.details), queries.details(seat.session, case), language)
    return [one for one in shown if one.text]


def _answers_of(person: PersonOfCase, language: Language) -> list[Shown]:
    if person.known is None:
        return []
    known = person.known.model_dump(mode="json", exclude_defaults=True)
    shown = [one for part in shown_person(known, language).values() for one in part if one.text]
    return shown if len(person.known.names) > 1 else [one for one in shown if one.name != "names"]


def _recorded(
    kind: CaseType, entry: TimelineEntry, note: Mapping[str, Any], names: Mapping[str, str], language: Language
) -> list[Shown]:
    form = next((deed.form for deed in kind.life_cycle.deeds if deed.name == entry.what), None)
    if form is None:
        return []
    facts = {**(entry.facts or {}), **note}
    asked = [one for one in questions(form) if one.name in facts]
    shown = shown_answers(asked, facts, language)
    return [
        Shown(one.name, one.title, names.get(one.text, one.text)) if question.kind == "person" else one
        for question, one in zip(asked, shown, strict=True)
        if one.text and (question.kind != "person" or len(names) > 1)
    ]
