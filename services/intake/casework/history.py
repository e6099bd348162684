"""What happened to a case, and the needs of moves and deeds that are checked against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.access import Actor


@dataclass(frozen=True)
class Happened:
    """Something in a case's history: a move or a deed, by whom, with the coded facts recorded with it."""

    name: str
    by: UUID | None
    """The user; None for an organisation's system, which counts as no person."""
    facts: Mapping[str, Any] = field(default_factory=dict)


class History:
    """What happened to a case, oldest first; what needs are checked against."""

    def __init__(self, happened: Iterable[Happened]) -> None:
        self._happened = tuple(happened)

    def __iter__(self) -> Iterator[Happened]:
        return iter(self._happened)

    def all(self, name: str, **facts: Any) -> Sequence[Happened]:
        """Every move or deed of that name whose facts are as given."""
        return [h for h in self._happened if h.name == name and all(h.facts.get(k) == v for k, v in facts.items())]

    def last(self, name: str, **facts: Any) -> Happened | None:
        """The newest of that name whose facts are as given."""
        found = self.all(name, **facts)
        return found[-1] if found else None

    def since(self, *names: str, **facts: Any) -> History:
        """What came after the newest of those names whose facts are as given; everything when there is none."""
        places = [
            number
            for number, one in enumerate(self._happened)
            if one.name in names and all(one.facts.get(k) == v for k, v in facts.items())
        ]
        return History(self._happened[places[-1] + 1 :]) if places else self

    def about(self, person: str | None) -> History:
        """What is about that person."""
        return History(one for one in self._happened if one.facts.get("about") == person)


@dataclass(frozen=True)
class Asked:
    """What is asked for: by whom and, for a deed, the coded facts that would be recorded."""

    actor: Actor
    facts: Mapping[str, Any] = field(default_factory=dict)
    child: bool = False
    """The person whom it is about may be under 18."""

    @property
    def about(self) -> str | None:
        """The id of the person whom it is about."""
        return self.facts.get("about")


@dataclass(frozen=True)
class Need:
    """A condition of a move or deed. `sentence` says what must be done first, to the person who is refused."""

    name: str
    sentence: str
    met: Callable[[History, Asked], bool]
    of_what_is_asked: bool = False
    """It looks at what is being recorded, or about whom, so that nothing can be said of it beforehand."""


REOPEN = "reopen"
"""The move that opens a closed case again, in every life cycle: what was done before does not close it once more."""


def recorded(name: str, sentence: str, times: int = 1, **facts: Any) -> Need:
    """A need: the deed of that name was recorded at least so often, with these facts, since the case was opened."""
    return Need(
        f"{name}_recorded",
        sentence,
        lambda history, _asked: len(history.since(REOPEN).all(name, **facts)) >= times,
    )


def newest(name: str, sentence: str, **facts: Any) -> Need:
    """A need: the newest deed of that name has these facts. A newer one with others overrides it."""

    def met(history: History, _asked: Asked) -> bool:
        last = history.last(name)
        return last is not None and all(last.facts.get(key) == value for key, value in facts.items())

    return Need(f"{name}_stands", sentence, met)


def by_another(name: str, sentence: str, same_person: bool = False) -> Need:
    """A need: the newest deed of that name was recorded by another person than who acts now: two people, no system.

    With `same_person`, the newest about the person whom it is about.
    """

    def met(history: History, asked: Asked) -> bool:
        last = (history.about(asked.about) if same_person else history).last(name)
        return is_another(last, asked.actor)

    return Need(f"{name}_by_another", sentence, met, of_what_is_asked=same_person)


def is_another(happened: Happened | None, actor: Actor) -> bool:
    """True where a person did it, and another person acts now."""
    return happened is not None and happened.by is not None and actor.user_id not in {None, happened.by}
