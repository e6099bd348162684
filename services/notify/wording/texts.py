"""The English texts, which are the catalogues' message ids, and what each may have filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.notify.wording.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Text:
    """One entry of the catalogues: a text and, where it counts, its plural."""

    one: str
    many: str | None = None


PLACEHOLDERS = frozenset({"alias", "message", "page", "code", "when", "count", "start", "stop"})
"""All that can be filled in, anywhere."""

NOT_FOR_EVERYBODY = frozenset({"alias", "code"})
"""What a kind without `HAS_CODE` never says."""

GREETING = Text("{alias}: {message}")
SUBJECT = Text("A message for you")
NO_MONEY = Text("We never ask for money.")
HELLO = Text("Hello.")
SPEAKING_WITH = Text("Am I speaking with {alias}?")

WITH_US = Text("Your request is with us, the service you contacted. Please get in touch with us:\n{page}\nCode: {code}")
"""Of the periodic message and of news alike."""

TEXTS: dict[str, Text] = {
    "receipt": Text("Your request has reached us, the service you contacted. Your page:\n{page}\nCode: {code}"),
    "with_us": WITH_US,
    "news": WITH_US,
    "appointment": Text("Your appointment with the service you contacted:\n{when}\n{page}\nCode: {code}"),
    "appointment_changed": Text(
        "Your appointment with the service you contacted has a new time:\n{when}\n{page}\nCode: {code}"
    ),
    "appointment_cancelled": Text(
        "Cancelled: your appointment with the service you contacted:\n{when}\n{page}\nCode: {code}"
    ),
    "digest": Text(
        "There is {count} message for you from the service you contacted. Read it here:\n{page}\nCode: {code}",
        "There are {count} messages for you from the service you contacted. Read them here:\n{page}\nCode: {code}",
    ),
    "contact_check": Text(
        "A service was asked to send messages here. If you asked for them, answer {start}. If not, answer {stop}."
    ),
    "opt_out_confirmed": Text(
        "You will get no more messages from this service. If you want them again, answer {start}."
    ),
    "opt_in_confirmed": Text("You will get messages from this service again. If you want no more, answer {stop}."),
    "help": Text(
        "This is the service you contacted. Write to us here: a person reads it."
        " If you want no more messages, answer {stop}.\n{page}"
    ),
    "unknown_sender": Text(
        "This service writes only to people who asked for it. If you have a code, please write to us here:\n{page}"
    ),
    "reply_received": Text("Thank you. Your message has reached us. A person will read it."),
    "get_in_touch": Text("Please get in touch with the service you contacted."),
}
"""Kind → what it says."""

SPOKEN: dict[str, Text] = {
    "contact_check": Text("A service was asked to reach you here. Did you ask for it? If not, we will not call again."),
    "opt_out_confirmed": Text("You will get no more messages from this service. If you want them again, tell us."),
    "opt_in_confirmed": Text("You will get messages from this service again. If you want no more, tell us."),
    "help": Text(
        "This is the service you contacted. If you want no more messages, tell us. You can write to us here:\n{page}"
    ),
}
"""Kind → what a caller says instead, where `TEXTS` asks to answer a message with a word."""

MAILED: dict[str, Text] = {
    "contact_check": Text(
        "A service was asked to send messages here. If you have a code, please write to us here:\n{page}"
    ),
}
"""Kind → what a mail says instead: not everywhere are answers by mail read, and opening the page proves as much."""

ENTRIES = (
    GREETING,
    SUBJECT,
    NO_MONEY,
    HELLO,
    SPEAKING_WITH,
    *dict.fromkeys((*TEXTS.values(), *SPOKEN.values(), *MAILED.values())),
)
"""All that a catalogue must hold."""


def placeholders(text: str) -> list[str]:
    """The placeholders of a text, sorted, each as often as it stands there. Raises `ValueError` at a stray brace."""
    if set(_PLACEHOLDER.sub("", text)) & {"{", "}"}:
        raise ValueError("a brace that belongs to no placeholder")
    return sorted(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled; what is filled in is never looked at again. Raises `KeyError`."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def check_texts() -> None:
    """Raise `ValueError` where a text of the code asks for what its kind may not say, or a kind has no text."""
    if set(TEXTS) != set(KINDS):
        raise ValueError("every kind has one text, and nothing else has")
    for text in ENTRIES:
        if not PLACEHOLDERS.issuperset(placeholders(text.one + (text.many or ""))):
            raise ValueError("a text asks for what nobody declared")
    for name, kind in KINDS.items():
        spoken, mailed = (instead.get(name, TEXTS[name]) for instead in (SPOKEN, MAILED))
        for text in (TEXTS[name], spoken, mailed):
            if NOT_FOR_EVERYBODY.intersection(placeholders(text.one)) != ({"code"} if kind.HAS_CODE else set()):
                raise ValueError(f"{name}: the code stands in kinds that have one, and in those alone")
        if {"start", "stop"}.intersection(placeholders(spoken.one)):
            raise ValueError(f"{name}: nobody answers a call with a word for machines")
        if {"start", "stop"}.intersection(placeholders(mailed.one)) and not kind.ANSWERS:
            raise ValueError(f"{name}: a mail is answered only where answers are read")


_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
