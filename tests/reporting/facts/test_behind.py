"""The facts behind one cell of a table, for an auditor."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.reporting.indicators.indicator import Cases, Incidents, Services
from shared.errors import InvalidInput
from shared.events import IncidentCounts, IncidentSourceAssessed, ServiceCorrected, ServiceCounts
from tests.factories import ORGANISATION
from tests.reporting.facts.world import FACTORY, Counting, served, women

PEOPLE = Services("people")


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({}, "abcd"),
        ({"sex": "female"}, "ac"),
        ({"sex": "male", "age": "13-17"}, "b"),
        ({"sex": "female", "age": "13-17"}, ""),
        ({"age": "60+"}, "a"),
        ({"age": "60-69"}, "a"),
        ({"age": "0-17"}, "b"),
        ({"age": "12-17"}, "b"),
        ({"nationality": "SYR"}, "a"),
        ({"nationality": "unknown"}, "bcd"),
        ({"disability": "unknown"}, "cd"),
        ({"sex": "unknown", "age": "unknown"}, "cd"),
        ({"legal_status": "refugee"}, "b"),
        ({"place": "LBN1"}, "a"),
        ({"place": "unknown"}, "cd"),
        ({"modality": "cash", "sex": "male"}, "b"),
        ({"modality": "cash", "sex": "female"}, ""),
    ],
)
def test_the_facts_of_a_cell_are_the_deliveries_that_served_such_people(
    counting: Counting, narrowed: Any, found: str
) -> None:
    told = {
        "a": served(women(2, age_band="60-69", nationality="SYR"), place="LBN1"),
        "b": served(women(3, sex="male", age_band="13-17", legal_status="refugee"), place="LBN2", modality="cash"),
        "c": served(women(1), counts=ServiceCounts(quantity=1, people=3)),
        "d": served(counts=ServiceCounts(quantity=1, people=2)),
    }
    counting.tell(*told.values(), served(women(9), on=date(2026, 10, 1)))
    ids = {one.case_id: name for name, one in told.items()}
    feed = counting.consumer.feeds["intake"]
    facts = counting.behind(PEOPLE, narrowed)
    pages = [feed.page(one.partition, one.position - 1, 1)[0] for one in facts]
    assert "".join(sorted(ids[page.subject_id] for page in pages)) == found


def test_of_a_corrected_delivery_both_facts_are_behind_the_cell_that_it_is_in_now(counting: Counting) -> None:
    first = served(women(2), service_id=FACTORY.id())
    counting.tell(first)
    right = served(women(2, sex="male"), case=first.case_id, kind=ServiceCorrected, service_id=first.service_id)
    counting.tell(right.model_copy(update={"cancelled": False}))
    assert counting.behind(PEOPLE, {"sex": "female"}) == []
    assert [one.position for one in counting.behind(PEOPLE, {"sex": "male"})] == [1, 2]


def test_incidents_are_found_by_route_and_by_quality_of_source(counting: Counting) -> None:
    day = {"occurred_from": date(2026, 7, 3), "occurred_to": date(2026, 7, 3), "organisation_id": ORGANISATION}
    known = FACTORY.incident(counts=IncidentCounts(dead=3), route="Darien", **day)
    counting.tell(known, FACTORY.incident(counts=IncidentCounts(dead=1), route=None, **day))
    counting.tell(IncidentSourceAssessed(organisation_id=ORGANISATION, case_id=known.case_id, level="one_media_report"))
    of_route = counting.behind(Incidents("dead"), {"route": "Darien"})
    assert len(of_route) == 1
    assert counting.behind(Incidents("dead"), {"source_quality": "one_media_report"}) == of_route
    assert len(counting.behind(Incidents("dead"), {"route": "unknown", "source_quality": "unknown"})) == 1
    assert len(counting.behind(Incidents("dead"))) == 2


@pytest.mark.parametrize(("measure", "narrowed"), [(Cases("opened"), {"sex": "female"}), (PEOPLE, {"route": "Darien"})])
def test_what_does_not_tell_facts_apart_is_refused(counting: Counting, measure: Any, narrowed: Any) -> None:
    with pytest.raises(InvalidInput, match="not told apart"):
        counting.behind(measure, narrowed)
