"""What is shared under a referral, in words: the same on the sender's preview and on the receiver's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.casework import CASE_TYPES
from services.intake.casework.attachments import ATTACHMENT_KINDS
from services.intake.casework.people import AGE_BAND_WORDS
from services.intake.casework.questions import questions
from services.intake.pages.case import UNNAMED
from services.intake.pages.own_shown import shared_shown
from services.intake.pages.showing import Shown, shown_answers, shown_person
from shared.pages import Language, marked, say

AGE = marked("Age")
MASKED = marked("Another person of the case: initials and sex alone")


@dataclass(frozen=True)
class SharedPerson:
    """A person as the receiver sees it. `caption`: the part in the case, or that it is masked; it may be empty."""

    caption: str
    name: str
    known: Sequence[Shown]


@dataclass(frozen=True)
class SharedFile:
    """A photo or document that the receiver may open."""

    id: str
    kind: str
    is_photo: bool
    title: str


@dataclass(frozen=True)
class SharedWords:
    """Everything that the receiver sees."""

    people: Sequence[SharedPerson]
    type: str
    facts: Sequence[Shown]
    note: str
    own: Sequence[Shown]
    """Of the sender's own fields, in the wording that came with them."""
    attachments: Sequence[SharedFile] = ()


def in_words(view: Mapping[str, Any], language: Language) -> SharedWords:
    """The view that `queries.referrals` makes, in a reader's language."""
    kind = CASE_TYPES.get(view.get("type", ""))
    people = []
    for one in view["people"]:
        part = kind.people.get(one.get("role", "")) if kind else None
        captions = [say(language, part.title) if part else "", say(language, MASKED) if one["masked"] else ""]
        caption = " · ".join(text for text in captions if text)
        names = [name["full"] for name in one["person"].get("names", ())]
        known = [each for part in shown_person(one["person"], language).values() for each in part if each.text]
        if len(names) < 2:
            known = [each for each in known if each.name != "names"]
        if band := one.get("age_band"):
            known.append(Shown("age_band", say(language, AGE), say(language, AGE_BAND_WORDS.get(band, band))))
        people.append(SharedPerson(caption, names[0] if names else say(language, UNNAMED), known))
    facts = shown_answers(questions(kind.details), view.get("facts", {}), language) if kind else []
    title = say(language, kind.title) if kind else ""
    own = [each for one in view.get("own", ()) for each in shared_shown(one, language)]
    attached = [
        SharedFile(one["id"], say(language, ATTACHMENT_KINDS[one["kind"]]), one["kind"] == "photo", one["title"])
        for one in view.get("attachments", ())
    ]
    return SharedWords(people, title, [one for one in facts if one.text], view.get("note", ""), own, attached)
