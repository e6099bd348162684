"""A referral names the service of the directory that is asked for, and keeps what stood there then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.intake.casework.service_directory import ServiceIn
from services.intake.commands import directory
from services.intake.domain import ServiceEntry
from services.intake.queries.directory import country_of
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now
from shared.events import ReferralOffered
from shared.events.envelope import Logged
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.tables import event_log
from tests.intake.directory.entries import CLINIC
from tests.intake.referrals.conftest import Hub
from tests.staff import Staff


def entry_of(hub: Hub, keeper: Staff | None = None, *, days: int = 0, **changed: Any) -> ServiceEntry:
    """An entry that the receiver, or who is named, confirmed so many days ago."""
    actor = Actor((keeper or hub.receiver).organisation_id, roles=frozenset({Role.CASE_MANAGER}))
    with transaction(hub.engine) as session:
        service = ServiceIn.model_validate({**CLINIC, **changed})
        return directory.add_service(session, actor, service, now=utc_now() - timedelta(days=days))


def offers(hub: Hub) -> list[ReferralOffered]:
    """What others learned."""
    with reading(hub.engine) as session:
        rows = session.execute(select(*PART_COLUMNS).where(event_log.c.type == ReferralOffered.TYPE))
        return [Logged("intake", 0, 0, b"", b"", parts_of(tuple(row)), hub.keys, ReferralOffered).event for row in rows]


def test_both_sides_see_which_service_was_chosen_as_it_was_then(hub: Hub) -> None:
    hub.agree()
    case, entry = hub.submit(), entry_of(hub)
    offered = hub.offer(case.id, service_entry_id=str(entry.id))
    assert offered["service_entry_id"] == str(entry.id)
    assert offered["chosen"]["title"] == "Clinic at the harbour"
    assert offered["chosen"]["doubts"] == []
    with transaction(hub.engine) as session:
        keeper = Actor(hub.receiver.organisation_id, roles=frozenset({Role.CASE_MANAGER}))
        moved = ServiceIn.model_validate({**CLINIC, "title": "Clinic on the hill"})
        directory.change_service(session, keeper, entry.id, moved, None)
        directory.withdraw_service(session, keeper, entry.id, None)
    told = hub.theirs.get(f"referrals/{offered['id']}")
    assert told["chosen"] == offered["chosen"], "what was chosen is what stood there then"
    (waiting,) = hub.theirs.get("referrals")["items"]
    assert waiting["service_entry_id"] == str(entry.id)
    (fact,) = offers(hub)
    assert (fact.service_entry_id, fact.reference) == (entry.id, offered["reference"])


def test_without_an_entry_it_is_as_before(hub: Hub) -> None:
    hub.agree()
    offered = hub.offer(hub.submit().id)
    assert (offered["service_entry_id"], offered["chosen"]) == (None, None)


@pytest.mark.parametrize(
    ("days", "changed", "doubts"),
    [
        (91, {}, ["stale"]),
        (0, {"capacity": "full", "free_places": None}, ["full"]),
        (0, {"capacity": "closed", "free_places": None}, ["closed"]),
        (91, {"capacity": "full", "free_places": None}, ["stale", "full"]),
    ],
)
def test_a_doubtful_service_is_allowed_and_its_doubts_are_told_before_and_after(
    hub: Hub, days: int, changed: dict[str, Any], doubts: list[str]
) -> None:
    hub.agree()
    case, entry = hub.submit(), entry_of(hub, days=days, **changed)
    asked = hub.asked(service_entry_id=str(entry.id))
    assert hub.worker.post(f"cases/{case.id}/referrals/preview", asked)["doubts"] == doubts
    assert hub.worker.post(f"cases/{case.id}/referrals", asked, 201)["chosen"]["doubts"] == doubts


def test_a_service_that_is_not_the_receivers_or_of_another_kind_or_withdrawn_is_refused(hub: Hub) -> None:
    hub.agree()
    case = hub.submit()
    path, withdrawn = f"cases/{case.id}/referrals", entry_of(hub)
    with transaction(hub.engine) as session:
        keeper = Actor(hub.receiver.organisation_id, roles=frozenset({Role.CASE_MANAGER}))
        directory.withdraw_service(session, keeper, withdrawn.id, None)
    for entry_id, status, why in (
        (entry_of(hub, hub.stranger).id, 409, "given by another organisation"),
        (entry_of(hub, category="food").id, 409, "of another kind"),
        (withdrawn.id, 409, "was withdrawn"),
        (uuid4(), 404, "no such service"),
    ):
        asked = hub.asked(service_entry_id=str(entry_id))
        assert why in hub.worker.post(path, asked, status)["detail"]
        assert why in hub.worker.post(f"{path}/preview", asked, status)["detail"]
    assert hub.worker.get(path) == [], "nothing was offered"


def test_an_entry_that_a_partner_keeps_for_a_provider_counts_as_the_providers(hub: Hub) -> None:
    hub.agree()
    case = hub.submit()
    kept = entry_of(hub, hub.stranger, provider_id=str(hub.receiver.organisation_id))
    assert hub.offer(case.id, service_entry_id=str(kept.id))["chosen"]["title"] == "Clinic at the harbour"


@pytest.mark.parametrize(
    ("place", "country"),
    [("LY0203", "LBY"), ("LBY", "LBY"), ("LBY01", "LBY"), ("LB1", "LBN"), ("MM001", "MMR"), ("DE", "DEU"), ("9", None)],
)
def test_the_country_of_a_place(place: str, country: str | None) -> None:
    assert country_of(place) == country
