"""Facts about files that organisations bring in."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.envelope import Event


class ImportCounts(BaseModel):
    """What became of the rows of one file."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    rows: int
    accepted: int
    unchanged: int
    refused: int


class ImportFinished(Event):
    """A file was read to its end; every row was accepted, already known, or refused by name."""

    TYPE: ClassVar[str] = "import.finished"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)
    SUBJECT: ClassVar[str] = "import_id"

    import_id: UUID
    counts: ImportCounts
    file_name: str


class ImportRowRefused(Event):
    """One row of a file was refused: which row, which field, which reason; never the value."""

    TYPE: ClassVar[str] = "import.row_refused"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)
    SUBJECT: ClassVar[str] = "import_id"

    import_id: UUID
    row: int
    field: str
    reason: str
