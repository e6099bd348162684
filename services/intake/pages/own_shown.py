"""Answers to the organisation's own questions, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from services.intake.casework import CASE_TYPES
from services.intake.casework.own_answers import Earlier, OwnAnswers
from services.intake.casework.own_fields import OWN_CODE, question_of, questions_in, words_in
from services.intake.casework.questions import Question
from services.intake.domain import Case
from services.intake.pages.desk import Seat
from services.intake.pages.showing import Shown, isolated, shown_answers
from services.intake.queries.own_fields import FieldsInForce, own_answers
from shared.access import Act
from shared.pages import Language, say


def own_questions(schema: Mapping[str, Any], language: Language) -> tuple[Question, ...]:
    """Every field of a schema as a page asks it. Its words may be of another direction than the page's."""
    return tuple(_isolated(one) for one in questions_in(schema, language.tag))


def own_of_case(seat: Seat, case: Case, language: Language) -> dict[str, Any]:
    """What the page of a case says of its own fields, and whether they may be answered there."""
    kept = own_answers(seat.session, case)
    may = seat.actor.may(Act.CHANGE_CASES) and case.merged_into is None
    asked = FieldsInForce(seat.session, seat.actor).on(case.type) if may else None
    return {
        "own": own_shown(kept, language),
        "earlier": earlier_shown(kept.earlier if kept is not None else (), language),
        "may_answer_own": asked is not None,
    }


def own_shown(kept: OwnAnswers | None, language: Language) -> list[Shown]:
    """The answers in words, as they were asked."""
    if kept is None:
        return []
    asked = [_isolated(question_of(name, field, language.tag)) for name, field in kept.fields.items()]
    return shown_answers(asked, kept.answers, language)


def earlier_shown(earlier: Iterable[Earlier], language: Language) -> list[Shown]:
    """Answers that a newer version has no place for."""
    found: list[Shown] = []
    for one in earlier:
        asked = _isolated(question_of(one.name, one.field, language.tag))
        found += shown_answers([asked], {one.name: one.value}, language)
    return found


def shared_shown(told: Mapping[str, Any], language: Language) -> list[Shown]:
    """One shared answer, read by the wording that came with it."""
    asked = _isolated(question_of(told["name"], told["field"], language.tag))
    return shown_answers([asked], {told["name"]: told["value"]}, language)


def named_fields(titles: Mapping[str, Mapping[str, Any]] | None, language: Language) -> dict[str, str]:
    """Code → what an agreement calls an own field: the type of case, and its title."""
    found = {}
    for code, field in (titles or {}).items():
        named = OWN_CODE.fullmatch(code)
        if named is not None and named[1] in CASE_TYPES:
            title = words_in(field, language.tag) or named[2].replace("_", " ").capitalize()
            found[code] = f"{say(language, CASE_TYPES[named[1]].title)}: {isolated(title)}"
    return found


def _isolated(question: Question) -> Question:
    codes = {code: isolated(words) for code, words in question.codes.items()}
    hint = isolated(question.hint) if question.hint else None
    return replace(question, title=isolated(question.title), hint=hint, codes=codes)
