"""The personal text that was recorded with changes of a case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.domain import Case, TimelineEntry
from shared.vault import vault_of


def notes_of(session: Session, case: Case, entries: Sequence[TimelineEntry]) -> Mapping[int, dict[str, Any]]:
    """Number of the entry → field → text, for a case that was read through `queries.case`. Erased text is missing."""
    owners: set[UUID] = {entry.case_id for entry in entries if entry.note is not None}
    keys = vault_of(session).open(session, owners)
    return {
        entry.number: json.loads(keys[entry.case_id].decrypt(entry.note, "timeline_entry.note"))
        for entry in entries
        if entry.note is not None and entry.case_id in keys and entry.case_id == case.id
    }
