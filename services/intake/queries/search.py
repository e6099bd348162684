"""Cases are found: by reference, place, day, status, type, whom they are assigned to; page by page, newest first."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from services.intake.domain import Case
from services.intake.domain.reference import parse_reference
from services.intake.queries import seen_by
from services.intake.settings import PAGE
from shared.access import Act, Actor, require
from shared.errors import FieldError, InvalidInput


@dataclass(frozen=True)
class Wanted:
    """What a search asks for; None: anything."""

    reference: str | None = None
    """However it was typed."""
    type: str | None = None
    status: str | None = None
    place: str | None = None
    happened_from: date | None = None
    happened_to: date | None = None
    assigned_to: UUID | None = None

    @property
    def by_day(self) -> bool:
        """True where the answer comes in the order of the days on which it happened."""
        return self.happened_from is not None or self.happened_to is not None


@dataclass(frozen=True)
class Page:
    """One page of cases. `next` asks for the next, None on the last."""

    cases: Sequence[Case]
    next: str | None


def find_cases(session: Session, actor: Actor, wanted: Wanted, *, after: str | None = None, limit: int = PAGE) -> Page:
    """The cases the actor may see that are as `wanted`: the newest first, or by day the latest day first.

    A page costs the same wherever it lies: it begins behind a row, not behind a number of rows. Raises `InvalidInput`
    for a reference with a slip in it, and for an `after` that we never gave.
    """
    require(actor, Act.READ_CASES)
    statement = select(Case).where(seen_by(actor), *_conditions(wanted)).limit(limit + 1)
    found = session.scalars(_behind(statement, wanted, after)).all()
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], None if last is None else cursor_behind(last, wanted))


def stored_reference(typed: str) -> str:
    """The reference as it is stored; raises `InvalidInput` for a slip, which the check character gives away."""
    reference = parse_reference(typed)
    if reference is None:
        raise InvalidInput(
            "A character of this reference is wrong or missing: the last one does not fit the others. Compare it with "
            "the paper; a reference reads KB-XXXXX-XXXXX-X.",
            (FieldError("reference", "reference_slip", "The check character does not fit."),),
        )
    return reference


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = []
    if wanted.reference is not None:
        found.append(Case.reference == stored_reference(wanted.reference))
    else:
        found.append(Case.merged_into.is_(None))
    for column, value in (
        (Case.type, wanted.type),
        (Case.status, wanted.status),
        (Case.place, wanted.place),
        (Case.assigned_to, wanted.assigned_to),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.happened_from is not None:
        found.append(Case.happened_on >= wanted.happened_from)
    if wanted.happened_to is not None:
        found.append(Case.happened_on <= wanted.happened_to)
    return found


def _behind(statement: Select[Case], wanted: Wanted, after: str | None) -> Select[Case]:
    """In order, and behind the row that `after` names. Ids are UUIDv7: their order is the order of creation."""
    if not wanted.by_day:
        statement = statement.order_by(Case.id.desc())
        return statement if after is None else statement.where(Case.id < _place_of(after, dated=False)[1])
    statement = statement.order_by(Case.happened_on.desc(), Case.id.desc())
    if after is None:
        return statement
    return statement.where(tuple_(Case.happened_on, Case.id) < tuple_(*_place_of(after, dated=True)))


def cursor_behind(last: Case, wanted: Wanted) -> str:
    """The `after` of the page behind a case, in the order of this search."""
    place = [last.happened_on.isoformat() if wanted.by_day and last.happened_on else None, last.id.hex]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place_of(after: str, *, dated: bool) -> tuple[date | None, UUID]:
    try:
        day, last = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        place = date.fromisoformat(day) if day is not None else None, UUID(hex=last)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        place = None
    if place is None or (place[0] is not None) != dated:
        raise InvalidInput(
            "`after` must be the `next` of the page before, of the same search.",
            (FieldError("after", "cursor", "This is no place in this search."),),
        )
    return place
