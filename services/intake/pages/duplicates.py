"""Two cases that may be the same: warned of, compared, merged, and undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import commands, queries
from services.intake.casework import CASE_TYPES, Move, Offer
from services.intake.casework.people import could_be_one
from services.intake.casework.questions import questions
from services.intake.casework.words import MERGE_REASONS, UNDO_REASONS
from services.intake.domain import Case
from services.intake.pages.case import facts_of, name_of
from services.intake.pages.deeds import deed_page
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, number_in
from services.intake.pages.showing import Shown, isolated, shown_answers, shown_person
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import PersonOfCase, work
from services.intake.queries.duplicates import SAME_NAME, likeness_of, warnings
from services.intake.queries.locking import one_at_a_time
from shared.access import Act, require
from shared.errors import Conflict, NotFound, Stale
from shared.pages import FormData, Language, marked

CHOOSE = marked("Choose what they are.")
WHY = marked("Choose why they are the same.")
WHY_NOT = marked("Choose why the merge is undone.")
CHANGED = marked("One of the two cases was changed meanwhile. Look at them as they are now, and decide anew.")
UNDO = Move("undo_merge", marked("Undo the merge"), (), "", reasons=dict.fromkeys(UNDO_REASONS, ()))
SAME, DIFFERENT, ONE_ONLY = "same", "different", "one_only"


@dataclass(frozen=True)
class Row:
    """One answer in both cases. `evidence` is empty where comparing says nothing."""

    title: str
    one: str
    other: str

    @property
    def evidence(self) -> str:
        """How the two answers fit."""
        if not self.one or not self.other:
            return ONE_ONLY
        return SAME if self.one.casefold() == self.other.casefold() else DIFFERENT


@dataclass(frozen=True)
class Side:
    """One of the two cases, opened."""

    case: Case
    people: Sequence[PersonOfCase]
    assigned_to: str


def add_to(routes: APIRouter, desk: Desk) -> None:  # noqa: C901 # a list of routes, each short
    """The pages of this subject."""

    @routes.get("/duplicates")
    def list_duplicates(visit: Visited) -> Response:
        """Pairs that nobody has decided yet."""
        with desk.seat(visit) as seat:
            require(seat.actor, Act.MERGE_CASES)
            found, more = warnings(seat.session, seat.actor)
            return desk.page(visit, "duplicates.html", seat, found=found, more=more is not None, types=CASE_TYPES)

    @routes.get("/cases/{case_id}/duplicates/{other_id}")
    def compare(visit: Visited, case_id: UUID, other_id: UUID) -> Response:
        """Both cases, side by side; that their people were seen is recorded."""
        with desk.seat(visit, writes=True) as seat:
            return _compare_page(desk, visit, seat, case_id, other_id)

    @routes.post("/cases/{case_id}/duplicates/{other_id}")
    def decide(visit: Visited, case_id: UUID, other_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            if problem := _problem(visit.form):
                return _compare_page(desk, visit, seat, case_id, other_id, problem, 422)
            try:
                with seat.session.begin_nested():
                    kept = _decide(seat, visit.form, case_id, other_id)
            except Stale:
                return _compare_page(desk, visit, seat, case_id, other_id, Problem("", CHANGED), 412)
            except Conflict as error:
                problem = problem_in(visit.language, error)
                return _compare_page(desk, visit, seat, case_id, other_id, problem, 409)
            done = "different" if visit.form.one("decision") == "different" else "merge"
            return go_to(f"/intake/cases/{kept}?done={done}")

    @routes.get("/cases/{case_id}/undo-merge")
    def ask_undo(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            return _undo_page(desk, visit, seat, case_id)

    @routes.post("/cases/{case_id}/undo-merge")
    def undo(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            reason = visit.form.one("reason")
            if reason not in UNDO_REASONS:
                return _undo_page(desk, visit, seat, case_id, Problem("reason", WHY_NOT), 422)
            try:
                with seat.session.begin_nested():
                    expected = number_in(visit.form, "version")
                    commands.undo_merge(seat.session, seat.actor, case_id, reason=reason, expected=expected)
            except Stale:
                return _undo_page(desk, visit, seat, case_id, Problem("", CHANGED), 412)
            except Conflict as error:
                return _undo_page(desk, visit, seat, case_id, problem_in(visit.language, error), 409)
            return go_to(f"/intake/cases/{case_id}?done=undo_merge_into")


def _problem(form: FormData) -> Problem | None:
    decision = form.one("decision")
    if decision not in {"one", "other", "different"}:
        return Problem("decision", CHOOSE)
    if decision != "different" and form.one("reason") not in MERGE_REASONS:
        return Problem("reason", WHY)
    return None


def _decide(seat: Seat, form: FormData, case_id: UUID, other_id: UUID) -> UUID:
    """The case that is worked on from now on."""
    if form.one("decision") == "different":
        commands.call_different(seat.session, seat.actor, case_id, other_id)
        return case_id
    require(seat.actor, Act.MERGE_CASES)
    one_at_a_time(seat.session, seat.actor.organisation_id)
    for one, version in sorted(((case_id, "version"), (other_id, "other_version"))):
        if queries.case(seat.session, seat.actor, one, lock=True).version != number_in(form, version):
            raise Stale(CHANGED)
    kept, duplicate = (case_id, other_id) if form.one("decision") == "one" else (other_id, case_id)
    same = [(UUID(one), UUID(other)) for one, other in _named_same(form)]
    pairs = [(other, one) if kept == case_id else (one, other) for one, other in same]
    commands.merge_cases(seat.session, seat.actor, kept, duplicate, same_people=pairs, reason=form.one("reason"))
    return kept


def _named_same(form: FormData) -> Iterator[tuple[str, str]]:
    for name in form:
        if name.startswith("same-") and form.one(name):
            one, other = name.removeprefix("same-"), form.one(name)
            if _is_id(one) and _is_id(other):
                yield one, other


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _opened(seat: Seat, case_id: UUID) -> Side:
    case = queries.case(seat.session, seat.actor, case_id)
    people = queries.people(seat.session, case)
    commands.note_view(seat.session, seat.actor, "compare", case.id, [one.person.id for one in people])
    staff = work.staff_names(seat.session, seat.actor, [case.assigned_to])
    return Side(case, people, staff.get(case.assigned_to, "") if case.assigned_to else "")


def _compare_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case_id: UUID,
    other_id: UUID,
    problem: Problem | None = None,
    status: int = 200,
) -> Response:
    one, other = _opened(seat, case_id), _opened(seat, other_id)
    if case_id == other_id or one.case.type != other.case.type:
        raise NotFound(marked("There is no such page."))
    pairs = _paired(one.people, other.people)
    kind = CASE_TYPES[one.case.type]
    may = seat.actor.may(Act.MERGE_CASES) and one.case.merged_into is None and other.case.merged_into is None
    return desk.page(
        visit,
        "compare.html",
        seat,
        status=status,
        kind=kind,
        one=one,
        other=other,
        sections=[
            (
                kind.people[(ours or theirs).role].title,  # type: ignore[union-attr] # one of the two is there
                _rows(_known(ours, visit.language), _known(theirs, visit.language)),
            )
            for ours, theirs in pairs
        ],
        facts=_rows(_facts(seat, one.case, visit.language), _facts(seat, other.case, visit.language)),
        may_merge=may,
        asked_same=_asked_same(one, other, pairs, visit.language) if may else (),
        reasons=MERGE_REASONS,
        typed=visit.form,
        posted=visit.request.method == "POST",
        errors=(problem,) if problem else (),
    )


def _paired(
    ours: Sequence[PersonOfCase], theirs: Sequence[PersonOfCase]
) -> list[tuple[PersonOfCase | None, PersonOfCase | None]]:
    """People in the same part of both cases, the likest beside each other; who is left stands alone."""
    left = list(theirs)
    found: list[tuple[PersonOfCase | None, PersonOfCase | None]] = []
    for one in ours:
        alike = [other for other in left if other.role == one.role]
        best = max(alike, key=lambda other: _likeness(one, other), default=None)
        if best is not None:
            left.remove(best)
        found.append((one, best))
    return [*found, *((None, one) for one in left)]


def _likeness(one: PersonOfCase, other: PersonOfCase) -> float:
    if one.known is None or other.known is None or not could_be_one(one.known, other.known):
        return 0.0
    return likeness_of(one.known, other.known)


def _asked_same(
    one: Side,
    other: Side,
    pairs: Sequence[tuple[PersonOfCase | None, PersonOfCase | None]],
    language: Language,
) -> list[tuple[str, str, dict[str, str], str]]:
    """For each person of the one case: (id, name, whom of the other it may be, who is likely)."""
    likely = {
        ours.person.id: str(theirs.person.id)
        for ours, theirs in pairs
        if ours is not None and theirs is not None and _likeness(ours, theirs) >= SAME_NAME
    }
    found = []
    for person in one.people:
        offered = {str(them.person.id): name_of(them, language) for them in other.people if them.role == person.role}
        if offered and person.known is not None:
            likely_one = likely.get(person.person.id, "")
            found.append((str(person.person.id), isolated(name_of(person, language)), offered, likely_one))
    return found


def _known(person: PersonOfCase | None, language: Language) -> list[Shown]:
    if person is None or person.known is None:
        return []
    known = person.known.model_dump(mode="json", exclude_defaults=True)
    return [one for part in shown_person(known, language).values() for one in part]


def _facts(seat: Seat, case: Case, language: Language) -> list[Shown]:
    return shown_answers(questions(CASE_TYPES[case.type].asked), facts_of(seat, case), language)


def _rows(ours: Sequence[Shown], theirs: Sequence[Shown]) -> list[Row]:
    """Each question that one of the two has an answer to."""
    mine, their = ({one.name: one for one in shown} for shown in (ours, theirs))
    names = dict.fromkeys([*mine, *their])
    texts = ((name, mine.get(name), their.get(name)) for name in names)
    rows = [
        Row((one or other).title, one.text if one else "", other.text if other else "")  # type: ignore[union-attr] # one of the two is there
        for _, one, other in texts
    ]
    return [row for row in rows if row.one or row.other]


def _undo_page(
    desk: Desk, visit: Visit, seat: Seat, case_id: UUID, problem: Problem | None = None, status: int = 200
) -> Response:
    require(seat.actor, Act.MERGE_CASES)
    case = queries.case(seat.session, seat.actor, case_id)
    offer = Offer(UNDO, (), dict.fromkeys(UNDO_REASONS, ()))
    problems = (problem,) if problem else ()
    return deed_page(desk, visit, seat, case, offer, (), problems=problems, status=status)
