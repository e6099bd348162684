"""How answers are shown: codes in words, days and countries in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_datetime

from services.intake.casework.people import RELATIONS, PersonIn
from services.intake.casework.questions import Question, questions
from services.intake.pages.fields import MOST_FORMS
from services.intake.pages.people_asked import STEPS
from shared.pages import Language, marked, say

SPOKEN = tuple(
    "am ar az bn ckb cs da de dyu el en es fa ff fr ha ht hi hr hu ig it ja ka kmr ku ln mg ml my nb ne nl om pa pl ps "  # noqa: SIM905 # a list of words
    "pt rn ro ru rw sk so sq sr sv sw ta te ti tr ug uk ur uz vi wo yo zh".split()
)
"""Languages that are offered, among those of whom we meet; any other may come by the interface for programs."""
MOST_LANGUAGES, MOST_COUNTRIES = 3, 6
OFFSETS = tuple(
    "-12:00 -11:00 -10:00 -09:30 -09:00 -08:00 -07:00 -06:00 -05:00 -04:00 -03:30 -03:00 -02:30 -02:00 -01:00 +00:00 "  # noqa: SIM905 # a list of codes
    "+01:00 +02:00 +03:00 +03:30 +04:00 +04:30 +05:00 +05:30 +05:45 +06:00 +06:30 +07:00 +08:00 +08:45 +09:00 +09:30 "
    "+10:00 +10:30 +11:00 +12:00 +12:45 +13:00 +13:45 +14:00".split()
)
"""The clocks of today's time zones, in summer and in winter (IANA, CLDR)."""
YES, NO = marked("Yes"), marked("No")


@dataclass(frozen=True)
class Shown:
    """A question and its answer in words. `name` leads to where it is asked, `link` to what is meant."""

    name: str
    title: str
    text: str
    link: str = ""


@cache
def countries(tag: str) -> Mapping[str, str]:
    """ISO 3166-1 alpha-3 → the country's name in that language, by name (CLDR)."""
    aliases = get_global("territory_aliases")
    names = Locale.parse(tag).territories
    found = {
        code: names[short[0]]
        for code, short in aliases.items()
        if len(code) == 3 and code.isalpha() and len(short) == 1 and short[0] in names and len(short[0]) == 2
    }
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))


@cache
def spoken(tag: str) -> Mapping[str, str]:
    """BCP 47 → the language's name in that language, by name."""
    names = Locale.parse(tag).languages
    return dict(sorted(((code, names.get(code, code)) for code in SPOKEN), key=lambda one: one[1].casefold()))


def language_names(tag: str, known: Iterable[str]) -> Mapping[str, str]:
    """The languages that are offered, and those of `known` that came by the interface for programs."""
    names = Locale.parse(tag).languages
    return {**spoken(tag), **{one: names.get(one, one) for one in known}}


def options(language: Language) -> dict[str, Any]:
    """What the lists of a page offer."""
    return {
        "countries": countries(language.tag),
        "languages": spoken(language.tag),
        "most_languages": MOST_LANGUAGES,
        "most_forms": MOST_FORMS,
        "most_countries": MOST_COUNTRIES,
        "offsets": OFFSETS,
    }


def shown_answers(asked: Iterable[Question], answers: Mapping[str, Any], language: Language) -> list[Shown]:
    """Every question with its answer; without one, the text is empty."""
    return [Shown(one.name, say(language, one.title), in_words(one, answers.get(one.name), language)) for one in asked]


def shown_person(person: Mapping[str, Any], language: Language) -> dict[str, list[Shown]]:
    """What is known of a person: name of the page where it is asked → answers."""
    known = {one.name: one for one in questions(PersonIn)}
    found: dict[str, list[Shown]] = {}
    for step in STEPS:
        if step.name == "names":
            names = [one["full"] for one in person.get("names", ())]
            found[step.name] = [Shown(step.name, say(language, known["names"].title), "\n".join(names))]
        elif step.name == "birth":
            text = born(person.get("birth") or {}, language)
            found[step.name] = [Shown(step.name, say(language, known["birth"].title), text)]
        elif step.inside:
            told = shown_answers(step.questions, person.get(step.inside) or {}, language)
            text = "\n".join(f"{one.title}: {one.text}" for one in told if one.text)
            title = known[step.inside].title if step.inside in known else step.title
            found[step.name] = [Shown(step.name, say(language, title), text)]
        else:
            found[step.name] = shown_answers([known[one.name] for one in step.questions], person, language)
    return found


