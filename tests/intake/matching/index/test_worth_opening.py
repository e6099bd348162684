"""Which of those who share keys are decrypted: the likeliest that may be compared, in their order."""

from __future__ import annotations

import pytest

from services.intake import pairing
from services.intake.commands.match_index import Turn
from services.intake.matching import prepare, ranking
from services.intake.pairing import Pairing, Ranked
from services.intake.queries.compared import compared
from shared.database import reading, utc_now
from tests.intake.matching.index.conftest import NAME, Matched
from tests.intake.matching.proposals.conftest import Kept

LESS_ALIKE = "Zubeida Oxenstierna"


@pytest.fixture
def only_the_likeliest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is worth opening who is any less likely than the likeliest."""
    monkeypatch.setattr(ranking, "LEAST_COMPARED", 1)
    monkeypatch.setattr(pairing, "LEAST_COMPARED", 1)
    monkeypatch.setattr(ranking, "WORTH_OPENING", 0.0)


def look(hub: Matched, sought: Kept) -> Ranked:
    with reading(hub.engine) as session:
        found = compared(session, sought.person)
        assert found is not None
        claim = Turn(0, sought.person, sought.organisation, utc_now())
        return Pairing(hub.engine).look(session, claim, found.side, prepare(found.record))


def opened(hub: Matched, sought: Kept) -> list[object]:
    return [one.person_id for one in look(hub, sought).held.values()]


@pytest.mark.parametrize("likeliest_first", [True, False])
def test_candidates_are_opened_in_the_order_in_which_they_are_likely(hub: Matched, likeliest_first: bool) -> None:
    names = [NAME, LESS_ALIKE] if likeliest_first else [LESS_ALIKE, NAME]
    person_of = {}
    for name in names:
        person_of[name] = hub.found(name).person
        hub.work()
    sought = hub.sought()
    hub.work()
    assert opened(hub, sought) == [person_of[NAME], person_of[LESS_ALIKE]]


@pytest.mark.usefixtures("only_the_likeliest")
def test_who_is_far_less_likely_stays_sealed(hub: Matched) -> None:
    same = hub.found()
    hub.found(LESS_ALIKE, birth={"year": 1950})
    hub.work()
    sought = hub.sought()
    assert opened(hub, sought) == [same.person]


@pytest.mark.usefixtures("only_the_likeliest")
def test_somebody_whom_nobody_may_open_keeps_nobody_else_sealed(hub: Matched) -> None:
    hub.found(basis=None)
    other = hub.found(LESS_ALIKE, birth={"year": 1950})
    hub.work()
    sought = hub.sought()
    assert opened(hub, sought) == [other.person]
