"""A pair is proposed, released and confirmed; or asked about, rejected, taken back, undone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.intake.commands.matches.sweeping import sweep_matches_at
from services.intake.domain import Case, Match
from services.intake.queries import matches as found_by
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now
from tests.intake.matching.proposals.conftest import MANAGER, OFFICER, RELEASE, WORKER, Hub, alike
from tests.intake.matching.proposals.test_hidden import known_to


def test_a_pair_is_proposed_to_the_holder_released_and_confirmed_by_the_other_side(hub: Hub) -> None:
    sought, found, match = hub.pair()
    assert hub.theirs.get("matches")["items"][0]["state"] == "proposed"
    assert hub.ours.get("matches")["items"] == []
    assert hub.release(found, match)["state"] == "released"
    told = hub.ours.get(f"matches/{match}")
    assert (told["sides"], told["case_id"], told["proposed_at"]) == (["enquirer"], sought.case, None)
    assert hub.step(hub.ours, match, "confirm")["state"] == "confirmed"
    for case, by in ((sought, hub.ours), (found, hub.theirs)):
        assert [one for one in hub.facts(case.case) if one.startswith("match.")][-2:] == [
            "match.released",
            "match.confirmed",
        ]
        entries = [one for one in by.get(f"cases/{case.case}/timeline") if one["what"].endswith("_match")]
        assert [one["what"] for one in entries] == ["release_match", "confirm_match"]
        assert {one["facts"]["match"] for one in entries} == {match}
        with reading(hub.engine) as session:
            assert session.get_one(Case, UUID(case.case)).due_on == (utc_now() + timedelta(days=3)).date()
    assert {one["facts"]["reference"] for one in entries} == {told["reference"]}


def test_nobody_of_the_other_organisation_stands_in_a_timeline(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    for case, by, staff in ((sought, hub.ours, hub.enquirer), (found, hub.theirs, hub.holder)):
        own = {str(one.user_id) for one in staff.members.values()} | {None}
        assert {one["user_id"] for one in by.get(f"cases/{case.case}/timeline")} <= own
        assert {one["user_id"] for one in by.get(f"matches/{match}")["history"]} <= own


def test_more_is_asked_after_the_release_and_answered_by_the_holder(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.step(hub.ours, match, "ask", 404)
    hub.step(hub.theirs, match, "ask", 403)
    hub.release(found, match)
    assert hub.step(hub.ours, match, "ask", text="Which village?")["state"] == "information_asked"
    hub.step(hub.ours, match, "confirm", 409)
    assert hub.theirs.get(f"matches/{match}")["history"][-1]["text"] == "Which village?"
    assert hub.step(hub.theirs, match, "answer", text="She named the well.")["state"] == "released"
    assert [one["text"] for one in hub.ours.get(f"matches/{match}")["history"][-2:]] == [
        "Which village?",
        "She named the well.",
    ]


def test_before_the_release_the_holder_notes_what_it_has_to_find_out_itself(hub: Hub) -> None:
    sought, found, match = hub.pair()
    before = known_to(hub, sought)
    by = (utc_now() + timedelta(days=9)).date()
    noted = {"text": "Ask her in confidence which well.", "by": by.isoformat()}
    hub.step(hub.ours, match, "look_further", 404, **noted)
    hub.step(hub.theirs, match, "look_further", 422, text="When?")
    hub.step(hub.theirs, match, "look_further", 422, **{**noted, "by": (by + timedelta(days=30)).isoformat()})
    told = hub.step(hub.theirs, match, "look_further", **noted)
    assert (told["state"], told["version"]) == ("proposed", 2)
    assert told["due_at"].startswith((by + timedelta(days=1)).isoformat())
    assert hub.theirs.get(f"matches/{match}")["history"][-1]["text"] == noted["text"]
    with reading(hub.engine) as session:
        assert session.get_one(Case, UUID(found.case)).due_on == by
    assert hub.theirs.get(f"cases/{found.case}/timeline")[-1]["what"] == "look_into_match"
    assert known_to(hub, sought) == before
    hub.release(found, match)
    assert noted["text"] not in str(hub.ours.get(f"matches/{match}"))
    hub.step(hub.theirs, match, "look_further", 409, **noted)


def test_a_pair_is_rejected_for_a_coded_reason_and_a_written_one(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.step(hub.theirs, match, "reject", 409)
    hub.theirs.post(f"matches/{match}/steps/reject", {"reason": "another_person"}, 422)
    hub.theirs.post(f"matches/{match}/steps/reject", {"reason": "another_person", "text": "  "}, 422)
    told = hub.step(hub.theirs, match, "reject", reason="another_person")
    assert (told["state"], told["reason"]) == ("rejected", "another_person")
    assert hub.facts(found.case)[-1] == "match.rejected"
    assert hub.step(hub.theirs, match, "release", 409, **RELEASE)["detail"].startswith("A match that is rejected")
    hub.step(hub.theirs, match, "reconsider")
    assert hub.release(found, match)["state"] == "released"


def test_the_enquirers_side_rejects_after_the_release_and_alone_takes_it_up_again(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "reject", 409, reason="not_safe")
    hub.step(hub.ours, match, "reject", reason="birth_differs")
    assert hub.facts(sought.case)[-1] == hub.facts(found.case)[-1] == "match.rejected"
    assert hub.theirs.get(f"matches/{match}")["reason"] == "birth_differs"
    assert hub.theirs.get(f"matches/{match}")["hidden_because"] == "over"
    hub.step(hub.theirs, match, "reconsider", 409)
    assert hub.step(hub.ours, match, "reconsider")["state"] == "released"


def test_a_release_is_taken_back_and_the_other_side_is_not_told_why(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.theirs, match, "take_back", reason="not_safe", text="Her uncle looks for her.")
    told = hub.ours.get(f"matches/{match}")
    assert (told["state"], told["reason"], told["hidden_because"]) == ("withdrawn", "no_longer_possible", "over")
    assert not [one for one in told["history"] if one["reason"] or one["text"]]
    assert all(not one["found"] for one in told["fields"])
    hub.step(hub.ours, match, "confirm", 409)


def test_a_confirmation_is_undone_by_a_manager_of_either_side(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    hub.step(hub.ours, match, "undo", 403, reason="family_differs")
    told = hub.step(hub.of(hub.holder, MANAGER), match, "undo", reason="family_differs")
    assert told["state"] == "rejected"
    assert hub.facts(sought.case)[-1] == "match.rejected"


def test_a_second_click_and_a_stale_page_change_nothing(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.answers(found)
    headers = {"Idempotency-Key": "one", "If-Match": '"1"'}
    first = hub.theirs.post(f"matches/{match}/steps/release", RELEASE, **headers)
    assert hub.theirs.post(f"matches/{match}/steps/release", RELEASE, **headers) == first
    hub.ours.post(f"matches/{match}/steps/confirm", {"text": "Yes."}, 412, **{"If-Match": '"1"'})
    hub.ours.post(f"matches/{match}/steps/confirm", {"text": "Yes."}, **{"If-Match": '"2"'})
    assert hub.rows()[0].version == 3


def test_a_system_decides_nothing(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.answers(found)
    system = hub.system(hub.holder)
    assert system.get(f"matches/{match}")["possible"] == []
    hub.step(system, match, "release", 403, **RELEASE)
    hub.step(system, match, "reject", 403, reason="another_person")


def test_silence_tells_the_managers_of_whoever_decides_and_decides_nothing(hub: Hub) -> None:
    _, found, match = hub.pair()
    theirs, ours = hub.of(hub.holder, MANAGER), hub.of(hub.enquirer, MANAGER)

    def late(days: int) -> int:
        with transaction(hub.engine) as session:
            return sweep_matches_at(session, utc_now() + timedelta(days=days))

    def overdue() -> tuple[int, int]:
        with reading(hub.engine) as session:
            return tuple(found_by.overdue(session, one.actor)[1] for one in (theirs, ours))  # type: ignore[return-value]

    assert (late(2), overdue()) == (0, (0, 0))
    assert (late(4), overdue()) == (1, (1, 0))
    assert late(5) == 0
    hub.release(found, match)
    assert overdue() == (0, 0)
    assert (late(8), overdue()) == (1, (0, 1))
    assert hub.ours.get(f"matches/{match}")["state"] == "released"
    with reading(hub.engine) as session:
        assert (found_by.waiting(session, theirs.actor), found_by.waiting(session, ours.actor)) == (0, 1)


def test_what_waits_is_counted_for_those_who_may_decide_it_and_for_their_colleagues(hub: Hub) -> None:
    grown, child = {"birth": {"year": 1991}}, {"birth": {"year": 2015}}
    for known in (grown, child):
        assert hub.propose(hub.request(**known), hub.registered(**known)) == 1

    def counts(by: Actor) -> tuple[int, int]:
        with reading(hub.engine) as session:
            for colleagues in (False, True):
                listed, _ = found_by.to_decide(session, by, by_colleagues=colleagues)
                assert len(listed) == found_by.waiting(session, by, by_colleagues=colleagues)
            return found_by.waiting(session, by), found_by.waiting(session, by, by_colleagues=True)

    seen = {role: counts(hub.of(hub.holder, role).actor) for role in (WORKER, OFFICER, Role.DATA_PROTECTION_OFFICER)}
    assert seen == {WORKER: (1, 1), OFFICER: (2, 0), Role.DATA_PROTECTION_OFFICER: (0, 2)}
    assert counts(hub.system(hub.holder).actor) == (0, 2)
    assert counts(hub.ours.actor) == (0, 0)


def test_who_released_a_match_of_its_own_organisation_is_not_asked_to_confirm_it(hub: Hub) -> None:
    found = hub.registered()
    hub.propose(hub.request(hub.holder), found)
    hub.release(found, str(hub.rows()[0].id))
    with reading(hub.engine) as session:
        waiting = [found_by.waiting(session, by) for by in (hub.theirs.actor, hub.of(hub.holder, MANAGER).actor)]
    assert waiting == [0, 1]


def test_what_waits_is_turned_over_without_leaving_any_out(hub: Hub) -> None:
    for bits in (9.0, 7.0, 9.0, 8.0, 6.5):
        hub.propose(hub.request(), hub.registered(), alike(bits))
    with transaction(hub.engine) as session:
        late = [session.get_one(Match, hub.rows()[number].id) for number in (1, 4)]
        for row in late:
            row.reminded = True
    with reading(hub.engine) as session:
        actor = hub.theirs.actor
        everything, none = found_by.to_decide(session, actor)
        pages, after = [], None
        for _ in range(5):
            (one,), after = found_by.to_decide(session, actor, after=after, limit=1)
            pages.append(one.id)
    assert (none, after) == (None, None)
    assert pages == [one.id for one in everything]
    assert [(one.reminded, one.score) for one in everything] == sorted(
        ((one.reminded, one.score) for one in everything), reverse=True
    )
    with reading(hub.engine) as session:
        assert found_by.to_decide(session, hub.ours.actor, after=pages[0]) == ([], None)
