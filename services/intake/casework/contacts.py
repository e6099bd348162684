"""How a family wishes to be reached, as a case worker is asked.

Addresses are checked here, and told to notify alone: what intake keeps of one is a hint (`hint_of`).
"""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.intake.casework.forms import Codes, CodesOf, Form, PersonOfCase, clean_text
from services.intake.casework.questions import form_words
from services.intake.casework.service_directory import Time
from services.intake.casework.telling import (
    ATTENTION,
    CHANNELS,
    COMPLAINTS,
    INTENTS,
    MESSAGE_REASONS,
    MESSAGE_STATES,
    REPLY_CHANNELS,
)

FamilyLanguage = Literal["en", "fr", "es", "pt", "ar", "zh", "ru", "de", "it", "am", "ti", "so", "bn", "fa", "uk", "my"]
"""The languages in which notify can write. BCP 47."""
MOST_ADDRESSES, MOST_FALLBACKS = 5, 3
ALIAS_LENGTH, WORD_LENGTH = 20, 40
LONGEST_EMAIL = 254
"""RFC 5321, 4.5.3.1.3, less the angle brackets."""


def _phone(value: str) -> str:
    """A number in E.164 (ITU-T): `+` and 8 to 15 digits, however it was typed: with spaces, dashes, parentheses, digits
    of any script. Raises PydanticCustomError `phone_form`."""
    plain = "".join(str(unicodedata.decimal(one, one)) for one in unicodedata.normalize("NFKC", value))
    found = _BETWEEN_DIGITS.sub("", plain)
    if not _PHONE.fullmatch(found):
        raise PydanticCustomError("phone_form", "A number begins with + and the country's code, and has 8 to 15 digits")
    return found


_BETWEEN_DIGITS = re.compile(r"[\s().\-\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2066-\u2069/]")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")


def _email(value: str) -> str:
    """An address as mailboxes are named in practice (RFC 5321, without quoted parts), its domain in small letters.
    Raises PydanticCustomError `email_form`."""
    local, _, domain = value.strip().rpartition("@")
    found = f"{local}@{domain.lower()}"
    if len(found) > LONGEST_EMAIL or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise PydanticCustomError("email_form", "An e-mail address is written as name@example.org")
    return found


_LOCAL = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])")


def _one_line(value: str | None) -> str | None:
    """Without line breaks, and without marks that turn the direction of what follows. Raises `control_character`."""
    if value is not None and _TURNING.search(value):
        raise PydanticCustomError("control_character", "Text must not contain control characters")
    return value


def _no_link(value: str | None) -> str | None:
    """Nothing that a telephone would make a link of, or that looks like one. Raises `alias_link`."""
    if value is not None and _LINK.search(value):
        raise PydanticCustomError("alias_link", "It must not look like a web address, a number with dots or an e-mail")
    return value


_TURNING = re.compile("[\t\n\u2028-\u202e\u2066-\u2069]")
_LINK = re.compile(r"://|www\.|[@/\\]|\d\.\d|[^\W\d_]{2,}\.[^\W\d_]{2,}", re.IGNORECASE)


def _zone(value: str) -> str:
    if value not in zones():
        raise PydanticCustomError("zone_unknown", "A time zone is named as IANA names it, for example Africa/Tripoli")
    return value


@cache
def zones() -> frozenset[str]:
    """The names of time zones (IANA)."""
    return frozenset(zoneinfo.available_timezones())


def hint_of(channel: str, address: str) -> str:
    """What intake keeps of an address, for a case worker to know it again by: a number's last two digits; of an e-mail
    address the first letters of the name and of the domain."""
    if channel != "email":
        return f"…{address[-2:]}"
    name, _, domain = address.partition("@")
    return f"{name[0]}…@{domain[0]}…"


Address = Annotated[str, Field(max_length=300)]
Phone = Annotated[Annotated[Address, AfterValidator(_phone)] | None, BeforeValidator(clean_text)]
Email = Annotated[Annotated[Address, AfterValidator(_email)] | None, BeforeValidator(clean_text)]
Alias = Annotated[
    Annotated[str, Field(max_length=ALIAS_LENGTH)] | None,
    BeforeValidator(clean_text),
    AfterValidator(_one_line),
    AfterValidator(_no_link),
]
Word = Annotated[
    Annotated[str, Field(max_length=WORD_LENGTH)] | None, BeforeValidator(clean_text), AfterValidator(_one_line)
]
Quiet = Annotated[Time, AfterValidator(lambda value: "00:00" if value == "24:00" else value)]


