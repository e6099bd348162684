"""A case: who it is about, what is known, what happened, and what can be done now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import commands, histories, queries
from services.intake.casework import CASE_TYPES, CaseType
from services.intake.casework.common import APPOINTMENTS, standing_appointments
from services.intake.casework.forms import Form
from services.intake.casework.matching import TIMELINE as OF_MATCHES
from services.intake.casework.matching import WITHDRAWN
from services.intake.casework.people import RELATIONS, THE_OTHER_WAY
from services.intake.casework.questions import Question, questions
from services.intake.casework.words import OF_THE_FAMILY, TIMELINE, label
from services.intake.domain import Case, TimelineEntry
from services.intake.pages.attachment_rows import rows as attachment_rows
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.family_shown import family_of_case
from services.intake.pages.matching_rows import rows_of_case
from services.intake.pages.own_shown import own_of_case
from services.intake.pages.referral_rows import rows
from services.intake.pages.showing import Shown, in_moment, isolated, shown_answers, shown_person
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import PersonOfCase, work
from services.intake.queries.duplicates import merged_here, warnings
from services.intake.queries.notes import notes_of
from services.intake.queries.referrals import of_case
from services.intake.queries.transfers import transfer_of_case
from services.intake.schemas import incident_out
from shared.access import Act
from shared.database import utc_now
from shared.errors import NotFound
from shared.pages import Language, marked, say

SYSTEM, UNNAMED = marked("A system of this organisation"), marked("Name not known")
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
THE_FAMILY = marked("The family")
THE_OTHER_SIDE = marked("The other organisation")
OR_BY_ITSELF = marked("The other organisation, or automatically")
DIFFERENT = marked("The two cases are not the same")
FAMILY = marked("Family and household")
ANOTHER_CASE = marked("Another case")


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
            try:
                case = queries.case(seat.session, seat.actor, case_id)
            except NotFound:
                return go_to(f"/intake/referrals/{transfer_of_case(seat.session, seat.actor, case_id).id}")
            kind = CASE_TYPES[case.type]
            people = queries.people(seat.session, case)
            named = [(one, name_of(one, visit.language)) for one in people]
            commands.note_view(seat.session, seat.actor, "open", case.id, [one.person.id for one in people])
            staff = work.staff_names(seat.session, seat.actor, [case.assigned_to])
            return desk.page(
                visit,
                "case.html",
                seat,
                case=case,
                kind=kind,
                people=_cards(seat, people, visit.language),
                attached=attachment_rows(seat, case, people, visit.language),
                may_attach=seat.actor.may(Act.CHANGE_CASES) and not case.merged_into,
                answers=_facts(seat, case, kind, visit.language),
                timeline=timeline(seat, visit, case, people),
                offers=() if case.merged_into else histories.offers(seat.session, seat.actor, case),
                assigned_to=staff.get(case.assigned_to) if case.assigned_to else None,
                may_assign=seat.actor.may(Act.ASSIGN_CASES) and not case.merged_into,
                may_correct=_may_correct(seat, case, kind),
                alike=_alike(seat, case),
                merged_into=_merged_into(seat, case),
                merged_here=merged_here(seat.session, seat.actor, case),
                may_merge=seat.actor.may(Act.MERGE_CASES),
                held=queries.held_by(seat.session, case.id),
                submitted=submitted,
                done=_done(done, kind),
                closed=case.status in kind.life_cycle.closed,
                matches=rows_of_case(seat, case, visit.language),
                appointments=_ahead(seat, case, kind, visit.language),
                **_referred(seat, case, kind, visit.language),
                **own_of_case(seat, case, visit.language),
                **family_of_case(seat, case, named, visit.language),
            )


def _ahead(seat: Seat, case: Case, kind: CaseType, language: Language) -> list[str]:
    """The appointments that stand and still lie ahead, the earliest first."""
    if not any(deed in APPOINTMENTS for deed in kind.life_cycle.deeds):
        return []
    standing = standing_appointments(histories.history(seat.session, case))
    return [in_moment(at, language) for at in standing if at > utc_now()]


def _referred(seat: Seat, case: Case, kind: CaseType, language: Language) -> dict[str, Any]:
    """The case's referrals, and whether it may be referred now."""
    works = seat.actor.may(Act.REFER_CASES)
    open_ = not case.merged_into and case.status not in kind.life_cycle.closed
    return {
        "referrals": rows(seat, of_case(seat.session, case), language) if kind.people else [],
        "may_open_referrals": works,
        "may_refer": works and bool(kind.people) and open_,
        "may_transfer": seat.actor.may(Act.TRANSFER_CASES) and bool(kind.people) and open_,
    }


