"""Cases with people in them, for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from tests.intake.conftest import Intake


def person(*names: str, **known: Any) -> dict[str, Any]:
    """A person with a main name and other spellings."""
    kinds = ["main" if number == 0 else "other_spelling" for number in range(len(names))]
    return {"names": [{"full": name, "kind": kind} for name, kind in zip(names, kinds, strict=True)], **known}


def request_for(*sought: dict[str, Any], enquirer: str = "Halima Enquirer", **details: Any) -> dict[str, Any]:
    """A tracing request."""
    people = [{"role": "enquirer", "person": person(enquirer)}]
    people += [{"role": "sought", "person": one} for one in sought]
    return {"type": "tracing_request", "details": {"relationship": "parent", **details}, "people": people}


def submitted(intake: Intake, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    """The answer to a case that is taken in."""
    answer = intake.post(body, key=key)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def token(keys: KeyRing, organisation: Actor, *roles: Role, user_id: UUID | None = None) -> str:
    """The token of a person of the organisation with these roles."""
    return issue_token(keys, Actor(organisation.organisation_id, roles=frozenset(roles), user_id=user_id))
