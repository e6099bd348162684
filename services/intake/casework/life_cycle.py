"""A life cycle: states, the moves between them, who may make them, what they need, and why they may be made.

One declaration a case type. Commands obey it, the interface offers what it allows, `docs/life-cycles.md` draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.intake.casework.forms import Form
from shared.access import Actor, Role, spoken
from shared.errors import Conflict, NotAllowed

CASE_WORK = frozenset({Role.CASE_WORKER, Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER})
MANAGERS = frozenset({Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER})


@dataclass(frozen=True)
class Happened:
    """Something in a case's history: a move or a deed, by whom, with the coded facts recorded with it."""

    name: str
    by: UUID | None
    facts: Mapping[str, Any] = field(default_factory=dict)


class History:
    """What happened to a case, oldest first; what needs are checked against."""

    def __init__(self, happened: Iterable[Happened]) -> None:
        self._happened = tuple(happened)

    def all(self, name: str, **facts: Any) -> Sequence[Happened]:
        """Every move or deed of that name whose facts are as given."""
        return [h for h in self._happened if h.name == name and all(h.facts.get(k) == v for k, v in facts.items())]

    def last(self, name: str) -> Happened | None:
        """The newest of that name."""
        found = self.all(name)
        return found[-1] if found else None

    def since(self, name: str) -> History:
        """What came after the newest of that name; everything when there is none."""
        places = [number for number, one in enumerate(self._happened) if one.name == name]
        return History(self._happened[places[-1] + 1 :]) if places else self


@dataclass(frozen=True)
class Need:
    """A condition of a move or deed. `sentence` says what must be done first, to the person who is refused."""

    name: str
    sentence: str
    met: Callable[[History, Actor], bool]


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
    while_closed: bool = False


@dataclass(frozen=True)
class Move:
    """A transition. With `reasons`, one of these codes must be given."""

    name: str
    title: str
    sources: tuple[str, ...]
    target: str
    roles: frozenset[Role] = CASE_WORK
    reasons: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)
    """Reason code → what that reason needs beside `needs`."""
    needs: tuple[Need, ...] = ()


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

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Every move that leaves a state, whoever may make it."""
        return tuple(move for move in self.moves if state in move.sources)

    def move(self, name: str, state: str, actor: Actor, history: History, reason: str | None) -> Move:
        """The move of that name, if it may be made now by this actor for this reason.

        Raises `Conflict` (it does not leave this state, its need is not met, its reason is not one) and names what
        would be possible; `NotAllowed` for the role.
        """
        possible = self.moves_from(state)
        found = next((move for move in possible if move.name == name), None)
        if found is None:
            names = ", ".join(sorted(move.name for move in possible)) or "nothing"
            raise Conflict(f"A case that is {state} does not {name}: possible now: {names}.")
        _check_roles(found.roles, actor)
        if found.reasons and reason not in found.reasons:
            raise Conflict(f"To {name}, give one of these reasons: {', '.join(found.reasons)}.")
        if not found.reasons and reason is not None:
            raise Conflict(f"To {name} needs no reason.")
        _check_needs((*found.needs, *found.reasons.get(reason or "", ())), history, actor)
        return found

    def deed(self, name: str, state: str, actor: Actor, history: History) -> Deed:
        """The deed of that name, if it may be recorded now by this actor. Raises as `move` does."""
        found = next((deed for deed in self.deeds if deed.name == name), None)
        if found is None:
            names = ", ".join(deed.name for deed in self.deeds) or "nothing"
            raise Conflict(f"{name} cannot be recorded on such a case: possible are: {names}.")
        if state in self.closed and not found.while_closed:
            raise Conflict("The case is closed: reopen it first.")
        _check_roles(found.roles, actor)
        _check_needs(found.needs, history, actor)
        return found


def _check_roles(roles: frozenset[Role], actor: Actor) -> None:
    if actor.roles.isdisjoint(roles):
        raise NotAllowed(f"Your role may not do this: ask {spoken(roles)} of your organisation.")


def _check_needs(needs: Iterable[Need], history: History, actor: Actor) -> None:
    for need in needs:
        if not need.met(history, actor):
            raise Conflict(need.sentence)


def recorded(name: str, sentence: str, times: int = 1, **facts: Any) -> Need:
    """A need: the deed of that name was recorded at least so often, with these facts."""
    return Need(name, sentence, lambda history, _actor: len(history.all(name, **facts)) >= times)


def by_another(name: str, sentence: str, **facts: Any) -> Need:
    """A need: somebody else than the actor recorded the deed (two people)."""
    return Need(
        f"{name}_by_another",
        sentence,
        lambda history, actor: any(
            one.by is not None and one.by != actor.user_id for one in history.all(name, **facts)
        ),
    )
