"""Mass incident: a shipwreck, deaths on a route. Public figures, no personal data; the facts have their own table.

Figures and the levels of source quality follow IOM's Missing Migrants Project (*Methodology*).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.intake.casework.case_type import CaseType
from services.intake.casework.common import reopening
from services.intake.casework.forms import Codes, Form, PastDay
from services.intake.casework.history import recorded
from services.intake.casework.life_cycle import Deed, LifeCycle, Move


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
    life_cycle=LIFE_CYCLE,
    happened_on="occurred_from",
)
