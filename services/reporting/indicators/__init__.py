"""Indicators as data: what is counted, by whose definition."""

from __future__ import annotations

from collections.abc import Mapping

from services.reporting.indicators.declared.case_management import CASE_MANAGEMENT, FORCED_RETURN
from services.reporting.indicators.declared.detention import DETENTION
from services.reporting.indicators.declared.family_links import FAMILY_LINKS
from services.reporting.indicators.declared.incidents import INCIDENTS
from services.reporting.indicators.declared.services import DELIVERED, PEOPLE_REACHED, RESPONSE_CENTRES, SERVICES
from services.reporting.indicators.indicator import Indicator

__all__ = ["DELIVERED", "INDICATORS", "PEOPLE_REACHED", "Indicator"]

INDICATORS: Mapping[str, Indicator] = {
    one.code: one
    for one in (
        *FAMILY_LINKS,
        *DETENTION,
        *SERVICES,
        *RESPONSE_CENTRES,
        *INCIDENTS,
        *FORCED_RETURN,
        *CASE_MANAGEMENT,
    )
}
"""By code."""
