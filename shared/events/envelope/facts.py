"""What a fact is, before it is laid out: its type, its subject, and the partition of that."""

from __future__ import annotations

import hashlib
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

PARTITIONS = 8


class Event(BaseModel):
    """Base of all facts. Frozen and versioned; optional fields may be added, nothing is ever repurposed.

    `SUBJECT` names the field whose id is the event's subject: events of one subject are applied in order.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True)

    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1
    SOURCES: ClassVar[tuple[str, ...]]
    SUBJECT: ClassVar[str] = "case_id"
    SEALED_TO: ClassVar[str | None] = None
    """The one service that may read the field `sealed`, if the event has one."""
    PROTECTIVE: ClassVar[bool] = False
    """Overtakes a hold and cannot be discarded (an erasure, a withdrawal, an objection, an opt-out)."""
    PURPOSES: ClassVar[tuple[str, ...]] = ()
    """The purposes of use that a protective event ends or an ordinary event serves; empty means every purpose."""

    organisation_id: UUID

    @property
    def subject(self) -> str:
        """`case/…`, `import/…`, `organisation/…`, `grant/…` or `trail/…`."""
        return f"{self.SUBJECT.removesuffix('_id')}/{getattr(self, self.SUBJECT)}"

    @property
    def ends(self) -> tuple[str, ...]:
        """The purposes that this protective fact ends; empty for every purpose."""
        return self.PURPOSES

    @property
    def serves(self) -> tuple[str, ...]:
        """The purposes that this fact serves; empty for every purpose."""
        return self.PURPOSES


def partition_of(subject: str) -> int:
    """The partition of a subject: fixed for ever, on every machine."""
    return int.from_bytes(hashlib.sha256(subject.encode()).digest(), "big") % PARTITIONS
