"""Services delivered as events of intake's log, recorded as intake's own code does."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from sqlalchemy import Engine

from bench.facts import RECORDED_AT_ONCE, sequence_all
from bench.report_facts import facts
from shared.database import transaction
from shared.events import GrantPart, ServedFigures, ServiceCounts, ServiceDelivered
from shared.messaging.log import record

A_YEAR = 1_000_000
"""Facts of all organisations: what arrives together was delivered in the same weeks."""


def record_services(engine: Engine, count: int) -> None:
    """So many, each in the case of the person who was served, with their places in the log."""
    events = services(count)
    for _ in range(0, count, RECORDED_AT_ONCE):
        with transaction(engine) as session:
            record(session, *islice(events, RECORDED_AT_ONCE))
    sequence_all(engine)


def services(count: int) -> Iterator[ServiceDelivered]:
    for one in facts(count, A_YEAR):
        fact, person = one.fact, one.person
        served = ServedFigures(
            sex=person["sex"],
            age_band=person["age_band"],
            disability=person["disability"],
            nationality=person["nationality"],
            count=1,
            persons=(person["case_id"],),
        )
        parts = [part.partition("=") for part in fact["shares"].strip("|").split("|") if part]
        yield ServiceDelivered(
            organisation_id=fact["organisation_id"],
            case_id=fact["case_id"],
            case_type="assistance",
            counts=ServiceCounts(quantity=fact["quantity"], people=1),
            category=fact["category"],
            delivered_on=fact["delivered_on"],
            place=fact["place"],
            modality=fact["modality"],
            people=(served,),
            grants=tuple(GrantPart(grant=grant, per_cent=Decimal(share)) for grant, _, share in parts),
        )
