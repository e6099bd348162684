"""The master key is rotated: what families write finds them before, between and after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select

from services.notify.admin.keys import RENEWALS
from services.notify.commands.contacts import contacts_at
from services.notify.domain import Base, FamilyContact
from shared.crypto import KeyRing
from shared.database import transaction
from shared.messaging.log import open_ledger
from shared.operators.keys import rewrap
from tests.notify.families import NUMBER, Families

NEW = bytes(range(32, 64))


def found(families: Families) -> int:
    with transaction(families.engine) as session:
        return len(contacts_at(session, NUMBER))


def test_a_family_is_found_by_its_number_under_every_key(database: Callable[[str], Engine], keys: KeyRing) -> None:
    families = Families(database, keys)
    families.family()
    families.family()
    assert found(families) == 2
    open_ledger(families.engine, "notify", KeyRing((NEW, *keys.masters)))
    assert found(families) == 2
    assert rewrap(families.engine, Base.metadata, RENEWALS)["family addresses"] == 2
    assert rewrap(families.engine, Base.metadata, RENEWALS)["family addresses"] == 0
    open_ledger(families.engine, "notify", KeyRing((NEW,), {keys.current: KeyRing.event_key(keys.masters[0])}))
    assert found(families) == 2


@pytest.mark.parametrize("broken", [b"", b"changed by somebody" * 3])
def test_a_contact_that_does_not_open_keeps_back_no_other(
    sqlite: Callable[[str], Engine], keys: KeyRing, broken: bytes
) -> None:
    families = Families(sqlite, keys)
    families.family()
    families.family()
    with transaction(families.engine) as session:
        session.scalars(select(FamilyContact).order_by(FamilyContact.id)).first().sealed = broken  # type: ignore[union-attr]
    open_ledger(families.engine, "notify", KeyRing((NEW, *keys.masters)))
    assert rewrap(families.engine, Base.metadata, RENEWALS)["family addresses"] == 1
