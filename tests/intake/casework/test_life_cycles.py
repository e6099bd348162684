"""What is true of every declared life cycle, whatever is asked of it and whatever happened before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.casework import CASE_TYPES, Asked, CaseType, Deed, Happened, History, LifeCycle, Move, Need
from services.intake.casework.forms import parted
from services.intake.casework.words import REASONS
from shared.access import Actor, Role
from shared.errors import Conflict, NotAllowed
from tests.factories import ORGANISATION
from tests.intake.casework.filling import filled, somebody

KINDS = pytest.mark.parametrize("kind", CASE_TYPES.values(), ids=CASE_TYPES)
USERS = [UUID(int=number) for number in (1, 2, 3)]
PEOPLE = ["00000000-0000-0000-0000-0000000000aa", "00000000-0000-0000-0000-0000000000bb"]


def reached(cycle: LifeCycle, start: Iterable[str]) -> set[str]:
    """The states that can be reached from any of `start`, they included."""
    found = set(start)
    while new := {move.target for move in cycle.moves if found & set(move.sources)} - found:
        found |= new
    return found


@KINDS
def test_every_state_is_reached_and_work_can_always_end(kind: CaseType) -> None:
    cycle = kind.life_cycle
    assert reached(cycle, [cycle.initial]) == set(cycle.states)
    assert cycle.closed
    for state in cycle.states:
        assert reached(cycle, [state]) & cycle.closed, f"{state} never ends"


@KINDS
def test_states_moves_and_deeds_are_whole(kind: CaseType) -> None:
    cycle = kind.life_cycle
    for move in cycle.moves:
        assert set(move.sources) | {move.target} <= set(cycle.states)
        assert set(move.reasons) <= set(REASONS), "a reason without words"
    for state in cycle.states:
        names = [move.name for move in cycle.moves_from(state)]
        assert len(names) == len(set(names)), f"two moves of one name leave {state}"
    assert len({deed.name for deed in cycle.deeds}) == len(cycle.deeds)
    assert {deed.name for deed in cycle.deeds}.isdisjoint(move.name for move in cycle.moves)
    for step in cycle.steps:
        assert step.roles, f"nobody may {step.name}"
        assert step.roles <= {Role.CASE_WORKER, Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER}
        assert step.title
    for need in needs_of(cycle):
        assert need.name
        assert need.sentence.endswith(".")
    for deed in cycle.deeds:
        assert deed.about is None or deed.about in kind.people
        assert deed.about is None or (deed.form is not None and "about" in deed.form.model_fields)


@KINDS
def test_a_closed_case_is_reopened_by_a_manager_with_a_reason_alone(kind: CaseType) -> None:
    cycle = kind.life_cycle
    for state in cycle.closed:
        assert [move.name for move in cycle.moves_from(state)] == ["reopen"]
        (reopen,) = cycle.moves_from(state)
        assert reopen.reasons
        assert Role.CASE_WORKER not in reopen.roles
        offered = cycle.offers(state, Actor(UUID(int=1), roles=frozenset(Role), user_id=UUID(int=2)), History(()))
        assert [offer.step for offer in offered] == [reopen]


@KINDS
def test_closing_always_takes_a_reason(kind: CaseType) -> None:
    for move in kind.life_cycle.moves:
        if move.target in kind.life_cycle.closed:
            assert move.reasons, f"{kind.name}: {move.name} from {move.sources}"


@KINDS
@settings(max_examples=150)
@given(seed=st.integers(0, 2**32))
def test_a_move_passes_if_and_only_if_it_is_declared_for_this_state_role_reason_and_history(
    kind: CaseType, seed: int
) -> None:
    rng = Random(seed)
    cycle, history = kind.life_cycle, a_history(kind, rng)
    state, actor = rng.choice(list(cycle.states)), somebody(rng, ORGANISATION, USERS)
    name = rng.choice([*(move.name for move in cycle.moves), "fly"])
    reason = rng.choice([None, *(r for move in cycle.moves for r in move.reasons), "because"])
    declared = [move for move in cycle.moves if move.name == name and state in move.sources]
    asked = Asked(actor)
    passed, refusal = tried(lambda: cycle.move(name, state, asked, history, reason))
    if not declared:
        assert all(move.name in refusal for move in cycle.moves_from(state)), "it names what is possible"
    legal = [move for move in declared if is_legal(move, actor) and reason_fits(move, reason)]
    legal = [move for move in legal if all(n.met(history, asked) for n in (*move.needs, *move.reasons.get(reason, ())))]
    assert ([passed] if passed else []) == legal


@KINDS
@settings(max_examples=150)
@given(seed=st.integers(0, 2**32))
def test_a_deed_passes_if_and_only_if_role_state_and_history_allow_it(kind: CaseType, seed: int) -> None:
    rng = Random(seed)
    cycle, history = kind.life_cycle, a_history(kind, rng)
    state, actor = rng.choice(list(cycle.states)), somebody(rng, ORGANISATION, USERS)
    deed = rng.choice(cycle.deeds)
    asked = Asked(actor, facts_of(deed, rng), child=rng.random() < 0.5)
    passed, _ = tried(lambda: cycle.deed(deed.name, state, asked, history))
    open_ = state not in cycle.closed
    assert (passed is deed) == (
        open_ and is_legal(deed, actor) and all(need.met(history, asked) for need in deed.needs)
    )


@KINDS
@settings(max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_what_is_offered_can_be_done_and_nothing_else(kind: CaseType, seed: int) -> None:
    rng = Random(seed)
    cycle, history = kind.life_cycle, a_history(kind, rng)
    state, actor = rng.choice(list(cycle.states)), somebody(rng, ORGANISATION, USERS)
    offered = {offer.step.name: offer for offer in cycle.offers(state, actor, history)}
    for move in cycle.moves_from(state):
        assert (move.name in offered) == is_legal(move, actor)
        for reason in (move.reasons or [None]) if move.name in offered else ():
            offer = offered[move.name]
            missing = (*offer.missing, *offer.reasons.get(reason, ()))
            made = (move.name, state, Asked(actor), history, reason)
            passed, refusal = tried(partial(cycle.move, *made))
            assert refusal in missing if passed is None else not missing


def tried(step: Callable[[], Any]) -> tuple[Any, str]:
    """(what passed, or None; why it was refused)."""
    try:
        return step(), ""
    except (Conflict, NotAllowed) as refusal:
        return None, str(refusal)


def needs_of(cycle: LifeCycle) -> list[Need]:
    named = [need for step in cycle.steps for need in step.needs]
    return named + [need for move in cycle.moves for needs in move.reasons.values() for need in needs]


def is_legal(step: Move | Deed, actor: Actor) -> bool:
    return bool(actor.roles & step.roles) and not (step.by_person and actor.user_id is None)


def reason_fits(move: Move, reason: str | None) -> bool:
    return reason in move.reasons if move.reasons else reason is None


def a_history(kind: CaseType, rng: Random) -> History:
    """Anything in any order: also what could never have happened so."""
    steps = rng.choices(kind.life_cycle.steps, k=rng.randint(0, 12))
    return History(
        Happened(step.name, rng.choice([*USERS, None]), facts_of(step, rng) if isinstance(step, Deed) else {})
        for step in steps
    )


def facts_of(deed: Deed, rng: Random) -> dict[str, Any]:
    coded = parted(filled(deed.form, rng, PEOPLE, PEOPLE))[0] if deed.form else {}
    return coded | ({"about": rng.choice(PEOPLE)} if deed.about else {})
