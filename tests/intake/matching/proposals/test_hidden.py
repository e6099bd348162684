"""Before the release the enquirer's organisation learns nothing: not by a list, a count, a page's version, an event, a
refusal or the trail of reads. And nothing but the two records ever holds a name."""

from __future__ import annotations

import json
import logging
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.casework.matching import STEPS
from services.intake.commands.matches.sweeping import sweep_matches_at
from services.intake.domain import Base, Match, MatchStep
from services.intake.queries import matches as found_by
from services.intake.queries import work
from shared.access import Role, act_as
from shared.database import reading, table_of, transaction, utc_now, uuid7
from shared.messaging.tables import event_log, event_subject
from tests.intake.matching.proposals.conftest import FOUND, MANAGER, OFFICER, RELEASE, SOUGHT, Hub, Kept
from tests.intake.referrals.conftest import Person

LISTS = ("matches", "matches?side=enquirer", "matches?side=holder", "cases", "duplicates", "referrals", "erasures")
DPO = Role.DATA_PROTECTION_OFFICER
REASON = {"reject": "another_person", "take_back": "not_safe", "undo": "another_person"}


def known_to(hub: Hub, sought: Kept) -> dict[str, Any]:
    """Everything that anybody of the enquirer's organisation can find out."""
    found: dict[str, Any] = {}
    roles = (MANAGER, OFFICER, DPO, Role.AUDITOR, Role.CASE_WORKER)
    for role in roles:
        hub.of(hub.enquirer, role)
    for role in roles:
        by = hub.of(hub.enquirer, role)
        case = f"cases/{sought.case}"
        for path in (*LISTS, case, f"{case}/timeline", f"{case}/matches", f"audit?person_id={sought.person}"):
            answer = by.file(path)
            body = answer.json()
            found[f"{role} {path}"] = (answer.status_code, answer.headers.get("etag"), _without_own_reads(body))
        with reading(hub.engine) as session:
            act_as(session, by.actor)
            found[f"{role} rows"] = _rows(session, hub)
            if role in {MANAGER, OFFICER}:
                found[f"{role} waiting"] = (
                    found_by.waiting(session, by.actor),
                    len(found_by.to_decide(session, by.actor)[0]),
                )
                found[f"{role} work"] = repr(work.work(session, by.actor, utc_now().date()).due.count)
    with reading(hub.engine) as session:
        seq = select(event_subject.c.seq).where(event_subject.c.subject == f"case/{sought.case}")
        found["seq"] = session.scalar(seq)
        of_case = select(event_log.c.event_id).where(event_log.c.subject == f"case/{sought.case}")
        found["facts"] = session.scalars(of_case).all()
    return found


def _without_own_reads(body: Any) -> Any:
    """The trail grows by what is asked here: what others would add to it is what counts."""
    items = body.get("items") if isinstance(body, dict) else None
    if items and "purpose" in items[0]:
        return sorted({(one["purpose"], one["person_id"]) for one in items})
    return body


def _rows(session: Session, hub: Hub) -> dict[str, Any]:
    """The organisation's rows as the database shows them to it, but the trail of what is asked here."""
    own, found = hub.enquirer.organisation_id, {}
    for table in Base.metadata.sorted_tables:
        columns = [one for one in ("organisation_id", "receiver_id") if one in table.c]
        if columns and table.name not in {"person_viewed", "user", "signed_in", "agreement"}:
            mine = table.c[columns[0]] == own
            found[table.name] = sorted(map(repr, session.execute(select(table).where(mine))))
    if session.get_bind().dialect.name == "postgresql":
        found["match"] = [row.id for row in session.scalars(select(Match))]
        found["match_step"] = [row.number for row in session.scalars(select(MatchStep))]
    return found


def test_nothing_that_happens_before_the_release_is_seen_by_the_enquirers_organisation(hub: Hub) -> None:
    sought, found = hub.request(), hub.registered()
    before = known_to(hub, sought)
    assert hub.propose(sought, found) == 1
    match = str(hub.rows()[0].id)
    assert known_to(hub, sought) == before
    hub.theirs.get(f"matches/{match}")
    hub.answers(found)
    with transaction(hub.engine) as session:
        sweep_matches_at(session, utc_now().replace(year=2030))
    assert known_to(hub, sought) == before
    hub.step(hub.theirs, match, "reject", reason="person_declines")
    hub.step(hub.theirs, match, "reconsider")
    assert known_to(hub, sought) == before
    hub.no(found)
    assert hub.rows()[0].state == "withdrawn"
    assert known_to(hub, sought) == before
    agrees(hub, found)
    assert hub.propose(sought, found) == 1
    assert known_to(hub, sought) == before
    match = str(hub.rows()[1].id)
    hub.release(found, match)
    assert known_to(hub, sought) != before, "what is compared would show a release"


def agrees(hub: Hub, found: Kept) -> None:
    """The person says yes again: to tracing, and to tracing together with that organisation."""
    for recipient in (None, str(hub.enquirer.organisation_id)):
        hub.basis(found, "consent", recipient_id=recipient)


