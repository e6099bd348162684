"""What a family chooses by itself: its language, and the hours at which nothing arrives. Never where it is reached."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import time

from sqlalchemy.orm import Session

from services.notify.domain.contact import FamilyContact
from shared.errors import FieldError, InvalidInput
from shared.events import FamilyPreferencesChosen
from shared.messaging.log import record

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::\d\d)?", re.ASCII)


def choose_language(contact: FamilyContact, language: str, approved: Collection[str]) -> None:
    """Write in this language from now on; the one so far is the first fall-back. Raises `InvalidInput` for one that its
    organisation has not approved."""
    if language not in approved:
        raise _refused("language", "Please choose one of the languages.")
    others = [tag for tag in contact.languages if tag != language]
    contact.language, contact.fallbacks = language, " ".join(others)


def choose_quiet_hours(contact: FamilyContact, quiet_from: str, quiet_to: str) -> None:
    """Send nothing between two times of the family's day (as `21:00`, in any script's digits); the same time twice: no
    hour is quiet. Raises `InvalidInput`."""
    contact.quiet_from, contact.quiet_to = _minutes("from", quiet_from), _minutes("to", quiet_to)


def tell_choice(session: Session, contact: FamilyContact) -> None:
    """Intake learns what the family chose."""
    fact = FamilyPreferencesChosen(
        organisation_id=contact.organisation_id,
        case_id=contact.case_id,
        person_id=contact.person_id,
        contact_id=contact.id,
        language=contact.language,
        fallbacks=tuple(contact.fallbacks.split()),
        quiet_from=_clock(contact.quiet_from),
        quiet_to=_clock(contact.quiet_to),
    )
    session.flush()
    record(session, fact)


def _clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _minutes(field: str, typed: str) -> int:
    digits = "".join(
        one if (value := unicodedata.decimal(one, None)) is None else str(value)
        for one in unicodedata.normalize("NFKC", typed[:20]).strip()
    )
    found = _TIME.fullmatch(digits)
    if found is None:
        raise _refused(field, "Give both times, such as 21:00 and 08:00.")
    return int(found[1]) * 60 + int(found[2])


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, (FieldError(f"#/{field}", "invalid", sentence),))
