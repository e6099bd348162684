"""The service directory is kept: entries are added, changed, confirmed, withdrawn, brought back.

No fact of it is published (decision 20): nobody outside intake would do anything with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.service_directory import ServiceIn
from services.intake.domain import Organisation, ServiceEntry
from services.intake.domain.directory import confirmer
from services.intake.queries.directory import kept_service
from shared.access import Act, Actor, require
from shared.database import utc_now, uuid7
from shared.errors import FieldError, InvalidInput, Stale


def add_service(session: Session, actor: Actor, service: ServiceIn, *, now: datetime | None = None) -> ServiceEntry:
    """Put a service into the directory; the actor's organisation keeps the entry. To add it is to confirm it.

    Raises `InvalidInput` for a provider that is no member of the hub, `NotAllowed` for a role that keeps no directory
    and for an authority.
    """
    require(actor, Act.KEEP_DIRECTORY)
    keeper = queries.member(session, actor.organisation_id)
    moment = now or utc_now()
    entry = ServiceEntry(
        id=uuid7(),
        organisation_id=keeper.id,
        version=1,
        **_content(session, keeper.id, service),
        created_at=moment,
        changed_at=moment,
        confirmed_at=moment,
        confirmed_by=actor.user_id,
        confirmed_as=confirmer(actor),
    )
    session.add(entry)
    session.flush()
    return entry


def change_service(
    session: Session,
    actor: Actor,
    service_id: UUID,
    service: ServiceIn,
    expected: int | None,
    *,
    now: datetime | None = None,
) -> ServiceEntry:
    """Write an entry anew, whole, as it is now; that confirms it too.

    `expected` is the version that was read, None for any. Raises `NotFound` for an entry that another keeps, `Stale`,
    `Conflict` for a withdrawn one, `InvalidInput` as `add_service`.
    """

    def write(entry: ServiceEntry, moment: datetime) -> None:
        entry.write(actor, _content(session, entry.organisation_id, service), moment)

    return _changed(session, actor, service_id, expected, now, write)


def confirm_service(
    session: Session, actor: Actor, service_id: UUID, expected: int | None, *, now: datetime | None = None
) -> ServiceEntry:
    """Say that an entry is still right. Raises as `change_service`."""
    return _changed(session, actor, service_id, expected, now, lambda entry, moment: entry.confirm(actor, moment))


def withdraw_service(
    session: Session, actor: Actor, service_id: UUID, expected: int | None, *, now: datetime | None = None
) -> ServiceEntry:
    """Take a service off the list. Nothing is deleted. Raises as `change_service`."""
    return _changed(session, actor, service_id, expected, now, lambda entry, moment: entry.withdraw(actor, moment))


def bring_service_back(session: Session, actor: Actor, service_id: UUID, expected: int | None) -> ServiceEntry:
    """Undo a withdrawal. Raises as `change_service`."""
    return _changed(session, actor, service_id, expected, None, lambda entry, _: entry.bring_back())


def _changed(
    session: Session,
    actor: Actor,
    service_id: UUID,
    expected: int | None,
    now: datetime | None,
    change: Callable[[ServiceEntry, datetime], None],
) -> ServiceEntry:
    entry = kept_service(session, actor, service_id, lock=True)
    if expected is not None and entry.version != expected:
        raise Stale("This service was changed since you read it. Look at it again, and decide anew.")
    change(entry, now or utc_now())
    entry.version += 1
    session.flush()
    return entry


def _content(session: Session, keeper_id: UUID, service: ServiceIn) -> dict[str, Any]:
    provider_id = service.provider_id or keeper_id
    provider = session.get(Organisation, provider_id)
    if provider is None or not provider.is_member():
        message = "The provider must be an organisation of this hub; an authority provides nothing here."
        raise InvalidInput(message, (FieldError("#/provider_id", "provider", message),))
    return {**service.model_dump(mode="json"), "provider_id": provider_id}
