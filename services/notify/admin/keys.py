"""What notify makes anew when the master key was rotated, beside the data keys."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine

from services.notify.commands.contacts import index_anew
from shared.database import transaction
from shared.operators.keys import Renewals


def _renew_addresses(engine: Engine) -> int:
    """Index how families are reached under the current key, so that what they write still finds them; returns how many
    contacts it was not under."""
    done, after = 0, UUID(int=0)
    while True:
        with transaction(engine) as session:
            looked_at, renewed = index_anew(session, after)
        if not looked_at:
            return done
        done, after = done + renewed, looked_at[-1]


RENEWALS: Renewals = {"family addresses": _renew_addresses}
