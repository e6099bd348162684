"""Photos and documents in lists: what they are, of whom, since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.casework.attachments import ATTACHMENT_KINDS
from services.intake.domain import Case
from services.intake.pages.desk import Seat
from services.intake.queries import PersonOfCase
from services.intake.queries.attachments import Attached, attachments
from shared.pages import Language, marked, say

OF_THE_CASE = marked("The case as a whole")


@dataclass(frozen=True)
class AttachedRow:
    """One of them."""

    id: UUID
    title: str
    kind: str
    is_photo: bool
    whom: str
    added_at: datetime


def rows(seat: Seat, case: Case, people: Sequence[PersonOfCase], language: Language) -> list[AttachedRow]:
    """Those of a case, the oldest first."""
    return [row_of(one, people, language) for one in attachments(seat.session, case)]


def row_of(one: Attached, people: Sequence[PersonOfCase], language: Language) -> AttachedRow:
    """One of them, with what the person is called."""
    known = next((each.known for each in people if each.person.id == one.row.person_id), None)
    whom = (known.main_name() if known else None) or say(language, OF_THE_CASE if one.row.person_id is None else "–")
    kind = say(language, ATTACHMENT_KINDS[one.row.kind])
    return AttachedRow(one.row.id, one.title, kind, one.row.kind == "photo", whom, one.row.added_at)
