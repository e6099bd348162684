"""50,000 random questions of one organisation about another's records find nothing, on each database."""

from __future__ import annotations

import dataclasses
import inspect
import pkgutil
import random
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import true
from sqlalchemy.orm import DeclarativeBase, Session

from services.intake import queries
from shared import access
from shared.access import Actor, Role, act_as
from shared.database import transaction
from shared.errors import DomainError
from tests.intake.access.conftest import CANARY, LABEL, SIGN_IN_NAME, Holder
from tests.intake.people import person, request_for, submitted

QUESTIONS = 50_000
"""On each database."""
A_TRANSACTION = 250
NOT_ASKED = {
    *("alike_cases", "cases_seen", "merged_here", "opened_by", "services", "service", "shown", "worked_on_instead"),
}
"""About cases that are just coming in (see `test_duplicates`); about a person, a case or a referral that another
question has found; the service directory, which everybody reads."""


def modules() -> list[types.ModuleType]:
    found = [import_module(f"{queries.__name__}.{one.name}") for one in pkgutil.iter_modules(queries.__path__)]
    return [queries, *found]


@cache
def questions() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Every function of the queries that asks for an actor, with the types of what else it asks for."""
    found = {}
    for module in modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            asked = list(inspect.signature(function).parameters)
            own = function.__module__ == module.__name__ and not name.startswith("_") and name not in NOT_ASKED
            if own and asked[:2] == ["session", "actor"]:
                hints = typing.get_type_hints(function)
                found[f"{module.__name__}.{name}"] = (function, {one: hints[one] for one in asked[2:]})
    return found


class Guesser:
    """Makes arguments out of what belongs to the other organisation."""

    def __init__(self, holder: Holder, secrets: set[str], seed: int) -> None:
        self.dice = random.Random(seed)
        known = secrets | {holder.known["service_id"]}
        ids = [UUID(one) for one in known if one.count("-") == 4 and len(one) == 36]
        self._ids = sorted(ids)
        references = [holder.known["reference"], holder.known["gone_reference"]]
        self._texts = [CANARY, LABEL, SIGN_IN_NAME, *references, "tracing_request", "SYR", "tracing"]

    def of(self, kind: Any) -> Any:
        """A value of a type. Fails for a type it has never seen: teach it here."""
        if typing.get_origin(kind) in (typing.Union, types.UnionType):
            chosen = self.dice.choice(typing.get_args(kind))
            return None if chosen is type(None) else self.of(chosen)
        if typing.get_origin(kind) is typing.Literal:
            return self.dice.choice(typing.get_args(kind))
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            hints = _hints(kind)
            return kind(**{field.name: self.of(hints[field.name]) for field in dataclasses.fields(kind)})
        if typing.get_origin(kind) is tuple:
            return tuple(self.of(one) for one in typing.get_args(kind))
        if typing.get_origin(kind) in (Iterable, Sequence, Collection, list):
            return [self.of(typing.get_args(kind)[0]) for _ in range(self.dice.randint(0, 4))]
        makers: dict[Any, Callable[[], Any]] = {
            UUID: lambda: self.dice.choice(self._ids),
            str: lambda: self.dice.choice(self._texts),
            int: lambda: self.dice.randint(1, 100),
            bool: lambda: self.dice.random() < 0.5,
            bytes: lambda: self.dice.randbytes(32),
            date: lambda: date(2024, self.dice.randint(1, 12), 1),
            datetime: lambda: datetime(2100, self.dice.randint(1, 12), 1, tzinfo=UTC),
        }
        return makers[kind]()


_hints = cache(typing.get_type_hints)


def words_in(answer: Any) -> Iterator[str]:
    """Every id and text of an answer."""
    if isinstance(answer, (str, UUID)):
        yield str(answer)
    elif dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        for field in dataclasses.fields(answer):
            yield from words_in(getattr(answer, field.name))
    elif isinstance(answer, Mapping):
        for pair in answer.items():
            yield from words_in(pair)
    elif isinstance(answer, Sequence) and not isinstance(answer, bytes):
        for one in answer:
            yield from words_in(one)
    elif isinstance(answer, DeclarativeBase):
        yield from words_in(vars(answer))


def ask(holder: Holder, number: int, secrets: set[str], seed: int = 7, *, only: str | None = None) -> tuple[int, int]:
    """Ask that many questions, of all or `only` of one. Returns (how many found something, how many found one of the
    secrets). The second lock is on for half of them; for `only` one it is off."""
    everything = questions()
    assert len(everything) > 15
    guesser, asked = Guesser(holder, secrets, seed), list(everything.values()) if only is None else [everything[only]]
    own = str(holder.actor.organisation_id)
    found = leaked = 0
    for first in range(0, number, A_TRANSACTION):
        role = guesser.dice.choice([*Role, None, None]) if only is None else None
        roles = frozenset(Role) - {Role.OPERATOR} if role is None else frozenset({role})
        actor = Actor(holder.intake.other.organisation_id, role is Role.OPERATOR, roles, UUID(int=first))
        with transaction(holder.intake.engine) as session:
            if only is None and guesser.dice.random() < 0.5:
                act_as(session, actor)
            for _ in range(min(A_TRANSACTION, number - first)):
                answer = _answer(session, actor, guesser, *guesser.dice.choice(asked))
                words = set(words_in(answer))
                counted = isinstance(answer, int) and answer > 0  # the asker has nothing to count
                found += bool(words)
                leaked += counted or own in words or not secrets.isdisjoint(words)
            session.expunge_all()
    return found, leaked


def _answer(
    session: Session, actor: Actor, guesser: Guesser, question: Callable[..., Any], kinds: dict[str, Any]
) -> Any:
    arguments = {name: guesser.of(kind) for name, kind in kinds.items()}
    try:
        return question(session, actor, **arguments)
    except DomainError:
        return None


@pytest.fixture
def both(holder: Holder, stranger: UUID) -> Holder:
    """The other organisation has a case and a user too, so that there is something to find."""
    submitted(holder.intake, request_for(person("Ours")), holder.intake.other_key)
    return holder


def test_random_questions_about_another_organisations_records_find_nothing(both: Holder) -> None:
    found, leaked = ask(both, QUESTIONS, both.secrets())
    assert found > QUESTIONS / 200
    assert leaked == 0


OF_ONE_USER = {"drafts.drafts", "drafts.draft", "work.urgent"}
"""Ask for rows of the very user who asks: a forgotten organisation alone shows nothing."""
LOCKED_TWICE = {"duplicates.warnings", "duplicates.warning_count", "names.find_by_name", "agreements.covering"}
"""Name the organisation in another condition too."""
CONDITIONED_OTHERWISE = {"queries.import_of_file", "access.own_user"}
"""Compare the organisation themselves, without `visible_to`."""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_question_that_forgets_the_organisation_would_be_noticed(
    both: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one database: it is the questions above that are tried, with PostgreSQL's second lock off."""
    forgot: set[str] = set()

    def everybody(_actor: Actor, _organisation: Any) -> Any:
        forgot.add(name)
        return true()

    for module in (access, *modules()):
        if hasattr(module, "visible_to"):
            monkeypatch.setattr(module, "visible_to", everybody)
    unnoticed, secrets = set(), both.secrets()
    everything = {".".join(name.split(".")[-2:]): name for name in questions()}
    for name, whole in everything.items():
        if not any(ask(both, 10, secrets, seed, only=whole)[1] for seed in range(30)):
            unnoticed.add(name)
    assert set(everything) - forgot == CONDITIONED_OTHERWISE
    assert unnoticed == OF_ONE_USER | LOCKED_TWICE | CONDITIONED_OTHERWISE
