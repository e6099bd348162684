"""What notify makes anew when the master key was rotated, beside the data keys."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.notify.commands.contacts import index_anew
from services.notify.commands.report_readers import index_readers_anew
from shared.database import transaction
from shared.operators.keys import Renewals


def _renew_addresses(engine: Engine) -> int:
    """Index how families are reached under the current key, so that what they write still finds them; returns how many
    contacts it was not under."""
    return _each(engine, index_anew)


def _renew_readers(engine: Engine) -> int:
    """Likewise the addresses of the readers of reports, so that who ended is known."""
    return _each(engine, index_readers_anew)


def _each(engine: Engine, index: Callable[[Session, UUID], tuple[list[UUID], int]]) -> int:
    done, after = 0, UUID(int=0)
    while True:
        with transaction(engine) as session:
            looked_at, renewed = index(session, after)
        if not looked_at:
            return done
        done, after = done + renewed, looked_at[-1]


RENEWALS: Renewals = {"family addresses": _renew_addresses, "readers of reports": _renew_readers}
