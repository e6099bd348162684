"""The personal text that was recorded with changes of a case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.domain import TimelineEntry
from shared.vault import vault_of


def notes_of(session: Session, entries: Sequence[TimelineEntry]) -> Mapping[tuple[UUID, int], dict[str, Any]]:
    """(case, number of the entry) → field → text, for a timeline that was read through `queries.timeline`.

    Each note opens with its own case's key: of merged cases, one may be erased and another not. Erased text is missing.
    """
    owners: set[UUID] = {entry.case_id for entry in entries if entry.note is not None}
    keys = vault_of(session).open(session, owners)
    return {
        (entry.case_id, entry.number): json.loads(keys[entry.case_id].decrypt(entry.note, "timeline_entry.note"))
        for entry in entries
        if entry.note is not None and entry.case_id in keys
    }
