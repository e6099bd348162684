"""A photo or document is received: looked at, cleaned, encrypted, put into the depot; only then does a row need it.

Each step leaves nothing half done: what a crash leaves in the depot is noted before it is put there, and collected.
"""

from __future__ import annotations

import os

from sqlalchemy import Engine

from services.intake.cleaning.cleaner import cleaned, refused
from services.intake.commands.attachments import Kept, note_arriving
from services.intake.queries.attachments import CONTENT
from shared.access import Actor, act_as
from shared.database import transaction, uuid7
from shared.depot import depot_for, fresh_depot_name
from shared.vault import KEY_BYTES, DataKey


def kept(engine: Engine, actor: Actor, file: bytes | None) -> Kept:
    """The file in the depot, cleaned and under a fresh key. To be called outside of a transaction: it takes a second.

    Raises `InvalidInput` for a file that is not kept, `DepotFailed` for a depot that fails.
    """
    if file is None:
        raise refused("empty")
    depot = depot_for(engine)
    clean = cleaned(file, depot.most)
    found = Kept(
        uuid7(), clean.kind, clean.media_type, len(clean.content), file, fresh_depot_name(), os.urandom(KEY_BYTES)
    )
    with transaction(engine) as session:
        act_as(session, actor)
        note_arriving(session, actor, found.depot_name)
    depot.put(found.depot_name, DataKey(found.id, found.secret).encrypt(clean.content, CONTENT))
    return found
