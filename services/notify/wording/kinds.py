"""The kinds of messages to families. None has a field that could hold a name, a place, an agency or a fate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, get_type_hints

Urgency = Literal["now", "soon", "ordinary"]
"""`now`: somebody waits with the telephone in hand; `soon`: in the next allowed hours; `ordinary`: after those."""

ALLOWED_FIELDS: dict[str, type] = {"at": datetime, "count": int}
"""All that a kind may say beside its fixed words: a text could hold anything, and a number of any other name a fate."""

DECLARATIONS = ("NAME", "URGENCY", "HARMLESS_TWICE", "HAS_CODE", "ANSWERS", "NEEDS_APPROVAL")
_MAY_DECLARE = {*ALLOWED_FIELDS, *DECLARATIONS}


class Kind:
    """One kind of message. Its value holds no text: the words are the catalogues', the greeting the envelope's.

    Raises `TypeError` where a value is not exactly of the declared type, and `ValueError` for a time without a zone.
    """

    __slots__ = ()

    NAME: ClassVar[str]
    URGENCY: ClassVar[Urgency]
    HARMLESS_TWICE: ClassVar[bool] = True
    """A second copy does no harm: the message may be sent again when nobody knows what became of the first."""
    HAS_CODE: ClassVar[bool] = False
    """Carries the alias, the one-time code and the address of the family's page; others carry none of the three."""
    ANSWERS: ClassVar[bool] = False
    """An answer: it goes to where the question came from, and nowhere else."""
    NEEDS_APPROVAL: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]  # every kind is a dataclass: `check_kinds`
            value = getattr(self, field.name)
            if type(value) is not ALLOWED_FIELDS[field.name]:
                raise TypeError(f"{self.NAME}.{field.name} takes {ALLOWED_FIELDS[field.name].__name__} alone")
            if isinstance(value, datetime) and value.utcoffset() is None:
                raise ValueError(f"{self.NAME}.{field.name} needs a time zone")


@dataclass(frozen=True, slots=True)
class Receipt(Kind):
    """The request has arrived."""

    NAME: ClassVar[str] = "receipt"
    URGENCY: ClassVar[Urgency] = "soon"
    HAS_CODE: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class WithUs(Kind):
    """The request is with us, please get in touch: from time to time, true in every state until the case is closed."""

    NAME: ClassVar[str] = "with_us"
    URGENCY: ClassVar[Urgency] = "ordinary"
    HAS_CODE: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class News(Kind):
    """The same words as `WithUs`, so that nobody who reads along can tell the two apart; what is new, a person tells.

    A second copy would say that this one was not the usual message: it is never sent again blindly.
    """

    NAME: ClassVar[str] = "news"
    URGENCY: ClassVar[Urgency] = "ordinary"
    HARMLESS_TWICE: ClassVar[bool] = False
    HAS_CODE: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Appointment(Kind):
    """A day and a time, in the recipient's zone, and nothing of where or with whom."""

    NAME: ClassVar[str] = "appointment"
    URGENCY: ClassVar[Urgency] = "soon"
    HAS_CODE: ClassVar[bool] = True

    at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentChanged(Kind):
    """The new day and time of an appointment that the family was told of."""

    NAME: ClassVar[str] = "appointment_changed"
    URGENCY: ClassVar[Urgency] = "soon"
    HAS_CODE: ClassVar[bool] = True

    at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentCancelled(Kind):
    """An appointment that the family was told of does not take place. Why, a person tells."""

    NAME: ClassVar[str] = "appointment_cancelled"
    URGENCY: ClassVar[Urgency] = "soon"
    HAS_CODE: ClassVar[bool] = True

    at: datetime


@dataclass(frozen=True, slots=True)
class Digest(Kind):
    """How many messages a day brought, where it were many. `News` and `WithUs` are never counted into one."""

    NAME: ClassVar[str] = "digest"
    URGENCY: ClassVar[Urgency] = "ordinary"
    HAS_CODE: ClassVar[bool] = True

    count: int