def _done(name: str, kind: CaseType) -> str:
    """What was just done; nothing for a name that nobody knows."""
    if name in TIMELINE or any(step.name == name for step in kind.life_cycle.steps):
        return label(name, kind)
    return DIFFERENT if name == "different" else ""


def _alike(seat: Seat, case: Case) -> list[Case]:
    """Cases that may be the same as this one, as long as nobody has decided."""
    found, _ = warnings(seat.session, seat.actor, case_id=case.id)
    return [pair.other if pair.case.id == case.id else pair.case for pair in found]


def _merged_into(seat: Seat, case: Case) -> Case | None:
    """The case that is worked on instead of this one; None where there is none that the visitor may see."""
    return queries.worked_on_instead(seat.session, seat.actor, case) if case.merged_into else None


def _may_correct(seat: Seat, case: Case, kind: CaseType) -> bool:
    return kind.facts is not None and case.status not in kind.life_cycle.closed and seat.actor.may(Act.CHANGE_CASES)


def timeline(seat: Seat, visit: Visit, case: Case, people: Sequence[PersonOfCase], *, after: int = 0) -> list[Told]:
    """What happened to a case and its duplicates, the newest first, from behind that version."""
    kind = CASE_TYPES[case.type]
    entries = _since(case, queries.timeline(seat.session, case), after)
    notes = notes_of(seat.session, entries)
    staff = work.staff_names(seat.session, seat.actor, [entry.user_id for entry in entries])
    names = {str(one.person.id): name_of(one, visit.language) for one in people}
    cases = _cases_named(seat, kind, entries)
    before = _former_holders(seat, entries)
    return [
        Told(
            entry.number,
            entry.at,
            _who(entry, staff, before, visit.language),
            say(visit.language, label(entry.what, kind)),
            say(visit.language, label(entry.reason, kind)) if entry.reason else "",
            _recorded(kind, entry, notes.get((entry.case_id, entry.number), {}), names, cases, visit.language),
        )
        for entry in reversed(entries)
    ]


def _who(entry: TimelineEntry, staff: Mapping[UUID, str], before: Mapping[UUID, str], language: Language) -> str:
    """A colleague by name; what was done before the case came here, by the organisation that did it."""
    if entry.former_holder_id is not None:
        return before.get(entry.former_holder_id, "–")
    if entry.what in OF_THE_FAMILY:
        return say(language, THE_FAMILY)
    if entry.user_id:
        return staff.get(entry.user_id, "")
    if entry.what in OF_MATCHES:  # a match is decided by people: who is not named is on the other side
        return say(language, OR_BY_ITSELF if entry.what == WITHDRAWN else THE_OTHER_SIDE)
    return say(language, SYSTEM)


def _former_holders(seat: Seat, entries: Sequence[TimelineEntry]) -> dict[UUID, str]:
    if all(entry.former_holder_id is None for entry in entries):
        return {}
    return {one.id: one.name for one in queries.organisations(seat.session)}


def _since(case: Case, entries: Sequence[TimelineEntry], after: int) -> list[TimelineEntry]:
    """The entries behind that version of the case; of its duplicates, which count versions of their own, what came
    later than that one."""
    seen = max((one.at for one in entries if one.case_id == case.id and one.number <= after), default=None)
    return [one for one in entries if (one.number > after if one.case_id == case.id else seen is None or one.at > seen)]


