"""Somebody's word, or the rules, end a match at once, in the transaction that says so; whoever says it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.intake.commands import note_hold, note_hold_ended
from services.intake.commands.matches.retracting import review_lapsed
from services.intake.commands.sharing import review_sharing
from services.intake.domain import Agreement, LegalBasis, Match, MatchStep
from shared.database import reading, transaction, utc_now
from tests.intake.matching.proposals.conftest import FOUND, MANAGER, Hub, Kept, alike
from tests.intake.people import person
from tests.intake.referrals.conftest import registration

Act = Callable[[Hub, Kept, Kept], Any]
ENDS: dict[str, tuple[str, Act]] = {
    "the found person objects": ("objected", lambda hub, _, found: hub.no(found)),
    "the found person takes its consent back": (
        "consent_withdrawn",
        lambda hub, _, found: hub.no(found, "withdrawals"),
    ),
    "the found person objects to sharing": ("objected", lambda hub, _, found: hub.no(found, purpose="sharing")),
    "the found person shares with nobody": ("share_with_nobody", lambda hub, _, found: hub.wish(found)),
    "the found person is erased": ("erased", lambda hub, _, found: hub.erase(found)),
    "somebody objects for the sought person": ("objected", lambda hub, sought, _: hub.no(sought)),
    "the sought person is erased": ("erased", lambda hub, sought, _: hub.erase(sought)),
    "the tracing request is closed": ("request_closed", lambda hub, sought, _: hub.close(sought)),
    "the agreement ends": (
        "agreement_over",
        lambda hub, *_: hub.of(hub.enquirer, MANAGER).post(f"agreements/{hub.agreement}/end"),
    ),
}


@pytest.mark.parametrize("why", ENDS)
def test_an_open_match_ends_when(hub: Hub, why: str) -> None:
    reason, act = ENDS[why]
    sought, found, match = hub.pair()
    hub.request()  # the organisation has other work
    act(hub, sought, found)
    (row,) = hub.rows()
    assert (row.state, row.reason, row.due_at) == ("withdrawn", reason, None)
    assert "match.withdrawn" in hub.facts(found.case)
    assert not [one for one in hub.facts(sought.case) if one.startswith("match.")]
    assert hub.theirs.get(f"matches/{match}")["hidden_because"] == "over"
    hub.step(hub.theirs, match, "reject", 409, reason="another_person")


@pytest.mark.parametrize("why", ENDS)
def test_a_released_match_ends_for_both_sides_when(hub: Hub, why: str) -> None:
    reason, act = ENDS[why]
    sought, found, match = hub.pair()
    hub.release(found, match)
    assert any(one["found"] for one in hub.ours.get(f"matches/{match}")["fields"])
    act(hub, sought, found)
    told = hub.ours.get(f"matches/{match}")
    assert (told["state"], told["hidden_because"]) == ("withdrawn", "over")
    assert not any(one["found"] for one in told["fields"])
    theirs = "found" in why
    assert told["reason"] == ("no_longer_possible" if theirs else reason)
    for case in (sought, found):
        assert "match.withdrawn" in hub.facts(case.case)
    hub.step(hub.ours, match, "confirm", 409)


def test_what_was_withdrawn_comes_again_once_it_may(hub: Hub) -> None:
    sought, found, _ = hub.pair()
    hub.wish(found)
    assert hub.propose(sought, found) == 0
    hub.wish(found, wish=False)
    for recipient in (None, str(hub.enquirer.organisation_id)):
        for purpose in ("tracing", "sharing"):
            hub.basis(found, "consent", purpose=purpose, recipient_id=recipient)
    assert hub.propose(sought, found) == 1
    assert [(row.state, row.round) for row in hub.rows()] == [("withdrawn", 1), ("proposed", 2)]


def test_a_found_person_that_changes_its_mind_ends_what_was_released_even_what_was_confirmed(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    hub.answers(found, "news_only")
    assert hub.rows()[0].agrees_to == "news_only"
    hub.answers(found, "nothing")
    assert (hub.rows()[0].state, hub.rows()[0].reason) == ("withdrawn", "person_declined")
    assert hub.propose(sought, found, alike(12.0)) == 0, "only changed facts bring it up again"


def test_a_confirmed_match_stays_when_the_agreement_ends_and_shows_nothing_more(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
    for by in (hub.ours, hub.theirs):
        told = by.get(f"matches/{match}")
        assert (told["state"], told["hidden_because"]) == ("confirmed", "refused")


def test_while_a_case_is_held_nothing_is_shown_or_released_and_nothing_is_lost(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.answers(found)
    with transaction(hub.engine) as session:
        note_hold(session, UUID(found.case), "notify")
        review_sharing(session, [UUID(found.case)])
    told = hub.theirs.get(f"matches/{match}")
    assert (told["state"], told["hidden_because"]) == ("proposed", "refused")
    release = {"relationship_verified": True, "verified_by": "photo", "person_agrees": True, "asked_on": "2026-06-01"}
    hub.step(hub.theirs, match, "release", 409, **release)
    with transaction(hub.engine) as session:
        note_hold_ended(session, UUID(found.case), "notify")
    assert hub.theirs.get(f"matches/{match}")["hidden_because"] is None
    assert hub.step(hub.theirs, match, "release", **release)["state"] == "released"


def test_days_pass_on_which_an_agreement_or_a_legal_basis_ends(hub: Hub) -> None:
    first, second = hub.pair(), hub.pair()
    yesterday = (utc_now() - timedelta(days=1)).date()
    with transaction(hub.engine) as session:
        session.execute(update(LegalBasis).where(LegalBasis.person_id == first[1].person).values(expires_on=yesterday))
    with transaction(hub.engine) as session:
        assert review_lapsed(session) == 1
        session.execute(update(Agreement).values(valid_to=yesterday))
    with transaction(hub.engine) as session:
        assert review_lapsed(session) == 1
    assert {str(row.id): row.reason for row in hub.rows()} == {first[2]: "expired", second[2]: "agreement_over"}


def test_who_is_erased_leaves_nothing_that_opens_in_a_match(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "ask", text="Is it Zubeida?")
    hub.erase(found)
    with reading(hub.engine) as session:
        row = session.get_one(Match, UUID(match))
        assert (row.wrapped, row.terms, row.compared) == (None, None, None)
        assert set(session.scalars(select(MatchStep.said))) == {None}
    assert all(one["text"] is None for one in hub.theirs.get(f"matches/{match}")["history"])


def test_what_was_written_of_a_match_goes_when_another_of_its_case_is_erased(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.step(hub.theirs, match, "reject", reason="another_person", text="She travelled with Ama.")
    people = registration(person("Ama Companion"))["people"]
    companion = {**people[0], "role": "companion"}
    keeper = hub.keeper(found)
    version = keeper.file(f"cases/{found.case}").headers["etag"]
    keeper.post(f"cases/{found.case}/people", companion, 201, **{"If-Match": version})
    newest = keeper.get(f"cases/{found.case}")["people"][-1]["id"]
    hub.erase(Kept(found.case, UUID(newest), found.organisation))
    assert all(one["text"] is None for one in hub.theirs.get(f"matches/{match}")["history"])
    assert hub.rows()[0].wrapped is not None, "the pair itself can still be told from a new one"
    assert hub.propose(sought, found) == 0


def test_a_person_taken_off_its_case_is_matched_there_no_more(hub: Hub) -> None:
    sought, found, match = hub.pair()
    other = hub.keeper(sought)
    more = {"role": "sought", "person": person("Ama Other")}
    version = other.file(f"cases/{sought.case}").headers["etag"]
    other.post(f"cases/{sought.case}/people", more, 201, **{"If-Match": version})
    version = other.file(f"cases/{sought.case}").headers["etag"]
    other.client.delete(
        f"/intake/v1/cases/{sought.case}/people/{sought.person}",
        headers={"Authorization": f"Bearer {other.token}", "If-Match": version},
    )
    assert hub.rows()[0].reason == "taken_off"
    assert hub.propose(sought, found) == 0
    assert hub.theirs.get(f"matches/{match}")["reason"] == "no_longer_possible"


def test_duplicates_that_are_merged_leave_one_pair(hub: Hub) -> None:
    sought, found, _ = hub.pair()
    twin = hub.registered()
    assert hub.propose(sought, twin) == 1
    manager = hub.of(hub.holder, MANAGER)
    same = [{"person": str(twin.person), "same_as": str(found.person)}]
    version = manager.file(f"cases/{found.case}").headers["etag"]
    asked = {"duplicate": twin.case, "same_people": same}
    manager.post(f"cases/{found.case}/merge", asked, **{"If-Match": version})
    assert [row.state for row in hub.rows()] == ["proposed", "withdrawn"]
    assert hub.rows()[1].reason == "merged"


def test_of_a_merged_twin_both_names_are_shown_and_neither_is_its_own_relative(hub: Hub) -> None:
    sought, found, match = hub.pair()
    twin = hub.submit(hub.holder, registration(person("Kwilfeder Subaida", sex="female")), "registered")
    same = [{"person": str(twin.person), "same_as": str(found.person)}]
    manager = hub.of(hub.holder, MANAGER)
    version = manager.file(f"cases/{found.case}").headers["etag"]
    manager.post(f"cases/{found.case}/merge", {"duplicate": twin.case, "same_people": same}, **{"If-Match": version})
    assert hub.propose(sought, found) == 0
    for by, names in ((hub.theirs, [FOUND, "Kwilfeder Subaida"]), (hub.ours, [FOUND, "Kwilfeder Subaida"])):
        fields = {one["field"]: one for one in by.get(f"matches/{match}")["fields"]}
        assert [one["text"] for one in fields["name"]["found"]] == names
        assert [one["text"] for one in fields["birth"]["found"]] == [None]
        assert fields["relatives"]["found"] == []
        if by is hub.theirs:
            hub.release(found, match)
