"""Mass incident: a shipwreck, deaths on a route. Public figures, no personal data; the facts have their own table."""

from services.intake.casework.case_type import CaseType
from services.intake.casework.forms import Form
from services.intake.casework.life_cycle import LifeCycle, Move

LIFE_CYCLE = LifeCycle(
    states={"open": "Figures may still change", "closed": "Figures are final"},
    closed=frozenset({"closed"}),
    moves=(
        Move("close", "Close the incident", ("open",), "closed", reasons={"figures_final": (), "entered_in_error": ()}),
        Move("reopen", "Open it again", ("closed",), "open"),
    ),
)

MASS_INCIDENT = CaseType(
    name="mass_incident",
    title="Mass incident",
    details=Form,
    life_cycle=LIFE_CYCLE,
    happened_on="occurred_from",
)
