"""Facts about the protection of persons' data. Protective ones overtake whatever is held."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Event


class PersonErased(Event):
    """A person's data were erased from one case; every service erases its own and confirms. Recorded once per case."""

    TYPE: ClassVar[str] = "person.erased"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)
    PROTECTIVE: ClassVar[bool] = True

    case_id: UUID
    person_id: UUID
