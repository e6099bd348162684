"""The rules of case work: what each type of case holds, and how it lives from submission to closing.

Declarations only: no database, no web. One file a type; `CASE_TYPES` at the end lists them.
"""

from services.intake.casework.assistance import ASSISTANCE
from services.intake.casework.case_type import CaseType, PersonRole
from services.intake.casework.child import CHILD
from services.intake.casework.detention import DETENTION
from services.intake.casework.history import Asked, Happened, History, Need
from services.intake.casework.life_cycle import Deed, LifeCycle, Move, Offer
from services.intake.casework.mass_incident import MASS_INCIDENT
from services.intake.casework.protection_incident import PROTECTION_INCIDENT
from services.intake.casework.red_cross_message import RED_CROSS_MESSAGE
from services.intake.casework.registration import REGISTRATION
from services.intake.casework.remains import REMAINS
from services.intake.casework.tracing_request import TRACING_REQUEST

CASE_TYPES: dict[str, CaseType] = {
    one.name: one
    for one in (
        TRACING_REQUEST,
        REGISTRATION,
        CHILD,
        DETENTION,
        PROTECTION_INCIDENT,
        MASS_INCIDENT,
        ASSISTANCE,
        REMAINS,
        RED_CROSS_MESSAGE,
    )
}

__all__ = [
    "CASE_TYPES",
    "Asked",
    "CaseType",
    "Deed",
    "Happened",
    "History",
    "LifeCycle",
    "Move",
    "Need",
    "Offer",
    "PersonRole",
]
