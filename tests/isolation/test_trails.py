"""What is taken off the end of a log or of the trail of reads is missed, by whoever else knows of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from kinbridge.operations import OPERATIONS
from services.intake.audit import anchor_views, chain_views
from shared.database import transaction
from tests.isolation.conftest import House, Victim


def verified(house: House) -> dict[str, Any]:
    *_, found = OPERATIONS["log verify"](house.system)
    return found


def test_the_newest_events_cannot_be_taken_off_a_log(house: House, victim: Victim) -> None:
    with transaction(house.intake.engine) as session:
        chain_views(session)
        anchor_views(session)
    assert house.system.wait_until_arrived()
    assert verified(house)["whole"], victim.known
    with transaction(house.intake.engine) as session:
        newest = "(SELECT max(ordinal) FROM event_position)"
        for statement in (
            f"DELETE FROM event_log WHERE ordinal = {newest}",
            f"DELETE FROM event_position WHERE ordinal = {newest}",
            "UPDATE event_subject SET seq = (SELECT count(*) FROM event_log WHERE event_log.subject = "
            "event_subject.subject)",
        ):
            session.execute(text(statement))
    found = verified(house)
    assert not found["whole"]
    told = {fault["what"] for fault in found["logs"]["intake"]["faults"]}
    assert told == {"a listener has read another event here, or more"}
