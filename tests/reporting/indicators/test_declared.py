"""Every declared indicator against facts of every kind: what it counts, and by whose list."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from services.intake.casework.service_categories import CATEGORIES, SECTORS
from services.intake.casework.tracing_request import LIFE_CYCLE
from services.reporting.indicators import INDICATORS
from services.reporting.indicators.declared.family_links import CHILD_REUNIFICATION
from services.reporting.indicators.indicator import OF_PEOPLE, Cases, Incidents, Services
from shared.crypto import KeyRing
from shared.events import Event, IncidentCounts, ReferralAccepted, ReferralDeclined, ReferralOffered
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION
from tests.reporting.facts.world import FACTORY, Counting, closed, released, served, submitted, told, women
from tests.samples import sample_data

NUMBER = {category: number for number, category in enumerate(CATEGORIES, 1)}
CHILDREN = 3
LIVES = {"located": 2, "fate_established": 1, "withdrawn": 3, "no_further_means": 1, "unreachable": 1, None: 4}
"""How many tracing requests were closed for each reason; None: they are open."""


def people(*categories: str) -> int:
    return sum(NUMBER[one] for one in categories)


def quantity(category: str) -> int:
    return 2 * (100 + NUMBER[category])


def of_sector(sector: str) -> int:
    return people(*(code for code, one in CATEGORIES.items() if one.sector == sector and one.go_action))


WANTED: dict[str, Decimal | int] = {
    "rfl.rcm_collected": quantity("rcm_collected"),
    "rfl.rcm_distributed": quantity("rcm_delivered"),
    "rfl.phone_calls": quantity("phone_call"),
    "rfl.video_calls": quantity("video_call"),
    "rfl.connectivity": quantity("connectivity"),
    "rfl.safe_and_well": quantity("safe_and_well"),
    "rfl.family_visits": quantity("family_visit"),
    "rfl.families_guided": people("guidance_for_families"),
    "rfl.tracing_opened": 12,
    "rfl.tracing_closed_positively": 3,
    "rfl.tracing_closed_otherwise": 5,
    "rfl.tracing_open": 4,
    "rfl.reunited": people("reunification") + CHILDREN,
    "rfl.uasc_reunited": CHILDREN,
    "det.places": 3,
    "det.visits": quantity("detention_place_visit"),
    "det.visited": people("detention_visit", "detention_followed"),
    "det.followed": people("detention_followed"),
    "det.rcm": quantity("detention_rcm"),
    "det.calls": quantity("detention_call"),
    "det.attestations": quantity("detention_attestation"),
    "people.reached": people(*CATEGORIES) + CHILDREN,
    "services.delivered": 2 * len(CATEGORIES) + 1,
    "3w.shelter": of_sector("shelter"),
    "3w.cash": of_sector("cash"),
    "3w.education": of_sector("education"),
    "3w.food": of_sector("food_livelihoods"),
    "3w.health": of_sector("health"),
    "3w.wash": of_sector("wash"),
    "3w.protection": of_sector("protection"),
    "3w.migration": of_sector("migration"),
    "3w.engagement": of_sector("community_engagement"),
    "3w.mhpss": of_sector("mhpss"),
    "mrc.food": people("food"),
    "mrc.shelter": people("emergency_shelter", "collective_shelter"),
    "mrc.nfi": people("household_items", "hygiene_supplies"),
    "mrc.information": people("information"),
    "mrc.psychosocial": people("psychosocial_support"),
    "mrc.medical": people("first_aid", "primary_health_care"),
    "mrc.voluntary_return": people("voluntary_return"),
    "mrc.referrals": people("referral"),
    "inc.incidents": 1,
    "inc.dead": 2,
    "inc.missing": 7,
    "inc.survivors": 5,
    "ret.assisted": people("return_reception"),
    "ret.monitored": quantity("return_monitoring"),
    "case.opened": 14,
    "case.closed": 9,
    "case.open": 5,
    "case.closure_rate": Decimal("64.29"),
    "case.days_to_close": 10,
    "ref.answer_hours": 4,
    "ref.sent": 1,
    "ref.received": 2,
    "told.in_time": Decimal("33.33"),
}


def services() -> list[Event]:
    """Of each category two deliveries to the same people at one place, and children brought back to their families."""
    events: list[Event] = []
    for category, number in NUMBER.items():
        persons = [FACTORY.id() for _ in range(number)]
        once: dict[str, Any] = {"category": category, "quantity": 100 + number, "place": f"ETH{number:03}"}
        events += [served(women(number, *persons), **once), served(women(number, *persons), **once)]
    children = [FACTORY.id() for _ in range(CHILDREN)]
    events.append(served(women(CHILDREN, *children), category="reunification", case_type="child"))
    return events


def cases() -> list[Event]:
    events: list[Event] = []
    for reason, number in LIVES.items():
        for _ in range(number):
            case = FACTORY.id()
            events.append(submitted(case, date(2026, 7, 10)))
            events += [closed(case, date(2026, 7, 20), reason)] if reason else []
    for ends in (True, False):
        case = FACTORY.id()
        events.append(submitted(case, date(2026, 7, 10), case_type="assistance"))
        events += [closed(case, date(2026, 7, 20), "goal_reached", case_type="assistance")] if ends else []
    return events


def moment(hour: int) -> datetime:
    return datetime(2026, 7, 10, hour, tzinfo=UTC)


def referrals(counting: Counting) -> None:
    """One sent, and two received, answered after six hours and after two."""
    asked: dict[str, Any] = {"service": "food", "purpose": "assistance", "urgency": "high"}
    asked |= {"acknowledge_by": moment(20), "answer_by": moment(20)}
    for sides, answer in (
        ((ORGANISATION, ANOTHER_ORGANISATION), None),
        ((ANOTHER_ORGANISATION, ORGANISATION), (6, ReferralAccepted, {})),
        ((ANOTHER_ORGANISATION, ORGANISATION), (2, ReferralDeclined, {"reason": "no_capacity"})),
    ):
        about: dict[str, Any] = {"organisation_id": sides[0], "receiver_id": sides[1]}
        about |= {"case_id": FACTORY.id(), "referral_id": FACTORY.id()}
        counting.record(ReferralOffered(**about, **asked), at=moment(1))
        if answer is not None:
            hours, kind, more = answer
            counting.record(kind(**about, **more), at=moment(1 + hours))


def news(counting: Counting) -> None:
    """Three releases; one family is told the day after, one a day later than that, one not at all."""
    for day in (11, 12, None):
        case = FACTORY.id()
        counting.record(released(case), at=moment(9))
        if day is not None:
            counting.record(told(case, date(2026, 7, day)))


def test_each_indicator_counts_what_it_says_and_nothing_else(database: Callable[[str], Engine], keys: KeyRing) -> None:
    counting = Counting(database, keys)
    on = date(2026, 8, 1)
    figures = IncidentCounts(dead=2, missing=7, survivors=5)
    counting.record(*services(), *cases())
    counting.record(FACTORY.incident(organisation_id=ORGANISATION, counts=figures, occurred_from=on, occurred_to=on))
    referrals(counting)
    news(counting)
    counting.catch_up()

    assert set(WANTED) == set(INDICATORS)
    found = counting.count(*INDICATORS.values())
    assert {code: cells.total for code, cells in zip(INDICATORS, found, strict=True)} == WANTED


def test_each_sector_of_the_3w_list_has_one_indicator_of_all_its_actions() -> None:
    listed = json.loads(sample_data("sectors/emergency_project_activity_actions.json").read_text())
    actions = defaultdict(set)
    for one in listed:
        if one["model"] == "deployments.EmergencyProjectActivityAction":
            actions[int(one["fields"]["sector"])].add(int(one["pk"]))
    numbers = {code: one.go_action for code, one in CATEGORIES.items()}
    counted = [
        {numbers[category] for category in one.measure.categories}
        for code, one in INDICATORS.items()
        if code.startswith("3w.") and isinstance(one.measure, Services)
    ]
    assert sorted(map(sorted, counted)) == sorted(map(sorted, actions.values()))  # type: ignore[arg-type] # numbers all
    assert set(actions) == {number for _, number in SECTORS.values()}


def test_what_is_counted_can_be_recorded() -> None:
    (close,) = (one for one in LIFE_CYCLE.moves if one.name == "close")
    for one in INDICATORS.values():
        if isinstance(one.measure, Services):
            assert one.measure.categories <= CATEGORIES.keys() | {CHILD_REUNIFICATION}, one.code
        if isinstance(one.measure, Cases):
            assert one.measure.reasons <= set(close.reasons), one.code


def test_each_says_what_it_counts_by_whose_rule_and_for_which_framework() -> None:
    for one in INDICATORS.values():
        assert one.definition.endswith("."), one.code
        assert one.source, one.code
        assert one.tags, one.code
        assert all(re.fullmatch(r"(SDG|GCM) [0-9]{1,2}(\.[0-9a-z]{1,2}){0,2}", tag) for tag in one.tags), one.code
        assert one.part_of in {"", *INDICATORS}, one.code


def test_people_who_were_served_are_counted_once_and_told_apart() -> None:
    for code, one in INDICATORS.items():
        served_people = one.unit == "people" and not isinstance(one.measure, Incidents)
        assert (one.formula == "unique") == served_people, code
        assert not served_people or set(one.dimensions) >= set(OF_PEOPLE) or code == "rfl.uasc_reunited"


def test_the_higher_threshold_is_that_of_detention_children_alone_and_mental_health() -> None:
    sensitive = {code for code, one in INDICATORS.items() if one.sensitive}
    detention = {code for code in INDICATORS if code.startswith("det.")}
    assert sensitive == detention | {"rfl.uasc_reunited", "3w.mhpss", "mrc.psychosocial"}
