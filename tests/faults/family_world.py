"""Many families at once: contacts with keys and consent, and a message to each, written straight into notify's tables.

What events would write, one by one, is written a thousand rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from services.notify.commands.contacts import PLACE
from services.notify.commands.writing import URGENCIES
from services.notify.domain import FamilyContact, LanguageApproval, Notification, OrganisationName, PersonBasis
from services.notify.domain.notification import notification_id
from services.notify.queries.families import PURPOSE
from services.notify.wording import KINDS, digest_of
from shared.database import table_of, transaction, utc_now, uuid7
from shared.events import ContactAddress, ContactDetails
from shared.vault import data_key, vault_of

AT_ONCE = 1_000
KIND_OF = ("news", "with_us", "receipt")
"""Of each message in turn. News is never sent again blindly."""
LANGUAGES = ("en", "en", "am")
"""Amharic needs UCS-2, and so several segments."""


@dataclass(frozen=True)
class Crowd:
    """How many families there are, and of what sort."""

    messages: int
    by_mail: int = 0
    """One of so many is reached by e-mail; 0: none."""
    organisations: int = 4
    kinds: Sequence[str] = KIND_OF
    """Of each message in turn; none: contacts alone."""
    languages: Sequence[str] = LANGUAGES
    per_second: float | None = None
    """How many become due in a second, from now on; None: all at once."""


def gather(engine: Engine, crowd: Crowd) -> list[UUID]:
    """Write organisations, contacts and a message to each. Returns the messages' ids."""
    organisations = [UUID(str(uuid7())) for _ in range(crowd.organisations)]
    with transaction(engine) as session:
        for number, one in enumerate(organisations):
            _approve(session, one, number, crowd.languages)
    messages: list[UUID] = []
    begin = utc_now()
    for first in range(0, crowd.messages, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, crowd.messages))
        with transaction(engine) as session:
            contacts = list(_contacts(session, crowd, organisations, numbers))
            if crowd.kinds:
                rows = [_message(crowd, number, one, begin) for number, one in zip(numbers, contacts, strict=True)]
                session.execute(insert(table_of(Notification)), rows)
                messages += [row["id"] for row in rows]
    return messages


def _approve(session: Session, organisation_id: UUID, number: int, languages: Sequence[str]) -> None:
    session.add(OrganisationName(organisation_id=organisation_id, short_name=f"org{number}", name=f"Org {number}"))
    now = utc_now()
    for one in dict.fromkeys(languages):
        approval = {"language": one, "digest": digest_of(one), "reviewer_id": uuid7(), "approved_at": now}
        session.add(LanguageApproval(organisation_id=organisation_id, **approval))


def _contacts(
    session: Session, crowd: Crowd, organisations: Sequence[UUID], numbers: Sequence[int]
) -> Iterator[dict[str, Any]]:
    """The rows of contacts, written with their persons' keys and consent."""
    now, people = utc_now(), [UUID(str(uuid7())) for _ in numbers]
    keys, key_rows = vault_of(session).fresh(people, organisations[0])
    session.execute(insert(data_key), key_rows)
    contacts, bases = [], []
    for number, person in zip(numbers, people, strict=True):
        address = _address(crowd, number)
        details = ContactDetails(addresses=(address,), alias="Blue bird")
        sealed = keys[person].encrypt(details.model_dump_json().encode(), PLACE)
        case = UUID(str(uuid7()))
        organisation = organisations[number % len(organisations)]
        language = crowd.languages[number % len(crowd.languages)]
        contacts.append(_contact(case, person, organisation, sealed, address.channel, language, now))
        bases.append({"case_id": case, "seq": 1, "person_id": person, "purpose": PURPOSE, "basis": "consent"})
    session.execute(insert(table_of(FamilyContact)), contacts)
    session.execute(insert(table_of(PersonBasis)), bases)
    yield from contacts


def _address(crowd: Crowd, number: int) -> ContactAddress:
    if crowd.by_mail and number % crowd.by_mail == 0:
        return ContactAddress(channel="email", address=f"family{number}@mail.example")
    return ContactAddress(channel="sms", address=number_of_family(number))


def number_of_family(place: int) -> str:
    """The telephone number of the family at a place in the crowd."""
    return f"+2519{place:08}"


def _contact(
    case: UUID, person: UUID, organisation: UUID, sealed: bytes, channel: str, language: str, now: datetime
) -> dict[str, Any]:
    return {
        "id": UUID(str(uuid7())),
        "case_id": case,
        "person_id": person,
        "organisation_id": organisation,
        "sealed": sealed,
        "channels": channel,
        "language": language,
        "fallbacks": "",
        "time_zone": "Africa/Addis_Ababa",
        "quiet_from": 0,
        "quiet_to": 0,
        "shared_phone": False,
        "made_at": now,
        "heard_at": now,
    }


def _message(crowd: Crowd, number: int, contact: dict[str, Any], begin: datetime) -> dict[str, Any]:
    kind = crowd.kinds[number % len(crowd.kinds)]
    due = begin + timedelta(seconds=number / crowd.per_second if crowd.per_second else 0)
    return {
        "id": notification_id(UUID(str(uuid7())), kind, contact["id"]),
        "organisation_id": contact["organisation_id"],
        "kind": kind,
        "about": contact["case_id"],
        "fact_subject": f"case/{contact['case_id']}",
        "channel": contact["channels"],
        "subject": "",
        "text": "",
        "status": "created",
        "created_at": due,
        "next_attempt_at": due,
        "attempts": 0,
        "contact_id": contact["id"],
        "person_id": contact["person_id"],
        "urgency": URGENCIES[KINDS[kind].URGENCY],
        "count": 1,
        "address_number": 0,
        "tries_there": 0,
        "maybe_twice": False,
    }