@dataclass(frozen=True, slots=True)
class ContactCheck(Kind):
    """Is this still the number of whoever gave it? Without alias and code, and but in a mail without the page: numbers
    find new owners."""

    NAME: ClassVar[str] = "contact_check"
    URGENCY: ClassVar[Urgency] = "soon"


@dataclass(frozen=True, slots=True)
class OptOutConfirmed(Kind):
    """No more messages come here."""

    NAME: ClassVar[str] = "opt_out_confirmed"
    URGENCY: ClassVar[Urgency] = "now"
    ANSWERS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class OptInConfirmed(Kind):
    """Messages come here again."""

    NAME: ClassVar[str] = "opt_in_confirmed"
    URGENCY: ClassVar[Urgency] = "now"
    ANSWERS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class HelpAnswer(Kind):
    """Who writes here, and how to make it end."""

    NAME: ClassVar[str] = "help"
    URGENCY: ClassVar[Urgency] = "now"
    ANSWERS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class UnknownSender(Kind):
    """The one answer to every sender who is not known: it tells nothing of who is."""

    NAME: ClassVar[str] = "unknown_sender"
    URGENCY: ClassVar[Urgency] = "now"
    ANSWERS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ReplyReceived(Kind):
    """What the family wrote has arrived, and a person reads it."""

    NAME: ClassVar[str] = "reply_received"
    URGENCY: ClassVar[Urgency] = "now"
    ANSWERS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class GetInTouch(Kind):
    """What every kind with a code says instead where others read what arrives: no alias, no code, no page, no day and
    time, and not even that there is a request. The same words for each of them."""

    NAME: ClassVar[str] = "get_in_touch"
    URGENCY: ClassVar[Urgency] = "ordinary"


def check_kinds(kinds: Iterable[type[Any]] | None = None) -> None:
    """Raise `TypeError`, naming kind and field, where one of `kinds` could hold more than `ALLOWED_FIELDS`.

    Looks at fields of every sort (`InitVar` and class variables too), at attributes and methods that are no
    declaration, and at instances that take further attributes. Without `kinds`: at all that can be rendered.
    """
    for kind in KINDS.values() if kinds is None else kinds:
        if kind.__bases__ != (Kind,) or not is_dataclass(kind) or kind.__dictoffset__:
            raise TypeError(f"{kind.__qualname__}: a kind is a frozen dataclass with slots, directly below Kind")
        _check_hints(kind)
        _check_attributes(kind)


def _check_hints(kind: type[Any]) -> None:
    hints = get_type_hints(kind)
    for name in [name for name in hints if name not in DECLARATIONS]:
        if ALLOWED_FIELDS.get(name) is not hints[name]:
            raise TypeError(f"{kind.__qualname__}.{name}: a kind holds no such thing")
    held = {field.name for field in fields(kind)}
    if held != set(hints) - set(DECLARATIONS) or not kind.__dataclass_params__.frozen:
        raise TypeError(f"{kind.__qualname__}: a kind is frozen, and holds its declared fields alone")


def _check_attributes(kind: type[Any]) -> None:
    for name, value in vars(kind).items():
        if name.startswith("__") and name.endswith("__"):
            continue
        if name not in _MAY_DECLARE or (name in DECLARATIONS and type(value) not in (str, bool)):
            raise TypeError(f"{kind.__qualname__}.{name}: a kind declares no such thing")


KINDS: dict[str, type[Kind]] = {
    kind.NAME: kind
    for kind in (
        Receipt,
        WithUs,
        News,
        Appointment,
        AppointmentChanged,
        AppointmentCancelled,
        Digest,
        ContactCheck,
        OptOutConfirmed,
        OptInConfirmed,
        HelpAnswer,
        UnknownSender,
        ReplyReceived,
        GetInTouch,
    )
}
"""Every kind by its name."""
NOT_ON_SHARED_PHONES = frozenset({Receipt, Digest})
"""Where others read what arrives, these would only tell them that somebody asked for something: they are not sent."""
OF_APPOINTMENTS = (Appointment, AppointmentChanged, AppointmentCancelled)
"""Those that say a day and a time."""
STANDING_APPOINTMENTS = (Appointment.NAME, AppointmentChanged.NAME)
"""The names of those after which a family expects it."""
