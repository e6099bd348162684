"""Photos and documents of cases, for whom the case is shown to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.domain import Attachment, Case
from shared.depot import OpenDepot
from shared.errors import NotFound
from shared.vault import DataKey, vault_of

CONTENT, TITLE, WRAPPED = "attachment.content", "attachment.title", "attachment.wrapped"
"""What binds a cipher text to its place, beside its owner."""


@dataclass(frozen=True)
class Attached:
    """An attachment with its title."""

    row: Attachment
    title: str


@dataclass(frozen=True)
class Opened:
    """An attachment about to be read: its bytes are fetched once the transaction is over."""

    attachment_id: UUID
    media_type: str
    depot_name: str
    key: DataKey

    def content(self, depot: OpenDepot) -> bytes:
        """The bytes; raises `NotFound` where the depot has lost them, `DepotFailed`, `Undecipherable`."""
        sealed = depot.get(self.depot_name)
        if sealed is None:
            raise NotFound("The file is no longer where it was kept: tell the operator of this installation.")
        return self.key.decrypt(sealed, CONTENT)


def owner_of(attachment: Attachment) -> UUID:
    """Whose key its key is encrypted under: the person's, or the case's where it tells of the case as a whole."""
    return attachment.person_id or attachment.case_id


def attachments(session: Session, case: Case) -> list[Attached]:
    """Those of a case that was read through `queries.case`, and of its duplicates, the oldest first. The caller records
    the view: a title may name somebody."""
    return told(session, _found(session, case))


def told(session: Session, rows: Sequence[Attachment]) -> list[Attached]:
    """Rows with their titles. The caller has made sure that they may be seen."""
    keys = vault_of(session).open(session, {owner_of(one) for one in rows})
    return [
        Attached(one, keys[owner_of(one)].decrypt(one.title, TITLE).decode())
        for one in rows
        if one.title is not None and owner_of(one) in keys
    ]


def attachment(session: Session, case: Case, attachment_id: UUID) -> Attachment:
    """One of them; raises `NotFound`, also for one that was removed or erased."""
    found = next((one for one in _found(session, case) if one.id == attachment_id), None)
    if found is None:
        raise NotFound("There is no such photo or document in this case.")
    return found


def content_secret(session: Session, row: Attachment) -> bytes:
    """The secret of the key of its bytes; raises `NotFound` once erased."""
    owner = vault_of(session).open(session, [owner_of(row)]).get(owner_of(row))
    if owner is None or row.wrapped is None:
        raise NotFound("There is no such photo or document in this case.")
    return owner.decrypt(row.wrapped, WRAPPED)


def opened(session: Session, row: Attachment) -> Opened:
    """What is needed to read it. The caller records the view."""
    if row.depot_name is None:
        raise NotFound("There is no such photo or document in this case.")
    return Opened(row.id, row.media_type, row.depot_name, DataKey(row.id, content_secret(session, row)))


def offerable(session: Session, case: Case) -> list[Attached]:
    """Those of a case, read through `queries.case`, that may be chosen for a referral at all.

    They show an adult whom the case is about, and whom others may know of: no minor, who is known by initials outside,
    no third person, who is masked, and nothing of the case as a whole, which may show anyone.
    """
    kind = CASE_TYPES[case.type]
    known = {
        one.person.id
        for one in queries.people(session, case)
        if one.known is not None
        and not one.person.minor
        and not one.known.share_with_nobody
        and one.role in kind.people
        and kind.people[one.role].principal
    }
    return [one for one in attachments(session, case) if one.row.person_id in known]


def told_of(session: Session, case: Case, chosen: Collection[UUID], people: Collection[UUID]) -> list[dict[str, Any]]:
    """Of what was chosen what may be shared of these people, as the receiver reads of it."""
    if not chosen:
        return []
    return [
        {"id": str(one.row.id), "kind": one.row.kind, "media_type": one.row.media_type, "title": one.title}
        for one in offerable(session, case)
        if one.row.id in chosen and one.row.person_id in people
    ]


def shown_in(session: Session, case: Case, row: Attachment) -> list[UUID]:
    """Who is seen when it is opened: whom it shows, or everybody of the case where it tells of the case as a whole."""
    if row.person_id is not None:
        return [row.person_id]
    return [one.person.id for one in queries.people(session, case)]


def _found(session: Session, case: Case) -> Sequence[Attachment]:
    statement = select(Attachment).where(
        Attachment.case_id.in_(queries.together(case)), Attachment.wrapped.is_not(None), Attachment.removed_at.is_(None)
    )
    return session.scalars(statement.order_by(Attachment.added_at, Attachment.id)).all()
