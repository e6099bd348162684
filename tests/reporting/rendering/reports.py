"""Builds incident reports from a list of made-up incidents, the way a query would: by adding up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from services.reporting.rendering import Breakdown, Covered, Dimension, Figures, IncidentReport, Line

DIMENSIONS: tuple[Dimension, ...] = ("year", "month", "route", "region", "cause")


@dataclass(frozen=True)
class Incident:
    month: str = "2018-03"
    route: str = "Central Mediterranean"
    region: str = "Mediterranean"
    cause: str = "Drowning"
    dead: int = 2
    missing: int = 3

    @property
    def year(self) -> str:
        return self.month[:4]

    @property
    def figures(self) -> Figures:
        return Figures(incidents=1, dead=self.dead, missing=self.missing, survivors=4, females=1, males=2, children=1)


def report_of(*incidents: Incident, **changes: Any) -> IncidentReport:
    """A report on these incidents, over 2018 unless told otherwise."""
    fields: dict[str, Any] = {
        "title": "People dead and missing",
        "organisation": "Tracing Network",
        "grant": "G-17",
        "date_from": date(2018, 1, 1),
        "date_to": date(2018, 12, 31),
        "generated_at": datetime(2019, 1, 3, 8, 5, tzinfo=UTC),
        "totals": Figures.sum(incident.figures for incident in incidents),
        "breakdowns": tuple(breakdown(dimension, *incidents) for dimension in DIMENSIONS),
        "covers": tuple(Covered(source="intake", partition=at, position=1000 + at) for at in range(8)),
        "notes": ("Missing people are the minimum that the source gives.",),
    }
    return IncidentReport(**(fields | changes))


def breakdown(dimension: Dimension, *incidents: Incident) -> Breakdown:
    groups: dict[str, list[Figures]] = defaultdict(list)
    for incident in incidents:
        groups[getattr(incident, dimension)].append(incident.figures)
    return Breakdown(
        dimension=dimension,
        lines=tuple(Line(key=key, label=key, figures=Figures.sum(group)) for key, group in groups.items()),
    )


def five_years() -> IncidentReport:
    """60 months, each with an incident; the highest is July 2016."""
    months = [f"{year}-{month:02}" for year in range(2014, 2019) for month in range(1, 13)]
    incidents = [Incident(month=month, dead=at % 7, missing=at % 5 + 1) for at, month in enumerate(months)]
    incidents.append(Incident(month="2016-07", dead=1000, missing=597))
    return report_of(*incidents, date_from=date(2014, 1, 1), date_to=date(2018, 12, 31))


def routes(count: int) -> IncidentReport:
    """So many routes; route 1 has one dead, route 2 two, and so on; nobody is missing."""
    return report_of(*(Incident(route=f"Route {at}", dead=at, missing=0) for at in range(1, count + 1)))
