"""What is asked for twice under one `Idempotency-Key` is done once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from services.intake.commands.answers import amend_answer, answer_for, earlier_answer
from shared.access import Actor


def done_once(
    session: Session, actor: Actor, key: str | None, request: object, act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """The answer of `act`; or, where the key was taken before, the answer that was given then, and nothing is done.

    The key is reserved first, in the same transaction: who asks at the same time waits, and a refusal leaves it free.
    Raises `Conflict` when the key came with another request.
    """
    if key is None:
        return act()
    if answer_for(session, actor, key, request, {}).taken(session):
        return earlier_answer(session, actor, key, request)
    answer = act()
    amend_answer(session, actor, key, answer)
    return answer