class FamilyWishes(Form):
    """How a family wishes to be told, without the addresses."""

    language: Annotated[FamilyLanguage, CodesOf("language")] = Field(
        title="In which language?", description="The one that the family reads best."
    )
    fallbacks: Annotated[
        tuple[Annotated[FamilyLanguage, CodesOf("language")], ...], Field(max_length=MOST_FALLBACKS)
    ] = Field((), title="Which languages does the family understand as well?", description="The best one first.")
    time_zone: Annotated[Annotated[str, Field(max_length=60)], AfterValidator(_zone)] = Field(
        title="By the clock of which place does the family live?",
        description="At night, by that clock, no message is sent.",
    )
    quiet_from: Quiet = Field(
        "21:00", title="From which time in the evening should no message come?", description="For example 21:00."
    )
    quiet_to: Quiet = Field(
        "08:00",
        title="Until which time in the morning?",
        description="The same time twice: messages may come at any time.",
    )
    shared_phone: bool = Field(
        title="Do others read what arrives there, or listen?",
        description="A phone of the family or a neighbour, or somebody who must not know. Then messages only ask to "
        "get in touch, without name, code, day or time; a case worker tells of appointments.",
    )
    alias: Alias = Field(
        None,
        title="Under which name does the family want to be written to?",
        description="The family's own choice, not its real name. At most 20 characters.",
        repr=False,
    )
    spoken_word: Word = Field(
        None,
        title="Which word will a caller say first?",
        description="Agree on it with the family: so it knows that the call is from you.",
        repr=False,
    )

    @field_validator("fallbacks")
    @classmethod
    def _each_once(cls, value: tuple[str, ...], others: ValidationInfo) -> tuple[str, ...]:
        return tuple(one for one in dict.fromkeys(value) if one != others.data.get("language"))


class AddressIn(Form):
    """One way to reach somebody: a number in E.164, or an e-mail address."""

    channel: Literal["sms", "email", "voice"]
    address: Address = Field(repr=False)

    @field_validator("address")
    @classmethod
    def _fits(cls, value: str, others: ValidationInfo) -> str:
        return _email(value) if others.data.get("channel") == "email" else _phone(value)


def _some(value: tuple[AddressIn, ...]) -> tuple[AddressIn, ...]:
    """Not `min_length`: Pydantic would call a list too short whose only address is refused."""
    if not value:
        raise PydanticCustomError("no_address", "Give at least one number or address")
    return value


class FamilyContactIn(FamilyWishes):
    """How a family wishes to be reached, whole. A change gives it anew."""

    addresses: Annotated[tuple[AddressIn, ...], Field(max_length=MOST_ADDRESSES), AfterValidator(_some)] = Field(
        repr=False, json_schema_extra={"minItems": 1}
    )
    """In the order in which they are tried."""


class NewFamilyContactIn(FamilyContactIn):
    """The same, and whose it is."""

    person_id: UUID
    """Of the case: who asked, or whom it is about (`casework.telling.REACHED`)."""


class KeptAddress(BaseModel):
    """What intake keeps of an address."""

    model_config = ConfigDict(frozen=True)

    channel: str
    hint: str


class ContactKept(FamilyWishes):
    """What intake keeps of a contact, encrypted."""

    addresses: tuple[KeptAddress, ...]


class AskContact(FamilyWishes):
    """A contact as a page asks for it: one number or address for each channel."""

    person_id: Annotated[UUID, PersonOfCase()] = Field(title="Who is to be told?")
    email: Email = Field(None, title="E-mail address", repr=False)
    voice: Phone = Field(None, title="Number for calls", description="With + and the code of the country.", repr=False)
    sms: Phone = Field(
        None,
        title="Number for text messages",
        description="With + and the code of the country, for example +218 91 234 5678.",
        validate_default=True,
        repr=False,
    )
    first: Annotated[str, Codes(CHANNELS)] = Field(
        "sms", title="What is tried first?", description="The others are tried where that does not arrive."
    )

    @field_validator("sms")
    @classmethod
    def _one_of_three(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is None and all(others.data.get(name, "refused") is None for name in ("email", "voice")):
            raise PydanticCustomError("no_address", "Give at least one number or address")
        return value

    def contact(self) -> FamilyContactIn:
        """The contact that these answers describe."""
        given = {"sms": self.sms, "email": self.email, "voice": self.voice}
        order = [self.first, *(name for name in given if name != self.first)]
        addresses = [AddressIn(channel=name, address=given[name]) for name in order if given[name]]
        wishes: dict[str, Any] = {name: getattr(self, name) for name in FamilyWishes.model_fields}
        return FamilyContactIn(addresses=tuple(addresses), **wishes)


def contact_words() -> Iterator[str]:
    """Every word of telling families, for translators."""
    yield from form_words(AskContact)
    for words in (CHANNELS, REPLY_CHANNELS, INTENTS, MESSAGE_STATES, ATTENTION, COMPLAINTS):
        yield from words.values()
    for reason in MESSAGE_REASONS.values():
        yield from (one for one in reason if one)