def _cases_named(seat: Seat, kind: CaseType, entries: Sequence[TimelineEntry]) -> dict[str, str]:
    """Id → reference of the cases that these entries name, as far as the visitor may see them."""
    asked = {deed.name: _of_kind("case", deed.form) for deed in kind.life_cycle.deeds if deed.form}
    named = {UUID(entry.facts[name]) for entry in entries if entry.facts for name in asked.get(entry.what, ())}
    return {str(one): text for one, text in queries.references(seat.session, seat.actor, named).items()}


def _of_kind(kind: str, form: type[Form]) -> list[str]:
    return [one.name for one in questions(form) if one.kind == kind]


def facts_of(seat: Seat, case: Case) -> dict[str, Any]:
    """The answers about the case itself, as they stand on the wire."""
    if CASE_TYPES[case.type].facts is None:
        return queries.details(seat.session, case)
    return incident_out(queries.incident(seat.session, seat.actor, case.id)).model_dump(mode="json")


def name_of(person: PersonOfCase, language: Language) -> str:
    """What the holder calls a person."""
    return (person.known.main_name() if person.known else None) or say(language, UNNAMED)


def _facts(seat: Seat, case: Case, kind: CaseType, language: Language) -> list[Shown]:
    shown = shown_answers(questions(kind.asked), facts_of(seat, case), language)
    return [one for one in shown if one.text]


def _cards(
    seat: Seat, people: Sequence[PersonOfCase], language: Language
) -> list[tuple[PersonOfCase, str, list[Shown]]]:
    """Each person with a name, what is known, and what the others are to that person."""
    names = {one.person.id: name_of(one, language) for one in people}
    kin: dict[UUID, list[str]] = {one: [] for one in names}
    for relation in queries.relations(seat.session, list(names)):
        the_other_way = THE_OTHER_WAY.get(relation.kind, relation.kind)
        for whom, who, kind in (
            (relation.other_id, relation.person_id, relation.kind),
            (relation.person_id, relation.other_id, the_other_way),
        ):
            kin[whom].append(f"{say(language, RELATIONS[kind])}: {isolated(names[who])}")
    title = say(language, FAMILY)
    return [
        (
            one,
            names[one.person.id],
            [
                *_answers_of(one, language),
                *(
                    [Shown("relations", title, "\n".join(dict.fromkeys(kin[one.person.id])))]
                    if kin[one.person.id]
                    else []
                ),
            ],
        )
        for one in people
    ]


def _answers_of(person: PersonOfCase, language: Language) -> list[Shown]:
    if person.known is None:
        return []
    known = person.known.model_dump(mode="json", exclude_defaults=True)
    shown = [one for part in shown_person(known, language).values() for one in part if one.text]
    return shown if len(person.known.names) > 1 else [one for one in shown if one.name != "names"]


def _recorded(
    kind: CaseType,
    entry: TimelineEntry,
    note: Mapping[str, Any],
    names: Mapping[str, str],
    cases: Mapping[str, str],
    language: Language,
) -> list[Shown]:
    form = next((deed.form for deed in kind.life_cycle.deeds if deed.name == entry.what), None)
    if form is None:
        return []
    facts = {**(entry.facts or {}), **note}
    asked = [one for one in questions(form) if one.name in facts]
    shown = shown_answers(asked, facts, language)
    return [
        _named(question, one, names, cases, language)
        for question, one in zip(asked, shown, strict=True)
        if one.text and question.kind != "service" and (question.kind != "person" or len(names) > 1)
    ]


def _named(
    question: Question, answer: Shown, names: Mapping[str, str], cases: Mapping[str, str], language: Language
) -> Shown:
    """An answer that is a person or a case, or names persons, by what the visitor knows them by."""
    if question.kind == "person":
        return replace(answer, text=names.get(answer.text) or say(language, UNNAMED))
    if question.kind == "forms":
        return replace(answer, text=_ID.sub(lambda found: names.get(found[0]) or say(language, UNNAMED), answer.text))
    if question.kind == "case" and answer.text in cases:
        return replace(answer, text=cases[answer.text], link=f"/intake/cases/{answer.text}")
    return replace(answer, text=say(language, ANOTHER_CASE)) if question.kind == "case" else answer