def test_a_match_that_is_not_released_is_answered_like_one_that_nobody_has(hub: Hub) -> None:
    _, _, match = hub.pair()
    nobodys = str(uuid7())
    for staff in (hub.enquirer, hub.stranger):
        for role in (MANAGER, OFFICER, Role.CASE_WORKER, DPO):
            by = hub.of(staff, role)
            asked = [(by.file(f"matches/{one}").text, one) for one in (match, nobodys)]
            assert len({text.replace(one, "") for text, one in asked}) == 1
            for step in {one.name for one in STEPS} | {"nothing"}:
                body = {"text": "x", "reason": REASON.get(step)} if step in REASON else {"text": "x"}
                answers = {
                    by.client.post(
                        f"/intake/v1/matches/{one}/steps/{step}",
                        json=body,
                        headers={"Authorization": f"Bearer {by.token}"},
                    ).text.replace(one, "")
                    for one in (match, nobodys)
                }
                assert len(answers) == 1, (role, step, answers)
    assert hub.rows()[0].version == 1


def test_a_third_organisation_sees_no_match_ever(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    for role in (MANAGER, OFFICER, DPO):
        by = hub.of(hub.stranger, role)
        assert by.get("matches")["items"] == []
        by.get(f"matches/{match}", 404)


def test_a_copy_for_the_person_who_is_sought_does_not_say_that_somebody_looked(hub: Hub) -> None:
    sought, _, match = hub.pair()
    officer = hub.of(hub.enquirer, DPO)
    officer.get(f"persons/{sought.person}/copy")
    before = {one["purpose"] for one in officer.get(f"persons/{sought.person}/copy")["seen"]}
    hub.theirs.get(f"matches/{match}")
    assert {one["purpose"] for one in officer.get(f"persons/{sought.person}/copy")["seen"]} == before


def test_the_enquirers_copy_says_nothing_of_a_match_even_after_it(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    people = hub.ours.get(f"cases/{sought.case}")["people"]
    enquirer = next(one["id"] for one in people if one["role"] == "enquirer")
    copy = json.dumps(hub.of(hub.enquirer, DPO).get(f"persons/{enquirer}/copy"))
    assert "_match" not in copy
    assert match not in copy


def test_each_look_stands_in_the_trail_of_who_looked(hub: Hub) -> None:
    sought, found, match = hub.pair()
    auditor = hub.of(hub.holder, Role.AUDITOR)
    hub.theirs.get(f"matches/{match}")
    for person in (sought.person, found.person):
        (seen,) = auditor.get(f"audit?purpose=match&person_id={person}")["items"]
        assert (seen["case_id"], seen["user_id"]) == (found.case, str(hub.theirs.actor.user_id))


def test_no_name_and_no_fate_stands_in_an_event_a_row_or_a_log_line(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, found, match = hub.pair()
    hub.answers(found)
    secret = "Petronella of the blue door"
    hub.step(hub.theirs, match, "release", **{**RELEASE, "text": secret})
    hub.step(hub.ours, match, "ask", text=secret)
    hub.step(hub.theirs, match, "answer", text=secret)
    hub.step(hub.ours, match, "confirm", text=secret)
    told = [hub.theirs.post(f"matches/{match}/steps/release", {"text": secret, "verified_by": secret}, 422)]
    told.append(hub.step(hub.ours, match, "reject", 409, text=secret, reason="another_person"))
    names = (SOUGHT, FOUND, secret, "Petronell", "Nightingale", "Inkhorn")
    with reading(hub.engine) as session:
        log = [repr(row) for row in session.execute(select(event_log))]
        rows = [repr(row) for kept in (Match, MatchStep) for row in session.execute(select(table_of(kept)))]
    for text in (*log, *rows, caplog.text, json.dumps(told)):
        assert not [name for name in names if name in text or name.encode().hex() in text]


STEP_NAMES = sorted({one.name for one in STEPS} - {"release"})


def test_no_order_of_steps_tells_the_enquirers_organisation_before_a_release(hub: Hub) -> None:
    sought, found = hub.request(), hub.registered()
    before = known_to(hub, sought)
    assert hub.propose(sought, found) == 1
    acts_of_all = st.tuples(st.sampled_from([*STEP_NAMES, "propose", "object", "agree"]), st.booleans())

    @settings(max_examples=8)
    @given(st.lists(acts_of_all, min_size=2, max_size=8))
    def nothing_is_told(acts: list[tuple[str, bool]]) -> None:
        for name, by_holder in acts:
            _do(hub, sought, found, name, hub.theirs if by_holder else hub.ours)
        assert known_to(hub, sought) == before

    nothing_is_told()
    assert {row.released_at for row in hub.rows()} == {None}
    assert max(row.version for row in hub.rows()) > 1, "something was done"


def _do(hub: Hub, sought: Kept, found: Kept, name: str, by: Person) -> None:
    """Whatever comes of it."""
    rows = hub.rows()
    if name == "propose":
        hub.propose(sought, found)
    elif name == "object":
        hub.no(found)
    elif name == "agree":
        agrees(hub, found)
    elif rows:
        body = {"text": "x", **({"reason": REASON[name]} if name in REASON else {})}
        if name == "look_further":
            body["by"] = utc_now().date().isoformat()
        path = f"/intake/v1/matches/{rows[-1].id}/steps/{name}"
        answer = by.client.post(path, json=body, headers={"Authorization": f"Bearer {by.token}"})
        assert answer.status_code in ((200, 403, 409) if by is hub.theirs else (404,)), answer.text


def test_what_the_property_above_does_is_possible(hub: Hub) -> None:
    sought, found, match = hub.pair()
    _do(hub, sought, found, "reject", hub.theirs)
    assert hub.rows()[0].state == "rejected"
    assert UUID(match) == hub.rows()[0].id
