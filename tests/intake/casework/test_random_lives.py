"""Random people do random things to real cases, in random order: the rules hold, and the record is whole.

Seeded: the same in every run. `KINBRIDGE_TEST_EXPLORE` draws new seeds.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.intake import commands, queries
from services.intake.casework import CASE_TYPES, CaseType
from services.intake.domain import CasePerson, TimelineEntry
from services.intake.schemas import CASE_SHAPES
from shared.access import Actor, Role
from shared.database import reading, transaction
from shared.errors import Conflict, NotAllowed, NotFound
from shared.messaging.tables import event_log
from tests.intake.casework.filling import filled, somebody
from tests.intake.conftest import Intake
from tests.intake.lives.people import A_GIRL, A_WOMAN, person

STEPS = 60
USERS = [UUID(int=number) for number in (1, 2, 3)]
SEEDS = [secrets.randbits(32)] if os.environ.get("KINBRIDGE_TEST_EXPLORE") else [1, 2]
Entry = dict[str, Any]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", CASE_TYPES.values(), ids=CASE_TYPES)
def test_whatever_is_tried_only_what_is_legal_happens_and_all_of_it_is_recorded(
    intake: Intake, kind: CaseType, seed: int
) -> None:
    rng = Random(f"{kind.name} {seed}")
    case_id, other = submitted(intake, kind, rng), submitted(intake, CASE_TYPES["registration"], rng)
    with reading(intake.engine) as session:
        people = [
            str(one) for one in session.scalars(select(CasePerson.person_id).where(CasePerson.case_id == case_id))
        ]
    outcomes: Counter[str] = Counter()
    status, version = kind.life_cycle.initial, 1
    first = 2 if kind.name == "mass_incident" else 1  # of mass incidents by the ten thousand, only changes are kept
    for _ in range(STEPS):
        actor = somebody(rng, intake.own.organisation_id, USERS)
        done = tried(intake, actor, case_id, rng, kind, people, [str(case_id), str(other)])
        outcomes["done" if done else "refused"] += 1
        entries = recorded(intake, case_id)
        numbers = [one["number"] for one in entries]
        assert numbers == list(range(first, version + 1 + done)), "one entry for each change, none for a refusal"
        if done:
            check(kind, entries, status)
            status, version = entries[-1]["status"], version + 1
    assert outcomes["done"], outcomes
    assert outcomes["refused"], outcomes
    check_facts(intake, case_id, version)


def submitted(intake: Intake, kind: CaseType, rng: Random) -> UUID:
    """A new case of that type, filled at random."""
    if kind.name == "mass_incident":
        body: Entry = {"type": kind.name, "incident": {"occurred_from": "2016-04-18", "occurred_to": "2016-04-18"}}
    else:
        details = filled(kind.details, rng, [], []).model_dump(mode="json", exclude_none=True)
        people = [{"role": role, "person": rng.choice([A_GIRL, A_WOMAN])} for role in kind.people]
        extra = [person(role, "Dawit Canary") for role, one in kind.people.items() if one.most != 1]
        body = {"type": kind.name, "details": details, "people": [*people, *extra]}
    worker = Actor(intake.own.organisation_id, roles=frozenset({Role.CASE_WORKER}), user_id=USERS[0])
    with transaction(intake.engine) as session:
        shaped = CASE_SHAPES[kind.name].validate_python(body)
        made = commands.submit_case(session, worker, shaped, idempotency_key=None, request=body)
    return UUID(made["id"])


def tried(
    intake: Intake, actor: Actor, case_id: UUID, rng: Random, kind: CaseType, people: list[str], cases: list[str]
) -> bool:
    """Try one move or deed; True when it was done."""
    cycle = kind.life_cycle
    try:
        with transaction(intake.engine) as session:
            if rng.random() < 0.4 or not cycle.deeds:
                possible = cycle.moves_from(queries.case(session, actor, case_id).status)
                move = rng.choice(possible if rng.random() < 0.8 else cycle.moves)
                reason = rng.choice([*move.reasons]) if move.reasons and rng.random() < 0.9 else None
                commands.move_case(session, actor, case_id, move.name, reason=reason)
            else:
                deed = rng.choice(cycle.deeds)
                form = filled(deed.form, rng, people, cases) if deed.form else None
                commands.record_deed(session, actor, case_id, deed.name, form)
    except (Conflict, NotAllowed, NotFound):
        return False
    return True


def recorded(intake: Intake, case_id: UUID) -> list[Entry]:
    with reading(intake.engine) as session:
        statement = select(TimelineEntry).where(TimelineEntry.case_id == case_id).order_by(TimelineEntry.number)
        return [
            {
                "number": one.number,
                "what": one.what,
                "by": one.user_id,
                "reason": one.reason,
                "status": one.status,
                "facts": one.facts or {},
            }
            for one in session.scalars(statement)
        ]


def check(kind: CaseType, entries: list[Entry], before: str) -> None:
    """The newest entry is a declared step; and what must never happen did not, told without the guards' own words."""
    last, earlier = entries[-1], entries[:-1]
    moves = [m for m in kind.life_cycle.moves_from(before) if m.name == last["what"]]
    assert moves or last["what"] in {deed.name for deed in kind.life_cycle.deeds}
    if moves:
        assert (last["status"], last["reason"] in moves[0].reasons) == (moves[0].target, bool(moves[0].reasons))
    else:
        assert last["status"] == before
        assert before not in kind.life_cycle.closed
    about = last["facts"].get("about")
    of_person = [one for one in earlier if one["facts"].get("about") == about]
    if last["what"] == "confirm_death":
        account = [one for one in of_person if one["what"] == "record_account_of_death"][-1]
        assert None not in {account["by"], last["by"]}
        assert account["by"] != last["by"]
    if last["what"] in {"release_news", "notify_family", "pass_on_news"}:
        assert last["by"] is not None
        decisive = [one for one in of_person if one["what"] in {"record_answer", "confirm_death"}]
        linked = [one for one in earlier if one["what"] == "link_found_person"]
        assert linked or decisive[-1]["facts"].get("agrees_to") != "nothing"
    if last["what"] == "tell_family" and last["facts"]["told"] == "news":
        assert "release_news" in {one["what"] for one in of_person}
    if kind.name == "tracing_request" and last["reason"] in {"located", "fate_established", "withdrawn"}:
        assert "tell_family" in {one["what"] for one in earlier}


def check_facts(intake: Intake, case_id: UUID, version: int) -> None:
    """One fact for each version, in order, beside those that other services act on."""
    with reading(intake.engine) as session:
        types = session.scalars(
            select(event_log.c.type).where(event_log.c.subject == f"case/{case_id}").order_by(event_log.c.seq)
        ).all()
    changes = [one for one in types if one in {"case.updated", "case.status_changed"}]
    assert types[0] in {"case.submitted", "incident.recorded"}
    assert len(changes) == version - 1
