"""What notify does about intake's facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.notify import commands
from services.notify.domain import OrganisationName, PersonBasis, RefusedRow
from services.notify.domain.messages import PASSED
from shared.database import put_row, table_of
from shared.events import ImportFinished, ImportRowRefused, Logged, OrganisationRegistered, PersonErased
from shared.messaging.consumer import Handlers, many
from shared.person_basis import confirm_erasure, erase_from, projections_into


def know_organisation(session: Session, registered: Logged[OrganisationRegistered]) -> None:
    """Messages can be addressed."""
    event = registered.event
    names = {"short_name": event.short_name, "name": event.name}
    put_row(session, table_of(OrganisationName), organisation_id=event.organisation_id, **names)


def keep_refused_row(session: Session, refused: Logged[ImportRowRefused]) -> None:
    """The row waits for the message about its import."""
    event = refused.event
    session.add(RefusedRow(import_id=event.import_id, row=event.row, field=event.field, reason=event.reason))
    session.flush()


def tell_organisation(session: Session, finished: Logged[ImportFinished]) -> None:
    """One message tells the organisation what became of its file."""
    commands.tell_import_finished(session, finished)


def tell_both_sides(session: Session, passed: Sequence[Logged[Any]]) -> None:
    """The organisations learn what happened to what passes between them, and what is asked of them."""
    commands.tell_both_sides(session, passed)


PROJECTIONS: Handlers = {
    **projections_into(table_of(PersonBasis)),
    OrganisationRegistered: know_organisation,
    ImportRowRefused: keep_refused_row,
}
PROJECTED = (table_of(OrganisationName), table_of(RefusedRow), table_of(PersonBasis))
"""The tables that the projections make, and a rebuild makes anew."""
REACTIONS: Handlers = {
    PersonErased: confirm_erasure,
    ImportFinished: tell_organisation,
    **dict.fromkeys(PASSED, many(tell_both_sides)),
}
erase_again = erase_from(table_of(PersonBasis))
