"""No kind of message can hold what must not be said: a test that tries to smuggle it in."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, make_dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, ClassVar, Literal

import pytest

from services.notify.wording import (
    DECLARED,
    KINDS,
    Appointment,
    Digest,
    Envelope,
    GetInTouch,
    Kind,
    News,
    Receipt,
    WithUs,
    check_kinds,
    kind_for,
    render,
)
from services.notify.wording.texts import TEXTS
from shared import events

FATES = IntEnum("FATES", ["ALIVE", "DEAD"])
Whole = int
Number = str


class Text(str):
    """A text in disguise."""


class Moment(datetime):
    """A time that could carry more."""


@dataclass(frozen=True)
class Place:
    name: str


@pytest.mark.parametrize(
    "smuggled",
    [
        str,
        Any,
        object,
        bytes,
        bool,
        float,
        FATES,
        Text,
        Moment,
        Place,
        dict,
        dict[str, int],
        list[int],
        tuple[int, ...],
        Literal["dead"],
        Literal[1, 2],
        int | str,
        int | None,
        datetime | None,
        InitVar[str],
        type,
        "str",
    ],
)
@pytest.mark.parametrize("name", ["at", "count", "note"])
def test_no_field_of_a_kind_holds_anything_but_a_time_and_a_count(name: str, smuggled: Any) -> None:
    kind = make_dataclass("Smuggler", [(name, smuggled)], bases=(Kind,), frozen=True, slots=True)
    with pytest.raises(TypeError, match=f"Smuggler.{name}"):
        check_kinds([kind])


@pytest.mark.parametrize("name", ["outcome", "age", "born", "fate"])
def test_a_number_or_a_time_of_another_name_is_refused_as_well(name: str) -> None:
    for plain in (int, datetime):
        with pytest.raises(TypeError, match=f"Smuggler.{name}"):
            check_kinds([make_dataclass("Smuggler", [(name, plain)], bases=(Kind,), frozen=True, slots=True)])


@dataclass(frozen=True, slots=True)
class Inherited(Receipt):
    """Below another kind."""


class Plain(Kind):
    """No dataclass."""

    note: str


@dataclass(frozen=True)
class Open(Kind):
    """Without slots: anything can be hung on its instances."""


@dataclass(slots=True)
class Changeable(Kind):
    """Not frozen."""


@dataclass(frozen=True, slots=True)
class OfTheClass(Kind):
    """A text that is no field."""

    NOTE: ClassVar[str] = "in hospital"


@dataclass(frozen=True, slots=True)
class Unannotated(Kind):
    """A text that is not even annotated."""

    note = "in hospital"


@dataclass(frozen=True, slots=True)
class Computed(Kind):
    """A text behind a method."""

    def note(self) -> str:
        return "in hospital"


@dataclass(frozen=True, slots=True)
class Declaration(Kind):
    """A declaration that is more than a text or a truth value."""

    NAME: ClassVar[Any] = {"fate": "dead"}


class Mixed:
    """Something beside Kind."""

    __slots__ = ("note",)


@dataclass(frozen=True, slots=True)
class Both(Kind, Mixed):
    """Two parents."""


@dataclass(frozen=True, slots=True)
class Honest(Kind):
    """A count by another name of its type."""

    count: Whole


@dataclass(frozen=True, slots=True)
class Disguised(Kind):
    """A text whose type is called a number."""

    count: Number


@pytest.mark.parametrize(
    "kind", [Inherited, Plain, Open, Changeable, OfTheClass, Unannotated, Computed, Declaration, Both]
)
def test_no_other_way_round_the_fields_is_open(kind: type[Any]) -> None:
    with pytest.raises(TypeError, match=kind.__name__):
        check_kinds([kind])


def test_an_alias_of_a_type_is_seen_through() -> None:
    check_kinds([Honest])
    with pytest.raises(TypeError, match=r"Disguised\.count"):
        check_kinds([Disguised])


@pytest.mark.parametrize("value", ["in hospital", FATES.DEAD, True, 1.0, None])
def test_a_value_is_exactly_of_its_declared_type(value: Any) -> None:
    with pytest.raises(TypeError, match="count"):
        Digest(value)
    with pytest.raises(TypeError, match="at"):
        Appointment(value)
    with pytest.raises(TypeError, match="at"):
        Appointment(Moment(2030, 1, 1, tzinfo=UTC))


def test_an_appointment_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Appointment(datetime(2030, 1, 1))  # noqa: DTZ001  # that is what is tried


def test_a_kind_that_nobody_declared_is_not_rendered() -> None:
    with pytest.raises(TypeError, match="declared"):
        render(Inherited(), Envelope(None, "AAAA-AAAA-AAAA", "news.example/f"), "en", "sms")


def test_the_declared_kinds_pass_and_all_need_approval() -> None:
    check_kinds()
    assert all(kind.NEEDS_APPROVAL for kind in KINDS.values())
    assert all(name == KINDS[name].NAME for name in KINDS)


def test_news_alone_does_harm_when_it_comes_twice() -> None:
    assert {name for name, kind in KINDS.items() if not kind.HARMLESS_TWICE} == {"news"}


def test_news_and_the_periodic_message_are_alike_in_all_that_can_be_seen() -> None:
    assert TEXTS["news"] is TEXTS["with_us"]
    assert (News.URGENCY, News.HAS_CODE) == (WithUs.URGENCY, WithUs.HAS_CODE)


def test_every_cause_is_an_event_there_is_or_a_job_or_a_reply_and_every_kind_has_one() -> None:
    known = {one.TYPE for one in vars(events).values() if isinstance(one, type) and hasattr(one, "TYPE")}
    assert {cause for cause in DECLARED if ":" not in cause} <= known
    assert {cause.partition(":")[0] for cause in DECLARED if ":" in cause} == {"job", "reply"}
    assert {*DECLARED.values(), GetInTouch} == set(KINDS.values())  # that one stands for others on shared telephones


@pytest.mark.parametrize(
    "event_type",
    [
        "case.closed",
        "case.status_changed",
        "match.confirmed",
        "match.proposed",
        "family.told",
        "incident.recorded",
        "family_contact.withdrawn",
        "person.erased",
        "case.updated",
        "objection.recorded",
    ],
)
def test_what_could_tell_of_a_fate_says_nothing(event_type: str) -> None:
    assert kind_for(event_type) is None
