"""What became of matches, in figures: counted once for each side, as it stands; never of whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from services.reporting.domain import MatchFact
from services.reporting.queries import Period
from services.reporting.queries.matched import match_report
from services.reporting.schemas import MatchReport
from services.reporting.subscribers import PROJECTED
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import reading, utc_now
from shared.events import MatchConfirmed, MatchProposed, MatchRejected, MatchReleased, MatchWithdrawn
from shared.messaging.rebuild import rebuild
from tests.factories import Factory
from tests.reporting.test_passed import Figures

FACTORY = Factory(seed=17)
HOLDER, ENQUIRER, STRANGER = (FACTORY.id() for _ in range(3))
PERIOD = Period(date(2020, 1, 1), date(2035, 12, 31))


@pytest.fixture
def figures(database: Callable[[str], Engine], keys: KeyRing) -> Figures:
    return Figures(database, keys)


def report(figures: Figures, whose: UUID) -> MatchReport:
    with reading(figures.engine, snapshot=True) as session:
        return match_report(session, Actor(whose), PERIOD, now=utc_now())


def sides(band: str = "likely") -> tuple[dict[str, Any], dict[str, Any]]:
    """A match as the facts of its two cases name it."""
    match = {"match_id": FACTORY.id(), "reference": "KB-7F3K9-QX2MA-5", "band": band}
    return tuple(  # type: ignore[return-value]
        {**match, "organisation_id": whose, "case_id": FACTORY.id(), "side": side}
        for whose, side in ((HOLDER, "holder"), (ENQUIRER, "enquirer"))
    )


def test_the_enquirers_organisation_counts_nothing_before_a_release(figures: Figures) -> None:
    holder, _ = sides()
    figures.tell(MatchProposed(**holder))
    assert report(figures, ENQUIRER).as_enquirer.begun == report(figures, STRANGER).as_holder.begun == 0
    figures.tell(MatchRejected(**holder, reason="person_declines", after_release=False))
    assert report(figures, ENQUIRER).as_enquirer.begun == 0
    held = report(figures, HOLDER).as_holder
    assert (held.begun, held.released, held.rejected, held.rejected_for) == (1, 0, 1, {"person_declines": 1})


def test_each_side_counts_what_became_of_a_match_once(figures: Figures) -> None:
    both = sides("strong")
    figures.tell(MatchProposed(**both[0]))
    figures.tell(*(MatchReleased(**one) for one in both))
    figures.tell(*(MatchConfirmed(**one) for one in both))
    other = sides("possible")
    figures.tell(MatchProposed(**other[0]), MatchWithdrawn(**other[0], after_release=False))
    held, asked = report(figures, HOLDER), report(figures, ENQUIRER)
    assert (held.as_holder.begun, held.as_holder.released, held.as_holder.confirmed) == (2, 1, 1)
    assert (held.as_holder.withdrawn, held.as_holder.by_band) == (1, {"possible": 1, "strong": 1})
    assert (asked.as_enquirer.begun, asked.as_enquirer.confirmed, asked.as_holder.begun) == (1, 1, 0)


def test_what_is_taken_up_again_is_counted_as_it_stands_then(figures: Figures) -> None:
    holder, _ = sides()
    figures.tell(MatchProposed(**holder), MatchRejected(**holder, reason="another_person", after_release=False))
    figures.tell(MatchProposed(**holder, again=True))
    held = report(figures, HOLDER).as_holder
    assert (held.begun, held.rejected, held.waiting) == (1, 0, 1)


def test_a_rebuild_counts_the_same(figures: Figures) -> None:
    both = sides()
    figures.tell(MatchProposed(**both[0]), *(MatchReleased(**one) for one in both))
    before = report(figures, HOLDER).as_holder
    rebuild(figures.consumer, PROJECTED)
    figures.catch_up()
    assert report(figures, HOLDER).as_holder == before
    with reading(figures.engine) as session:
        assert len(session.scalars(select(MatchFact)).all()) == 2
