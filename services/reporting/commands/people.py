"""Who answers for what: people with a role, never a system."""

from __future__ import annotations

from uuid import UUID

from shared.access import MAY, Act, Actor, require
from shared.errors import NotAllowed


def answering(actor: Actor, act: Act) -> tuple[UUID, str]:
    """(the user, the role in which they act), of somebody who may do this. Raises `NotAllowed`, also for a system."""
    require(actor, act)
    if actor.user_id is None:
        raise NotAllowed("People answer for this: a client system can prepare it, and a person signs in to do it.")
    return actor.user_id, min(MAY[act] & actor.roles).value.replace("_", " ")
