"""Forms filled at random, and actors of random roles. Every choice comes from `rng`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from services.intake.casework.forms import Form
from services.intake.casework.questions import Question, questions
from shared.access import Actor, Role

ROLES = tuple(Role)
CASE_ROLES = (Role.CASE_WORKER, Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER)


def filled(form: type[Form], rng: Random, people: list[str], cases: list[str]) -> Any:
    """A valid form with everything that is needed and some of what is not."""
    return form.model_validate(_answers(questions(form), rng, people, cases))


def somebody(rng: Random, organisation: UUID, users: list[UUID]) -> Actor:
    """An actor of the organisation: mostly of a case work role, sometimes of another, sometimes its system."""
    roles = rng.sample(CASE_ROLES, rng.randint(1, 2)) if rng.random() < 0.9 else [rng.choice(ROLES)]
    return Actor(organisation, roles=frozenset(roles), user_id=rng.choice([*users, None]))


def _answers(asked: tuple[Question, ...], rng: Random, people: list[str], cases: list[str]) -> dict[str, Any]:
    given = [one for one in asked if one.needed or rng.random() < 0.4]
    answers = {one.name: _answer(one, rng, people, cases) for one in given}
    return {name: value for name, value in answers.items() if value is not None}


def _answer(one: Question, rng: Random, people: list[str], cases: list[str]) -> Any:
    many = one.kind in {"choices", "texts", "languages", "forms"}
    several = [_single(one, rng, people, cases) for _ in range(1 if one.kind == "forms" else rng.randint(1, 2))]
    return several if many else several[0]


def _single(one: Question, rng: Random, people: list[str], cases: list[str]) -> Any:
    today = datetime.now(UTC)
    match one.kind:
        case "choice" | "choices":
            return rng.choice(list(one.codes))
        case "form" | "forms":
            return _answers(one.questions, rng, people, cases)
        case "person":
            return rng.choice(people) if people else None
        case "case":
            return rng.choice(cases)
        case "yes_no":
            return rng.random() < 0.5
        case "number":
            return rng.randint(1, 50)
        case "day":
            return (today - timedelta(days=rng.randint(0, 900))).date().isoformat()
        case "moment" | "appointment":
            return today.replace(hour=rng.choice((9, 14)), minute=0, second=0, microsecond=0).isoformat()
        case "service":
            return str(UUID(int=rng.getrandbits(128)))
        case "country" | "place":
            return rng.choice(["ITA", "LBY", "GRC"])
        case "language" | "languages":
            return rng.choice(["ti", "ar", "fr"])
        case _:
            return "appeal_26" if one.name == "grant" else rng.choice(["A1", "LAB/7-2"])
