"""Which pairs may be formed at all, and what becomes of one that comes up again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, update

from services.intake.commands import note_hold
from services.intake.commands.matches.proposing import comparable
from services.intake.domain import Organisation, Person
from shared.crypto import KeyRing
from shared.database import reading, transaction
from tests.databases import Databases
from tests.intake.matching.proposals.conftest import FOUND, MANAGER, Hub, Kept, alike, made_on
from tests.intake.people import person


def may(hub: Hub, one: Kept, *others: Kept) -> set[UUID]:
    with reading(hub.engine) as session:
        return comparable(session, one.person, [other.person for other in others])


def test_two_records_with_grounds_and_an_agreement_may_be_compared_from_either_side(hub: Hub) -> None:
    sought, found = hub.request(), hub.registered()
    assert may(hub, sought, found) == {found.person}
    assert may(hub, found, sought) == {sought.person}
    assert may(hub, found, found) == set()


def test_without_a_legal_basis_for_tracing_on_either_side_no_pair_is_formed(hub: Hub) -> None:
    sought, found = hub.request(), hub.registered()
    bare, unasked = hub.request(basis=None), hub.registered(basis=None)
    assert may(hub, sought, found, unasked) == {found.person}
    assert may(hub, found, sought, bare) == {sought.person}
    hub.basis(unasked, "consent", purpose="assistance")
    assert hub.propose(sought, unasked) == 0
    hub.basis(unasked, "consent")
    assert hub.propose(sought, unasked) == 1


def _no(kept: str, word: str, **more: Any) -> Callable[[Hub, dict[str, Kept]], None]:
    return lambda hub, cases: hub.no(cases[kept], word, **more)


def _hold(hub: Hub, cases: dict[str, Kept]) -> None:
    with transaction(hub.engine) as session:
        note_hold(session, UUID(cases["found"].case), "notify")


def _authority(hub: Hub, _cases: dict[str, Kept]) -> None:
    with transaction(hub.engine) as session:
        session.execute(
            update(Organisation).where(Organisation.id == hub.enquirer.organisation_id).values(kind="authority")
        )


def _merged(hub: Hub, cases: dict[str, Kept]) -> None:
    into = hub.registered().person
    with transaction(hub.engine) as session:
        session.execute(update(Person).where(Person.id == cases["found"].person).values(merged_into=into))


AGAINST: dict[str, Callable[[Hub, dict[str, Kept]], None]] = {
    "the found person objected": _no("found", "objections"),
    "the found person took its consent back": _no("found", "withdrawals"),
    "the found person wants nothing shared with that organisation": _no("found", "objections", purpose="sharing"),
    "somebody objected for the sought person": _no("sought", "objections"),
    "the found person shares with nobody": lambda hub, cases: hub.wish(cases["found"]),
    "the found person's case is held": _hold,
    "the other is an authority": _authority,
    "the found person was merged into another": _merged,
    "the agreement has ended": lambda hub, _: hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end"),
}


@pytest.mark.parametrize("why", AGAINST)
def test_no_pair_is_formed_where(hub: Hub, why: str) -> None:
    cases = {"sought": hub.request(), "found": hub.registered()}
    assert may(hub, cases["sought"], cases["found"])
    AGAINST[why](hub, cases)
    assert may(hub, cases["sought"], cases["found"]) == set()
    assert may(hub, cases["found"], cases["sought"]) == set()
    assert hub.propose(cases["sought"], cases["found"]) == 0
    assert hub.rows() == []


@pytest.mark.parametrize(
    "terms",
    [
        {"purposes": ["assistance"]},
        {"fields": ["sex", "birth"]},
        {"countries": ["ITA"]},
        {"valid_from": "2090-01-01"},
    ],
    ids=["for another purpose", "that lets no name through", "for some countries", "that does not count yet"],
)
def test_an_agreement_lets_nothing_be_compared(hub: Hub, terms: dict[str, Any]) -> None:
    sought, found = hub.request(), hub.registered()
    hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
    hub.agree(**terms)
    assert may(hub, sought, found) == set()


def test_an_organisation_needs_no_agreement_with_itself(hub: Hub) -> None:
    sought = hub.request(hub.holder)
    found = hub.registered()
    hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
    assert may(hub, sought, found) == {found.person}
    assert hub.propose(sought, found) == 1


def test_an_erased_person_is_compared_with_nobody(hub: Hub) -> None:
    sought, found = hub.request(), hub.registered()
    hub.erase(found)
    assert may(hub, sought, found) == set()
    assert hub.propose(sought, found) == 0


def test_a_hundred_candidates_are_judged_by_few_statements(hub: Hub) -> None:
    sought, others = hub.request(), [hub.registered() for _ in range(6)]
    counted = []
    with reading(hub.engine) as session:
        session.connection()
        event.listen(hub.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
        assert len(comparable(session, sought.person, [one.person for one in others])) == 6
    assert len(counted) <= 2, counted


def test_a_pair_that_is_proposed_again_is_scored_anew_and_never_doubled(hub: Hub) -> None:
    sought, found, match = hub.pair()
    facts = hub.everything()
    assert hub.propose(sought, found, alike(2.0)) == 0
    (row,) = hub.rows()
    assert (str(row.id), row.score, row.version, row.state) == (match, -1.5, 1, "proposed")
    assert hub.everything() == facts


def test_a_pair_under_decision_whose_facts_change_has_another_version(hub: Hub) -> None:
    sought, found, _ = hub.pair()
    change_name(hub, found)
    hub.propose(sought, found)
    assert hub.rows()[0].version == 2
    assert hub.theirs.get("matches")["items"][0]["version"] == 2


def test_a_rejected_pair_stays_rejected_unless_facts_change(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.step(hub.theirs, match, "reject", reason="another_person")
    assert hub.propose(sought, found) == 0
    assert hub.propose(sought, found, alike(14.0)) == 0
    change_name(hub, found)
    assert hub.propose(sought, found, alike(14.0)) == 1
    assert [(row.state, row.round) for row in hub.rows()] == [("rejected", 1), ("proposed", 2)]
    again = hub.theirs.get(f"matches/{hub.rows()[1].id}")
    assert again["again"]
    assert again["history"][0]["what"] == "propose_again"


def test_a_pair_whose_release_was_rejected_comes_again_to_the_holder_alone(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "reject", reason="birth_differs")
    before = hub.ours.get("matches")
    change_name(hub, found)
    assert hub.propose(sought, found) == 1
    assert hub.ours.get("matches") == before
    assert len(hub.theirs.get("matches")["items"]) == 2


def test_a_pair_is_not_proposed_for_a_request_that_is_closed_or_for_somebody_who_is_not_sought(hub: Hub) -> None:
    sought, found = hub.request(), hub.registered()
    enquirer = next(one["id"] for one in hub.ours.get(f"cases/{sought.case}")["people"] if one["role"] == "enquirer")
    other = Kept(sought.case, UUID(enquirer), sought.organisation)
    hub.basis(other, "consent")
    assert hub.propose(other, found) == 0
    assert hub.propose(found, sought) == 0
    hub.close(sought)
    assert hub.propose(sought, found) == 0


@pytest.fixture
def on_postgres(postgres: Databases, keys: KeyRing) -> Iterator[Hub]:
    yield from made_on(postgres("intake"), keys, Hub)


def test_two_jobs_that_find_the_same_pair_at_once_propose_it_once(on_postgres: Hub) -> None:
    sought, found = on_postgres.request(), on_postgres.registered()
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(on_postgres.propose(sought, found))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(made) == [0, 0, 0, 1]
    assert len(on_postgres.rows()) == 1


def change_name(hub: Hub, kept: Kept) -> None:
    """More is learnt of the found person."""
    part = {"role": "registered", "person": person(FOUND, "Zubaida Quilfether", sex="female")}
    hub.put(kept, f"cases/{kept.case}/people/{kept.person}", part)
