"""How the family of a case is told, what it wrote and what is to be done, as the case's page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake.casework import CASE_TYPES
from services.intake.casework.contacts import AskContact, ContactKept
from services.intake.casework.questions import questions
from services.intake.casework.telling import (
    ATTENTION,
    CHANNELS,
    INTENTS,
    MESSAGE_REASONS,
    MESSAGE_STATES,
    REACHED,
    REPLY_CHANNELS,
)
from services.intake.domain import Case, FamilyContact
from services.intake.pages.desk import Seat
from services.intake.pages.showing import Shown, isolated, language_names
from services.intake.pages.time_zones import places
from services.intake.queries import PersonOfCase
from services.intake.queries.family import attention_of, contacts_of, messages_of, replies_of
from shared.access import Act
from shared.pages import Language, marked, say

WAYS, NIGHT = marked("How, in this order"), marked("No message in these hours")
PERSON, PLACE = marked("Who is told"), marked("By the clock of")
LANGUAGE = marked("Languages, the best one first")
CLOCK = marked("By the family's clock: {place}")
SHARED = marked("Others may read or listen")
TITLES = {one.name: one.title for one in questions(AskContact)}


@dataclass(frozen=True)
class ContactCard:
    """A contact, ready to be read."""

    row: FamilyContact
    answers: Sequence[Shown]


def family_of_case(seat: Seat, case: Case, people: Sequence[tuple[PersonOfCase, str]], language: Language) -> Any:
    """What the case's page needs to show it. `people`: each with the name that the page calls it by."""
    kind = CASE_TYPES[case.type]
    changes = seat.actor.may(Act.CHANGE_CASES) and not case.merged_into
    if case.type not in REACHED:
        return {"reached": False}
    names = {one.person.id: name for one, name in people}
    return {
        "reached": True,
        "contacts": [
            ContactCard(one.row, contact_answers(one.kept, names.get(one.row.person_id, ""), language))
            for one in contacts_of(seat.session, case)
        ],
        "family_messages": messages_of(seat.session, case),
        "replies": replies_of(seat.session, case),
        "attention": attention_of(seat.session, case),
        "may_do_tasks": changes,
        "may_add_contact": changes and case.status not in kind.life_cycle.closed,
        "family_words": FAMILY_WORDS,
    }


FAMILY_WORDS: Mapping[str, Mapping[str, Any]] = {
    "channels": {**CHANNELS, **REPLY_CHANNELS},
    "states": MESSAGE_STATES,
    "reasons": MESSAGE_REASONS,
    "intents": INTENTS,
    "attention": ATTENTION,
}


def contact_answers(kept: ContactKept | None, name: str, language: Language) -> list[Shown]:
    """What is kept of a contact, in words; nothing once it is gone."""
    if kept is None:
        return [Shown("person_id", say(language, PERSON), name)] if name else []
    ways = [f"{say(language, CHANNELS[one.channel])} {isolated(one.hint)}" for one in kept.addresses]
    spoken = language_names(language.tag, [kept.language, *kept.fallbacks])
    found = {
        PERSON: name,
        WAYS: "\n".join(ways),
        LANGUAGE: ", ".join(spoken[one] for one in (kept.language, *kept.fallbacks)),
        NIGHT: "" if kept.quiet_from == kept.quiet_to else f"{kept.quiet_from}–{kept.quiet_to}",
        PLACE: places(language.tag).get(kept.time_zone, kept.time_zone),
        SHARED: say(language, "Yes" if kept.shared_phone else "No"),
        TITLES["alias"]: kept.alias or "",
        TITLES["spoken_word"]: kept.spoken_word or "",
    }
    return [Shown(title, say(language, title), text) for title, text in found.items() if text]


def family_clocks(seat: Seat, case: Case, language: Language) -> dict[str, str]:
    """The time zones by whose clocks the families of a case live → how a form calls them."""
    shown = [one.kept for one in contacts_of(seat.session, case) if one.row.withdrawn_at is None and one.kept]
    named = places(language.tag)
    words = say(language, CLOCK)
    return {one.time_zone: words.format(place=isolated(named.get(one.time_zone, one.time_zone))) for one in shown}


def people_reached(people: Mapping[UUID, str], names: Mapping[UUID, str]) -> list[tuple[str, str]]:
    """(id, name) of who may be told."""
    return [(str(one), names[one]) for one in people if one in names]
