"""Messages as they are sent, spoken and shown for approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, get_args

from services.notify.wording.catalogues import Catalogue, read
from services.notify.wording.envelope import LONGEST_ALIAS, LONGEST_PAGE, Envelope, in_order, opening
from services.notify.wording.kinds import KINDS, OF_APPOINTMENTS, Digest, Kind
from services.notify.wording.languages import LANGUAGES, when
from services.notify.wording.replies import shown
from services.notify.wording.segments import Size, count
from services.notify.wording.texts import GREETING, HELLO, MAILED, NO_MONEY, SPEAKING_WITH, SPOKEN, SUBJECT, TEXTS, Text
from shared.errors import MisconfiguredError

Channel = Literal["sms", "email", "voice", "file"]

MOST_SEGMENTS = 3


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in a language. `subject` is empty but for e-mail and files; `size` is of SMS alone."""

    subject: str
    text: str = field(repr=False)
    language: str
    size: Size | None


def render(kind: Kind, envelope: Envelope, tag: str, channel: Channel) -> Rendered:
    """A message as it goes out, in one of `LANGUAGES`. `voice` is what a case worker reads out.

    The alias, the code and the address stand in kinds that have a code, and in those alone. Raises `TypeError` for a
    kind that nobody declared, and `ValueError` where a kind has a code and the envelope none.
    """
    if type(kind) is not KINDS.get(kind.NAME):
        raise TypeError("only declared kinds are sent")
    if kind.HAS_CODE and envelope.code is None:
        raise ValueError(f"{kind.NAME} carries a code")
    catalogue = catalogue_of(tag)
    text = _TEXT_OF[channel](catalogue, kind, envelope)
    subject = catalogue.say(SUBJECT) if channel in ("email", "file") else ""
    return Rendered(subject, text, tag, count(text) if channel == "sms" else None)


@cache
def catalogue_of(tag: str) -> Catalogue:
    """The catalogue of a language, checked. Raises `KeyError` for an unknown language, else `MisconfiguredError`."""
    catalogue = read(tag)
    check_sizes(catalogue)
    return catalogue


def check_catalogues() -> None:
    """Raise `MisconfiguredError` where a language lacks a text, or says it in more than three segments."""
    for tag in LANGUAGES:
        catalogue_of(tag)


def check_sizes(catalogue: Catalogue) -> None:
    """Raise `MisconfiguredError`, naming language, kind and segments, where the longest message does not fit."""
    for kind in _longest_kinds(catalogue.language.tag):
        needed = max(count(_greeted(catalogue, kind, envelope)).segments for envelope in LONGEST)
        if needed > MOST_SEGMENTS:
            raise MisconfiguredError(f"Language {catalogue.language.tag}: {kind.NAME} needs {needed} segments")


def samples(tag: str) -> list[tuple[str, Channel, Rendered]]:
    """Every text of a language on every channel, filled with sample values: what an organisation reads before it
    approves. Counted texts are shown in each form that the language has."""
    return [
        (kind.NAME, channel, render(kind, SAMPLE, tag, channel))
        for kind in _every_kind(SAMPLE_TIME, SAMPLE_COUNTS)
        for channel in get_args(Channel)
    ]


def _sms(catalogue: Catalogue, kind: Kind, envelope: Envelope) -> str:
    """The greeting, the message, and that nobody asks for money, where this fits: the same for every kind of the same
    words, since a code always has the same length."""
    said = _greeted(catalogue, kind, envelope)
    longer = f"{said}\n{catalogue.say(NO_MONEY)}"
    return longer if count(longer).segments <= MOST_SEGMENTS else said


def _email(catalogue: Catalogue, kind: Kind, envelope: Envelope) -> str:
    """Nothing of answering STOP or START, but in what answers a mail: not everywhere are those read. The page has
    it."""
    return f"{_greeted(catalogue, kind, envelope, _MAILED)}\n\n{catalogue.say(NO_MONEY)}\n"


def _voice(catalogue: Catalogue, kind: Kind, envelope: Envelope) -> str:
    hello = [catalogue.say(HELLO)]
    if kind.HAS_CODE and envelope.alias is not None:
        hello.append(catalogue.say(SPEAKING_WITH, alias=envelope.alias))
    said = _message(catalogue, kind, envelope, _SAID)
    return "\n\n".join((" ".join(hello), said, catalogue.say(NO_MONEY)))


def _greeted(catalogue: Catalogue, kind: Kind, envelope: Envelope, texts: Mapping[str, Text] = TEXTS) -> str:
    message = _message(catalogue, kind, envelope, texts)
    if envelope.alias is None or not kind.HAS_CODE:
        return message
    return catalogue.say(GREETING, alias=opening(envelope.alias, catalogue.language.direction), message=message)


def _message(catalogue: Catalogue, kind: Kind, envelope: Envelope, texts: Mapping[str, Text] = TEXTS) -> str:
    values = {"page": envelope.page} | _words(catalogue)
    if kind.HAS_CODE and envelope.code is not None:
        values["code"] = in_order(envelope.code, catalogue.language.direction)
    if isinstance(kind, OF_APPOINTMENTS):
        values["when"] = when(kind.at, catalogue.language.tag)
    if isinstance(kind, Digest):
        values["count"] = str(kind.count)
    return catalogue.say(texts[kind.NAME], kind.count if isinstance(kind, Digest) else 1, **values)


def _words(catalogue: Catalogue) -> dict[str, str]:
    tag = catalogue.language.tag
    return {"start": shown(tag, "start"), "stop": shown(tag, "stop")}


def _longest_kinds(tag: str) -> list[Kind]:
    days = [datetime(2026, month, 20, 23, 59, tzinfo=UTC) for month in range(1, 13)]
    latest = max(days, key=lambda day: len(when(day, tag)))
    latest = max((latest + timedelta(step) for step in range(7)), key=lambda day: len(when(day, tag)))
    return _every_kind(latest, (*SAMPLE_COUNTS, 9999))


def _every_kind(at: datetime, counts: tuple[int, ...]) -> list[Kind]:
    plain = [kind() for kind in KINDS.values() if kind not in {Digest, *OF_APPOINTMENTS}]
    return [*plain, *(kind(at) for kind in OF_APPOINTMENTS), *map(Digest, counts)]


SAMPLE = Envelope("Hodan", "A1B2-C3D4-E5F6", "news.example/f")
SAMPLE_TIME = datetime(2030, 9, 4, 9, 30, tzinfo=UTC)
SAMPLE_COUNTS = (1, 2, 3, 5, 11, 100)
"""One of each form of a number above 0 that any of the languages has (CLDR)."""

LONGEST = tuple(
    Envelope(alias, "W2W3-W4W5-W6W7", "w" * LONGEST_PAGE)
    for alias in ("W" * LONGEST_ALIAS, "ሀ" * LONGEST_ALIAS, "م" * LONGEST_ALIAS, "𞤀" * (LONGEST_ALIAS // 2))
)
"""The longest envelopes: in the messages' own script, in others of both directions, beyond the Basic Plane."""

_SAID, _MAILED = {**TEXTS, **SPOKEN}, {**TEXTS, **MAILED}
_TEXT_OF = {"sms": _sms, "email": _email, "voice": _voice, "file": _sms}
