"""Facts about mass incidents: public figures, no personal data."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.envelope import Event

Figure = Annotated[int, Field(ge=0, le=1_000_000)] | None
"""A count of people; None means unknown (IOM Missing Migrants Project: a blank figure is not zero)."""


class IncidentCounts(BaseModel):
    """Minimum estimates of one incident, as its source published them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    dead: Figure = None
    missing: Figure = None
    survivors: Figure = None
    females: Figure = None
    males: Figure = None
    children: Figure = None


class _IncidentFacts(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    counts: IncidentCounts
    occurred_from: date
    occurred_to: date
    """Inclusive; equal to `occurred_from` when the day is known."""
    kind: Literal["incident", "split_incident", "cumulative_incident"] = "incident"
    route: str | None = None
    region: str | None = None
    region_of_origin: str | None = None
    countries_of_origin: str | None = None
    cause: str | None = None
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    source: str | None = None
    """Who reported it: a public source, never a person."""


class IncidentRecorded(_IncidentFacts):
    """A mass incident (shipwreck, deaths on a route) was recorded. Public figures, no personal data."""

    TYPE: ClassVar[str] = "incident.recorded"


SourceQuality = Literal[
    "one_media_report", "uncorroborated_witness", "several_media_reports", "humanitarian_actor", "official_or_several"
]
"""From the weakest to the strongest: the five levels of IOM's Missing Migrants Project (*Methodology*)."""


class IncidentSourceAssessed(Event):
    """Somebody judged how good the sources of an incident's figures are."""

    TYPE: ClassVar[str] = "incident.source_assessed"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    level: SourceQuality


class IncidentCorrected(_IncidentFacts):
    """The incident's facts were corrected; the event carries them whole, as they are now."""

    TYPE: ClassVar[str] = "incident.corrected"
