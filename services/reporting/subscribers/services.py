"""Services delivered: counted, corrected, and summed up as they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.reporting.domain import ServedFact, ServedPerson, ServiceRollup, shares
from services.reporting.domain.rollup import SUMS, UNKNOWN, ByCell, Group, sum_up
from services.reporting.indicators.declared.family_links import CHILD_REUNIFICATION
from services.reporting.subscribers.common import Place, Row, counted_before, moment, place_of
from services.reporting.subscribers.tokens import drop_token, tokens_of
from shared.crypto import KeyRing
from shared.database import table_of
from shared.errors import Conflict, InvalidInput
from shared.events import Logged, PersonErased, ServiceCorrected, ServiceDelivered
from shared.rows import add_rows, insert_rows

REUNIFICATION, CHILD = "reunification", "child"
"""A category of service, and the type of case that unaccompanied and separated children have."""
DIMENSIONS = "sex", "age_band", "disability", "nationality", "legal_status"
FACT, PERSON, ROLLUP = map(table_of, (ServedFact, ServedPerson, ServiceRollup))
Told = Logged[ServiceDelivered] | Logged[ServiceCorrected]


def count_services(session: Session, delivered: Sequence[Logged[ServiceDelivered]]) -> None:
    """Each delivery becomes a fact, each known person of it a token, and the rollups grow."""
    readable = [one for one in delivered if not one.erased]
    facts = [_fact(one) for one in readable]
    people = _people(session, readable)
    for one, before in _counted_before(session, [one for one in delivered if one.erased]):
        facts.append(before[0] if before is not None else _bare(one))
        people += before[1] if before is not None else []
    insert_rows(session, FACT, facts)
    insert_rows(session, PERSON, people)
    _sum_up(session, ((fact, 1) for fact in facts))


def correct_service(session: Session, corrected: Logged[ServiceCorrected]) -> None:
    """The delivery counts as the correction says, or no more. Raises `Conflict` for one that was not counted."""
    if corrected.erased:  # what a rebuild found in use is corrected already
        return
    named = FACT.c.service_id == corrected.event.service_id, FACT.c.case_id == corrected.event.case_id
    before = session.execute(select(FACT).where(*named)).mappings().one_or_none()
    if before is None:
        raise Conflict("A service was corrected that was not counted here: replay or discard its delivery first.")
    _take_back(session, dict(before))
    if corrected.event.cancelled:
        return
    kept = {name: before[name] for name in ("partition", "position", "event_id", "organisation_id")}
    correction = {"corrected_position": corrected.position, "corrected_event_id": corrected.id}
    fact = _fact(corrected) | kept | correction
    insert_rows(session, FACT, [fact])
    of_first = {name: before[name] for name in ("position", "organisation_id")}
    insert_rows(session, PERSON, [row | of_first for row in _people(session, [corrected])])
    _sum_up(session, [(fact, 1)])


def forget_person(session: Session, erased: Logged[PersonErased]) -> None:
    """The person's token goes; what was counted stays."""
    if erased.person_id is not None and erased.keys is not None:
        drop_token(session, erased.keys, erased.person_id)


def _take_back(session: Session, fact: Mapping[str, Any]) -> None:
    _sum_up(session, [(fact, -1)])
    for table in (PERSON, FACT):
        at = table.c.partition == fact["partition"], table.c.position == fact["position"]
        session.execute(delete(table).where(*at))


def _sum_up(session: Session, facts: Iterable[tuple[Mapping[str, Any], int]]) -> None:
    sums: dict[Group, ByCell] = {}
    for fact, sign in facts:
        sum_up(sums, fact, sign)
    rows = [
        {"organisation_id": organisation, "grant": grant, "month": month, "category": category, "cell": cell}
        | dict(zip(SUMS, added, strict=True))
        for (organisation, grant, month, category), group in sorted(sums.items(), key=_in_order)
        for cell, added in sorted(group.items())
    ]
    add_rows(session, ROLLUP, rows, SUMS)


def _in_order(item: tuple[Group, ByCell]) -> tuple[int, str, date, str]:
    (organisation, grant, month, category), _ = item
    return organisation.int, grant, month, category


