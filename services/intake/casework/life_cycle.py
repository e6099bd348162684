"""A life cycle: states, the moves between them, who may make them, what they need, and why they may be made.

One declaration a case type. Commands obey it, the interface offers what it allows, `docs/life-cycles.md` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.intake.casework.forms import Form
from services.intake.casework.history import Asked, History, Need
from shared.access import Actor, Role, spoken
from shared.errors import Conflict, NotAllowed

CASE_WORK = frozenset({Role.CASE_WORKER, Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER})
MANAGERS = frozenset({Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER})
CHILD_PROTECTION = frozenset({Role.CHILD_PROTECTION_OFFICER})


@dataclass(frozen=True)
class Deed:
    """Something that is recorded on a case and changes no state, but that moves may need: a visit, a decision.

    `form` is what is recorded with it: coded facts, and personal text, which is stored encrypted.
    """

    name: str
    title: str
    """What the button says: "Record that the family was told"."""
    roles: frozenset[Role] = CASE_WORK
    form: type[Form] | None = None
    needs: tuple[Need, ...] = ()
    by_person: bool = False
    """Only a signed-in person may do it, never an organisation's system."""
    about: str | None = None
    """The role of the person it is about; that person's id stands in the facts as `about`."""
    due: str | None = None
    """The field of its form that holds the moment at which the case is due next."""


@dataclass(frozen=True)
class Move:
    """A transition. With `reasons`, one of these codes must be given; `words.REASONS` says what they are called."""

    name: str
    title: str
    sources: tuple[str, ...]
    target: str
    roles: frozenset[Role] = CASE_WORK
    reasons: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)
    """Reason code → what that reason needs beside `needs`."""
    needs: tuple[Need, ...] = ()
    by_person: bool = False
    """Only a signed-in person may make it, never an organisation's system."""


@dataclass(frozen=True)
class Offer:
    """A move or a deed that the actor's role may make now, and what it still waits for."""

    step: Move | Deed
    missing: tuple[str, ...]
    """What must be done first; empty where nothing must."""
    reasons: Mapping[str, tuple[str, ...]]
    """Reason code → what that reason waits for."""


@dataclass(frozen=True)
class LifeCycle:
    """The first state is where a case begins; `closed` are the states in which its work is done."""

    states: Mapping[str, str]
    """State → what it means, in a case worker's words."""
    closed: frozenset[str]
    moves: tuple[Move, ...]
    deeds: tuple[Deed, ...] = ()

    @property
    def initial(self) -> str:
        return next(iter(self.states))

    @property
    def steps(self) -> tuple[Move | Deed, ...]:
        """Every move and every deed."""
        return (*self.moves, *self.deeds)

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Every move that leaves a state, whoever may make it."""
        return tuple(move for move in self.moves if state in move.sources)

    def deed_named(self, name: str) -> Deed:
        """The deed of that name, whether or not it may be done now. Raises `Conflict` that names what there is."""
        found = next((deed for deed in self.deeds if deed.name == name), None)
        if found is None:
            raise Conflict(f"This cannot be recorded on such a case: possible are: {_names(self.deeds)}.")
        return found

    def move(self, name: str, state: str, asked: Asked, history: History, reason: str | None) -> Move:
        """The move of that name, if it may be made now by this actor for this reason.

        Raises `Conflict` (it does not leave this state, its need is not met, its reason is not one) and names what
        would be possible; `NotAllowed` for the role.
        """
        possible = self.moves_from(state)
        found = next((move for move in possible if move.name == name), None)
        if found is None:
            raise Conflict(f"A case that is {state} cannot be moved so: possible now: {_names(possible)}.")
        _check_actor(found, asked.actor)
        if found.reasons and reason not in found.reasons:
            raise Conflict(f"To {found.name}, give one of these reasons: {', '.join(found.reasons)}.")
        if not found.reasons and reason is not None:
            raise Conflict(f"To {found.name} needs no reason.")
        _check_needs((*found.needs, *found.reasons.get(reason or "", ())), history, asked)
        return found

    def deed(self, name: str, state: str, asked: Asked, history: History) -> Deed:
        """The deed of that name, if it may be recorded now by this actor. Raises as `move` does."""
        found = self.deed_named(name)
        if state in self.closed:
            raise Conflict(f"The case is closed: possible now: {_names(self.moves_from(state))}.")
        _check_actor(found, asked.actor)
        _check_needs(found.needs, history, asked)
        return found

    def offers(self, state: str, actor: Actor, history: History) -> tuple[Offer, ...]:
        """What the actor's role may do with a case in this state: moves first.

        Needs that look at what is being recorded, or about whom, are judged when it is recorded.
        """
        possible: list[Move | Deed] = list(self.moves_from(state))
        possible += () if state in self.closed else self.deeds
        return tuple(_offer(step, history, Asked(actor)) for step in possible if _refusal(step, actor) is None)


def _offer(step: Move | Deed, history: History, asked: Asked) -> Offer:
    def missing(needs: Iterable[Need]) -> tuple[str, ...]:
        return tuple(need.sentence for need in needs if not need.of_what_is_asked and not need.met(history, asked))

    reasons = step.reasons if isinstance(step, Move) else {}
    return Offer(step, missing(step.needs), {reason: missing(needs) for reason, needs in reasons.items()})


def _refusal(step: Move | Deed, actor: Actor) -> str | None:
    if actor.roles.isdisjoint(step.roles):
        return f"Your role may not do this: ask {spoken(step.roles)} of your organisation."
    if step.by_person and actor.user_id is None:
        return "This is done by a person who has signed in, never by an organisation's system."
    return None


def _check_actor(step: Move | Deed, actor: Actor) -> None:
    refusal = _refusal(step, actor)
    if refusal is not None:
        raise NotAllowed(refusal)


def _check_needs(needs: Iterable[Need], history: History, asked: Asked) -> None:
    for need in needs:
        if not need.met(history, asked):
            raise Conflict(need.sentence)


def _names(steps: Sequence[Move | Deed]) -> str:
    return ", ".join(dict.fromkeys(step.name for step in steps)) or "nothing"
