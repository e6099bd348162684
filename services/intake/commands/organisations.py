"""Organisations join the hub; authorities are registered so that they can be named."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain import Organisation
from services.intake.domain.organisation import AUTHORITY, KINDS
from shared.database import utc_now, uuid7
from shared.errors import Conflict, FieldError, InvalidInput
from shared.events import OrganisationRegistered
from shared.messaging.log import record

_SHORT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def register_organisation(session: Session, *, short_name: str, name: str, kind: str) -> Organisation:
    """Register a member of the hub, or an authority, so that it can be named: that one is not announced.

    Raises `Conflict` when the short name is taken.
    """
    if not _SHORT_NAME.fullmatch(short_name) or len(short_name) > 40:
        raise InvalidInput(
            "A short name has up to 40 lower-case letters, digits and single hyphens, for example red-cross-xy.",
            (FieldError("short_name", "form", "Use lower-case letters, digits and hyphens."),),
        )
    if kind not in KINDS:
        raise InvalidInput(
            f"An organisation is one of: {', '.join(KINDS)}.",
            (FieldError("kind", "unknown", "There is no such kind of organisation."),),
        )
    taken = session.scalar(select(Organisation.id).where(Organisation.short_name == short_name))
    if taken is not None:
        raise Conflict("That short name is taken: choose another.")
    organisation = Organisation(id=uuid7(), short_name=short_name, name=name, kind=kind, registered_at=utc_now())
    session.add(organisation)
    session.flush()
    if kind != AUTHORITY:  # it takes no part, so no other service needs to know of it
        record(
            session,
            OrganisationRegistered.model_validate(
                {"organisation_id": organisation.id, "kind": kind, "name": name, "short_name": short_name}
            ),
        )
    return organisation
