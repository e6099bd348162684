"""One possible match in words: the two records side by side, what speaks for and against, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import floor

from babel.numbers import format_decimal

from services.intake.casework import CASE_TYPES
from services.intake.casework.matching import FIELDS, MATCH_WORDS, STEP_WORDS, STEPS, Side
from services.intake.casework.people import RELATIONS, PersonIn
from services.intake.casework.questions import Question, questions
from services.intake.matching import REASONS
from services.intake.pages.case import Told
from services.intake.pages.desk import Seat
from services.intake.pages.showing import born, countries, isolated, shown_answers
from services.intake.queries import work
from services.intake.queries.match_view import MatchView
from services.intake.queries.matches import Said
from services.intake.schemas.matches import FieldOut, Value
from shared.pages import Language, marked, say

EVIDENCE_WORDS = {
    "strong": marked("Strong"),
    "partial": marked("Partial"),
    "unknown": marked("Unknown"),
    "different": marked("Different"),
}
"""What stands beside an icon; `casework.matching.EVIDENCE` says what it means."""
START = marked("Where it begins")
BY_ITSELF = marked("Automatically")
QUESTION_MARKS = ("?", "\N{ARABIC QUESTION MARK}")
PRIOR, UNKNOWN = "how_rare_a_match_is", "not_known"


@dataclass(frozen=True)
class Compared:
    """One field of the two records, ready to be read."""

    title: str
    ours: Sequence[str]
    theirs: Sequence[str]
    shown: bool
    evidence: str
    word: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Weight:
    """A term of the score."""

    title: str
    reason: str
    bits: str


@dataclass(frozen=True)
class Weights:
    """Terms that add up to their sum, as they are written."""

    terms: Sequence[Weight]
    total: str
    whole: bool
    """Nothing is left out of it."""


def compared(view: MatchView, side: Side, language: Language) -> tuple[list[Compared], list[str]]:
    """(each field that one of the two records says something of, what the others are called)."""
    told, silent = [], []
    for one in view.fields:
        title = say(language, FIELDS[one.field])
        if one.sought or one.found or not one.shown:
            told.append(_compared(one, title, side, language))
        else:
            silent.append(title)
    return told, silent


def _compared(one: FieldOut, title: str, side: Side, language: Language) -> Compared:
    sought, found = ([in_words(value, language) for value in values] for values in (one.sought, one.found))
    evidence = one.evidence or "unknown"
    codes = dict.fromkeys(term.reason for term in one.terms) or (UNKNOWN,)
    reasons = [say(language, REASONS.get(code, code)) for code in codes]
    return Compared(
        title,
        found if side == "holder" else sought,
        sought if side == "holder" else found,
        one.shown,
        evidence,
        say(language, EVIDENCE_WORDS[evidence]),
        reasons,
    )


def in_words(value: Value, language: Language) -> str:
    """Something that a record says, as a line."""
    text = _said(value, language)
    if value.of == "relation":
        return f"{say(language, RELATIONS.get(value.code or '', value.code))}: {isolated(text)}"
    title = _titles().get(value.field or "")
    if not title:
        return text
    asked = say(language, title)
    return f"{asked}{'' if asked.endswith(QUESTION_MARKS) else ':'} {isolated(text)}"


def _said(value: Value, language: Language) -> str:
    if value.of == "birth":
        return born(value.model_dump(exclude_none=True), language)
    if value.of == "country":
        return countries(language.tag).get(value.code or "", value.code or "–")
    if value.of == "sex":
        return say(language, _sexes().get(value.code or "", value.code))
    return value.text or value.code or "–"


@cache
def _titles() -> Mapping[str, str]:
    """What is asked for a place, by the name of the question."""
    forms = (PersonIn, *(kind.details for kind in CASE_TYPES.values()))
    return {one.name: one.title for form in reversed(forms) for one in questions(form)}


@cache
def _sexes() -> Mapping[str, str]:
    return next(one.codes for one in questions(PersonIn) if one.name == "sex")


def weights(view: MatchView, language: Language) -> Weights | None:
    """What each field adds to the score. Where fields are not shown, neither is what they add: then what is shown is
    added up, and nothing can be reckoned back from it. None where nothing is known."""
    terms = [(one.field, term.reason, term.bits) for one in view.fields for term in one.terms]
    if not terms:
        return None
    whole = all(one.shown for one in view.fields)
    if whole:
        terms.insert(0, ("", PRIOR, view.match.score - sum(bits for _, _, bits in terms)))
    *parts, total = _tenths([bits for _, _, bits in terms])
    return Weights(
        [
            Weight(
                say(language, FIELDS.get(field, START)),
                say(language, REASONS.get(reason, reason)),
                _bits(part, language),
            )
            for (field, reason, _), part in zip(terms, parts, strict=True)
        ],
        _bits(total, language),
        whole,
    )


def _tenths(bits: Sequence[float]) -> list[int]:
    """In tenths, rounded so that they add up to the last, their sum: what lost most by rounding down gets it back."""
    total = round(sum(bits) * 10)
    parts = [floor(one * 10) for one in bits]
    losers = sorted(range(len(bits)), key=lambda which: parts[which] - bits[which] * 10)
    for which in losers[: total - sum(parts)]:
        parts[which] += 1
    return [*parts, total]


def _bits(tenths: int, language: Language) -> str:
    sign = "+" if tenths > 0 else ""
    return format_decimal(tenths / 10, format=f"{sign}0.0;\N{MINUS SIGN}0.0", locale=language.locale)


def history(seat: Seat, view: MatchView, other: str, language: Language, *, after: int = 0) -> list[Told]:
    """What happened, the newest first, from behind that version. The other side's staff are their organisation."""
    entries = [one for one in view.history if one.step.number > after]
    staff = work.staff_names(seat.session, seat.actor, [one.step.user_id for one in entries])
    return [
        Told(
            one.step.number,
            one.step.at,
            _who(one, view, staff.get(one.step.user_id, "–") if one.step.user_id else "–", other, language),
            say(language, STEP_WORDS.get(one.step.what, one.step.what)),
            _why(one, view.sides, language),
            [answer for answer in shown_answers(_asked(one), one.said, language) if answer.text],
        )
        for one in reversed(entries)
    ]


def _who(one: Said, view: MatchView, name: str, other: str, language: Language) -> str:
    if one.step.side is None or one.step.user_id is None:
        return say(language, BY_ITSELF)
    return name if one.step.side in view.sides else other


def _why(one: Said, sides: Sequence[Side], language: Language) -> str:
    """Why a match was withdrawn is the matter of the side whose reason it is."""
    told = one.step.what not in {"withdraw", "take_back"} or one.step.side is None or one.step.side in sides
    reason = one.step.reason
    return say(language, MATCH_WORDS.get(reason, reason)) if reason and told else ""


def _asked(one: Said) -> Sequence[Question]:
    form = next((step.form for step in STEPS if step.name == one.step.what), None)
    return questions(form) if form is not None else ()