def _paid(event: ServiceDelivered | ServiceCorrected) -> str:
    return shares.written(tuple((one.grant, one.per_cent) for one in event.grants))


def _fact(told: Told) -> Row:
    event = told.event
    cells = _cells(event)
    return {
        **place_of(told),
        "case_id": event.case_id,
        "service_id": event.service_id,
        "organisation_id": event.organisation_id,
        "category": _category(event),
        "delivered_on": event.delivered_on,
        "place": event.place,
        "modality": event.modality,
        "quantity": event.counts.quantity,
        "people": event.counts.people,
        "unlinked": event.counts.people - sum(len(one.persons) for one in event.people),
        "cells": to_json(cells).decode(),
        "shares": _paid(event),
        "corrected_position": None,
        "corrected_event_id": None,
    }


def _category(event: ServiceDelivered | ServiceCorrected) -> str:
    """A child's reunification is counted apart: nothing else of the case's type is kept."""
    of_child = event.category == REUNIFICATION and event.case_type == CHILD
    return CHILD_REUNIFICATION if of_child else event.category


def _cells(event: ServiceDelivered | ServiceCorrected) -> list[list[object]]:
    """Raises `InvalidInput` where parts are more than their whole: such an event waits for an operator."""
    cells: list[list[object]] = []
    for one in event.people:
        if len(one.persons) > one.count:
            raise InvalidInput("A service names more persons than it served.")
        cells.append([*(getattr(one, name) for name in DIMENSIONS), one.count, one.count - len(one.persons)])
    if sum(one.count for one in event.people) > event.counts.people:
        raise InvalidInput("A service tells of more people by sex and age than it served.")
    return cells


def _people(session: Session, told: Sequence[Told]) -> list[Row]:
    persons = {person for one in told for cell in one.event.people for person in cell.persons}
    if not persons:
        return []
    tokens = tokens_of(session, _keys(told), persons)
    return [row for one in told for row in _of_delivery(one, tokens)]


def _keys(told: Sequence[Told]) -> KeyRing:
    keys = told[0].keys
    assert keys is not None
    return keys


def _of_delivery(told: Told, tokens: Mapping[UUID, UUID]) -> list[Row]:
    event, rows = told.event, list[Row]()
    if not any(cell.persons for cell in event.people):
        return rows
    common = {
        "case_id": event.case_id,
        "organisation_id": event.organisation_id,
        "category": _category(event),
        "delivered_on": event.delivered_on,
        "place": event.place,
        "modality": event.modality,
        "shares": _paid(event),
    }
    for cell in event.people:
        dimensions = {name: getattr(cell, name) for name in DIMENSIONS}
        for person in cell.persons:
            place = {"partition": told.partition, "position": told.position, "number": len(rows)}
            rows.append(place | {"token": tokens.get(person)} | common | dimensions)
    return rows


def _counted_before(
    session: Session, erased: Sequence[Logged[ServiceDelivered]]
) -> list[tuple[Logged[ServiceDelivered], tuple[Row, list[Row]] | None]]:
    """Each erased delivery with its rows that are in use, if it was counted before it was erased."""
    facts, people = counted_before(session, FACT, erased), counted_before(session, PERSON, erased)
    places: list[tuple[Logged[ServiceDelivered], Place]] = [(one, (one.partition, one.position)) for one in erased]
    return [(one, (facts[at][0], people[at]) if facts[at] else None) for one, at in places]


def _bare(erased: Logged[ServiceDelivered]) -> Row:
    """A delivery that was erased before it came here: its totals are all that is left, on the day it was recorded."""
    counts = erased.counts
    return {
        **place_of(erased),
        "case_id": erased.subject_id,
        "service_id": None,
        "organisation_id": erased.organisation_id,
        "category": UNKNOWN,
        "delivered_on": moment(erased).date(),
        "place": None,
        "modality": None,
        "quantity": counts["quantity"],
        "people": counts["people"],
        "unlinked": counts["people"],
        "cells": "[]",
        "shares": "",
        "corrected_position": None,
        "corrected_event_id": None,
    }
