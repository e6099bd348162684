"""Mass incident: a shipwreck, deaths on a route. Public figures, no personal data; the facts have their own table.

Figures and the levels of source quality follow IOM's Missing Migrants Project (*Methodology*).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.intake.casework.case_type import CaseType
from services.intake.casework.common import reopening
from services.intake.casework.forms import Codes, Day, Form, LongText, PastDay, ShortText
from services.intake.casework.history import recorded
from services.intake.casework.life_cycle import Deed, LifeCycle, Move

LARGEST_COUNT = 1_000_000

Count = Annotated[int, Field(strict=True, ge=0, le=LARGEST_COUNT)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
INCIDENT_KINDS = {
    "incident": "One incident",
    "split_incident": "One of several entries of the same incident",
    "cumulative_incident": "A total over a period, not broken down",
}
"""Code → what it is called."""


class IncidentIn(Form):
    """An incident in which people died or went missing on the way, as an organisation reports it.

    The fields and their rules follow the data dictionary of IOM's Missing Migrants Project. Its figures
    are minimum estimates: many deaths are never recorded. A figure left out or null is unknown, which is
    not zero. Whole-row totals are not taken: they follow from the figures. No field may describe a
    person.
    """

    occurred_from: Day = Field(
        title="On which day did it happen, or begin?",
        description="The first day on which it may have happened: where nobody knows, the day the body was found or a "
        "witness told of it.",
    )
    """IOM: the estimated date of death. Month and year are always recorded."""

    occurred_to: Day = Field(
        title="What is the last day on which it may have happened?",
        description="The same day again where it is known; the end of the month where only the month is.",
    )
    """Inclusive. IOM dates a cumulative incident by the last day of its period."""

    dead: Count | None = Field(
        None,
        title="How many people are confirmed dead?",
        description="Bodies recovered; a minimum estimate. Left empty: not known, which is not zero.",
    )
    """IOM "Number of Dead"."""

    missing: Count | None = Field(
        None,
        title="How many people are missing and presumed dead?",
        description="After a shipwreck: people on board less survivors and bodies recovered. Left empty: not known.",
    )
    """IOM "Minimum Estimated Number of Missing"; blank = none reported, so unknown."""

    survivors: Count | None = Field(
        None, title="How many people survived?", description="Those known to have survived. Left empty: not known."
    )
    """IOM "Number of Survivors"."""

    females: Count | None = Field(
        None,
        title="How many women and girls are among the dead and missing?",
        description="As far as it is known. Left empty: not known.",
    )
    """IOM "Number of Females"."""

    males: Count | None = Field(
        None,
        title="How many men and boys are among the dead and missing?",
        description="As far as it is known. Left empty: not known.",
    )
    """IOM "Number of Males"."""

    children: Count | None = Field(
        None,
        title="How many children under 18 are among the dead and missing?",
        description="Count them among females and males too where their sex is known. Left empty: not known.",
    )
    """IOM "Number of Children"."""

    kind: Annotated[str, Codes(INCIDENT_KINDS)] = Field(
        "incident", title="What is counted here?", description="Most reports are of one incident."
    )
    """IOM "Incident Type": one incident; one of several entries into which an incident was split; a total
    over a period that the source does not break down by incident."""

    route: ShortText = Field(
        None,
        title="On which migration route did it happen?",
        description="In the source's words, for example Central Mediterranean.",
    )
    """IOM "Migration route"."""

    region: ShortText = Field(
        None, title="In which region did it happen?", description="For example North Africa, or Mediterranean."
    )
    """IOM "Region of Incident"."""

    region_of_origin: ShortText = Field(
        None, title="From which region were the people?", description="In the source's words."
    )
    """IOM "Region of Origin"; "(P)" there means presumed from the place."""

    countries_of_origin: LongText = Field(
        None, title="From which countries were the people?", description="In the source's words; there may be several."
    )
    """IOM "Country of Origin"."""

    cause: ShortText = Field(
        None, title="What did the people die of?", description="In a few words, for example drowning."
    )
    """IOM "Cause of Death"."""

    place: LongText = Field(
        None,
        title="Where did it happen?",
        description="In words; most places are known only roughly. No names of people.",
    )
    """IOM "Location of death"."""

    source: LongText = Field(
        None, title="Who reported it?", description="Organisations and media, never the name of a private person."
    )
    """IOM "Information Source"; may name several."""

    latitude: Latitude | None = Field(
        None,
        title="At which latitude?",
        description="Degrees north, for example 35.5; negative in the south. The nearest known place will do.",
    )
    """WGS 84. IOM: often the nearest known place, not the exact one."""

    longitude: Longitude | None = Field(
        None,
        title="At which longitude?",
        description="Degrees east, for example 12.6; negative in the west. The nearest known place will do.",
    )
    """WGS 84. IOM: often the nearest known place, not the exact one."""

    @field_validator("occurred_to")
    @classmethod
    def _ends_after_it_begins(cls, value: date, seen: ValidationInfo) -> date:
        """On the field, not on the model, so that it is reported together with all other errors."""
        begin = seen.data.get("occurred_from")
        if begin is not None and value < begin:
            raise PydanticCustomError("dates_reversed", "occurred_to must not lie before occurred_from")
        return value


class SourceQuality(Form):
    """How good the sources of the figures are."""

    level: Annotated[
        str,
        Codes(
            {
                "one_media_report": "1: one media report",
                "uncorroborated_witness": "2: witnesses whom nobody confirms",
                "several_media_reports": "3: several media reports",
                "humanitarian_actor": "4: a humanitarian actor with direct knowledge",
                "official_or_several": "5: an official source, or several humanitarian actors",
            }
        ),
    ] = Field(title="How good are the sources?")
    assessed_on: PastDay | None = Field(None, title="On which day?")


LIFE_CYCLE = LifeCycle(
    states={"open": "Figures may still change", "closed": "Figures are final"},
    closed=frozenset({"closed"}),
    moves=(
        Move(
            "close",
            "Close the incident",
            ("open",),
            "closed",
            reasons={
                "figures_final": (recorded("assess_source", "Say how good the sources are first."),),
                "entered_twice": (),
                "entered_in_error": (),
            },
        ),
        reopening("open"),
    ),
    deeds=(Deed("assess_source", "Say how good the sources are", form=SourceQuality),),
)

MASS_INCIDENT = CaseType(
    name="mass_incident",
    title="Mass incident",
    details=Form,
    facts=IncidentIn,
    life_cycle=LIFE_CYCLE,
    happened_on="occurred_from",
)
