"""Incidents on migration routes (IOM, *Missing Migrants Project: methodology*). Missing is never called dead."""

from __future__ import annotations

from services.reporting.indicators.indicator import Dimension, Incidents, Indicator

GROUP = "Incidents"
_SOURCE = "IOM, Missing Migrants Project: methodology; SDG indicator 10.7.3"
_TAGS = ("SDG 10.7.3", "GCM 8")
_BY: tuple[Dimension, ...] = ("route", "source_quality")
INCIDENTS = (
    Indicator(
        "inc.incidents",
        GROUP,
        "Incidents",
        "events",
        "sum",
        Incidents("incidents"),
        "Incidents that lie wholly in the period. One that is known by month alone counts when the whole month does.",
        _SOURCE,
        _TAGS,
        _BY,
    ),
    Indicator(
        "inc.dead",
        GROUP,
        "Dead",
        "people",
        "sum",
        Incidents("dead"),
        "People whose death is documented. Where the number is unknown, it adds nothing.",
        _SOURCE,
        _TAGS,
        _BY,
    ),
    Indicator(
        "inc.missing",
        GROUP,
        "Missing",
        "people",
        "sum",
        Incidents("missing"),
        "People missing after an incident, whose death is not documented. They are not counted as dead.",
        _SOURCE,
        _TAGS,
        _BY,
    ),
    Indicator(
        "inc.survivors",
        GROUP,
        "Survivors",
        "people",
        "sum",
        Incidents("survivors"),
        "People known to have survived an incident.",
        _SOURCE,
        _TAGS,
        _BY,
    ),
)
