"""Released news, and the families that were told."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from services.reporting.domain import ReleaseFact
from services.reporting.subscribers.common import Row, moment, opened, place_of
from shared.database import table_of
from shared.events import FamilyTold, Logged, NewsReleased
from shared.rows import insert_rows

RELEASE = table_of(ReleaseFact)


def count_releases(session: Session, released: Sequence[Logged[NewsReleased]]) -> None:
    """Each release begins to be counted; the family is not told yet."""
    insert_rows(session, RELEASE, [_release(one) for one in released])


def note_told(session: Session, told: Sequence[Logged[FamilyTold]]) -> None:
    """The family was told all that was released of the case before, and that it was not told yet."""
    facts = [
        {"of": one.event.case_id, "on": one.event.told_on, "at": one.position, "by": one.id} for one in opened(told)
    ]
    if facts:
        session.connection().execute(_TELL, facts)


def _release(released: Logged[NewsReleased]) -> Row:
    return {
        **place_of(released),
        "case_id": released.subject_id,
        "organisation_id": released.organisation_id,
        "released_at": moment(released),
        "told_on": None,
        "told_position": None,
        "told_event_id": None,
    }


_TELL = (
    update(RELEASE)
    .where(
        RELEASE.c.case_id == bindparam("of"),
        RELEASE.c.told_position.is_(None),
        RELEASE.c.position < bindparam("at"),
    )
    .values(told_on=bindparam("on"), told_position=bindparam("at"), told_event_id=bindparam("by"))
)