def related(person: str, kind: str, other: str, language: Language) -> str:
    """How two people are related, as a line that begins in the reader's language: that gives it its direction."""
    words = say(language, RELATED).format(kind=say(language, RELATIONS[kind]), other=isolated(other))
    return f"{words}: {isolated(person)}"


RELATED = marked("{kind} of {other}")


def isolated(name: str) -> str:
    """A name of any script inside a line of another (Unicode isolates, as `<bdi>` does for elements)."""
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"


def born(birth: Mapping[str, Any], language: Language) -> str:
    """A birth as far as it is known: a day, a month, a year, or the age that was stated."""
    parts = []
    if year := birth.get("year"):
        month, day = birth.get("month"), birth.get("day")
        pattern = "long" if day else "MMMM y" if month else "y"
        parts.append(format_date(date(year, month or 1, day or 1), pattern, locale=language.locale))
    if birth.get("stated_age") is not None:
        stated = birth.get("stated_on")
        on = format_date(
            stated if isinstance(stated, date) else date.fromisoformat(str(stated)), locale=language.locale
        )
        parts.append(say(language, STATED).format(age=birth["stated_age"], day=on))
    if birth.get("estimated"):
        parts.append(say(language, ESTIMATED))
    return ", ".join(parts)


STATED = marked("said to be {age} on {day}")
ESTIMATED = marked("estimated")


def in_words(question: Question, answer: Any, language: Language) -> str:
    """An answer as text; empty without one. Line breaks stay."""
    if answer is None or answer == () or answer == [] or answer == "":
        return ""
    return _WORDS.get(question.kind, _as_text)(question, answer, language)


def _as_text(_question: Question, answer: Any, _language: Language) -> str:
    return str(answer)


def _choice(question: Question, answer: Any, language: Language) -> str:
    return say(language, question.codes.get(str(answer), str(answer)))


def _choices(question: Question, answer: Any, language: Language) -> str:
    return "\n".join(_choice(question, one, language) for one in answer)


def _yes_no(_question: Question, answer: Any, language: Language) -> str:
    return say(language, YES if answer else NO)


def _day(_question: Question, answer: Any, language: Language) -> str:
    day = answer if isinstance(answer, date) else date.fromisoformat(str(answer))
    return format_date(day, "long", locale=language.locale)


def _moment(_question: Question, answer: Any, language: Language) -> str:
    return in_moment(answer if isinstance(answer, datetime) else datetime.fromisoformat(str(answer)), language)


def in_moment(moment: datetime, language: Language) -> str:
    """A day and a time as they were given, with the offset from UTC."""
    return f"{format_datetime(moment, 'd MMMM y HH:mm', locale=language.locale)} ({moment:%z})"


def _country(_question: Question, answer: Any, language: Language) -> str:
    return countries(language.tag).get(str(answer), str(answer))


def _countries(question: Question, answer: Any, language: Language) -> str:
    return "\n".join(_country(question, one, language) for one in answer)


def _languages(_question: Question, answer: Any, language: Language) -> str:
    names = Locale.parse(language.tag).languages
    return ", ".join(names.get(str(one), str(one)) for one in answer)


def _texts(_question: Question, answer: Any, _language: Language) -> str:
    return "\n".join(map(str, answer))


def _forms(question: Question, answer: Any, language: Language) -> str:
    return "\n".join(_form_in_words(question, one, language) for one in answer)


def _form_in_words(question: Question, answer: Any, language: Language) -> str:
    answers = answer if isinstance(answer, Mapping) else answer.model_dump(mode="json", exclude_none=True)
    shown = shown_answers(question.questions, answers, language)
    return "\n".join(f"{one.title}: {one.text}" for one in shown if one.text)


_WORDS: Mapping[str, Callable[[Question, Any, Language], str]] = {
    "choice": _choice,
    "choices": _choices,
    "yes_no": _yes_no,
    "day": _day,
    "moment": _moment,
    "appointment": _moment,
    "country": _country,
    "countries": _countries,
    "languages": _languages,
    "texts": _texts,
    "form": _form_in_words,
    "forms": _forms,
}
