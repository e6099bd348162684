"""Restoring Family Links: what the Movement counts (ICRC, *Restoring Family Links in disasters: field manual*, 2009;
IFRC Federation-wide Databank and Reporting System)."""

from __future__ import annotations

from services.reporting.indicators.indicator import OF_PEOPLE, Cases, Formula, Indicator, Services

GROUP = "Restoring Family Links"
_SOURCE = "ICRC, Restoring Family Links in disasters: field manual (2009); IFRC FDRS"
_TAGS = ("SDG 16.10", "GCM 8")
_TRACING = frozenset({"tracing_request"})
CHILD_REUNIFICATION = "child_reunification"
"""What a reunification is counted as that was delivered in the case of an unaccompanied or separated child."""
REUNIFICATIONS = frozenset({"reunification", CHILD_REUNIFICATION})
_POSITIVE = frozenset({"located", "fate_established"})


def _services(code: str, label: str, category: str, what: str) -> Indicator:
    measure = Services("quantity", frozenset({category}))
    return Indicator(code, GROUP, label, "services", "sum", measure, what, _SOURCE, _TAGS)


def _tracing(code: str, label: str, measure: Cases, what: str, formula: Formula = "sum") -> Indicator:
    return Indicator(code, GROUP, label, "cases", formula, measure, what, _SOURCE, _TAGS)


FAMILY_LINKS = (
    _services(
        "rfl.rcm_collected",
        "Red Cross messages collected",
        "rcm_collected",
        "Red Cross messages, first messages and replies, that were collected in the period.",
    ),
    _services(
        "rfl.rcm_distributed",
        "Red Cross messages distributed",
        "rcm_delivered",
        "Red Cross messages, first messages and replies, that reached their addressee in the period.",
    ),
    _services("rfl.phone_calls", "Phone calls", "phone_call", "Phone calls to the family that were made possible."),
    _services("rfl.video_calls", "Video calls", "video_call", "Video calls with the family that were made possible."),
    _services(
        "rfl.connectivity",
        "Connections made possible",
        "connectivity",
        "Times that people were given internet access or could charge a telephone, to reach their family.",
    ),
    _services(
        "rfl.safe_and_well",
        "Safe-and-well messages passed on",
        "safe_and_well",
        "Messages that say no more than that somebody is safe and well, and reached the family.",
    ),
    _services("rfl.family_visits", "Family visits", "family_visit", "Visits to a relative that were made possible."),
    Indicator(
        "rfl.families_guided",
        GROUP,
        "People supported as relatives of a missing person",
        "people",
        "unique",
        Services("people", frozenset({"guidance_for_families"})),
        "Relatives of missing people who were supported and accompanied in the period, each counted once.",
        _SOURCE,
        _TAGS,
        OF_PEOPLE,
    ),
    _tracing(
        "rfl.tracing_opened",
        "Tracing requests opened",
        Cases("opened", _TRACING),
        "Tracing requests that were submitted in the period; a request that is opened again is not a new one.",
    ),
    _tracing(
        "rfl.tracing_closed_positively",
        "Tracing requests closed positively",
        Cases("closed", _TRACING, _POSITIVE),
        "Tracing requests closed in the period because the sought person was located or the fate was established, "
        "after the family was told.",
    ),
    _tracing(
        "rfl.tracing_closed_otherwise",
        "Tracing requests closed otherwise",
        Cases("closed", _TRACING, _POSITIVE, other_reasons=True),
        "Tracing requests closed in the period for any other reason: withdrawn, no further means, unreachable.",
    ),
    _tracing(
        "rfl.tracing_open",
        "Tracing requests open at the end",
        Cases("open_at_end", _TRACING),
        "Tracing requests that are not closed on the last day of the period; a duplicate that was merged is none.",
        "latest",
    ),
    Indicator(
        "rfl.reunited",
        GROUP,
        "People reunited with their families",
        "people",
        "unique",
        Services("people", REUNIFICATIONS),
        "People who were brought together with their family in the period, each counted once.",
        _SOURCE,
        _TAGS,
        OF_PEOPLE,
    ),
    Indicator(
        "rfl.uasc_reunited",
        GROUP,
        "Unaccompanied and separated children reunited",
        "people",
        "unique",
        Services("people", frozenset({CHILD_REUNIFICATION})),
        "Of the people reunited, those whose case is that of an unaccompanied or separated child, each counted once.",
        _SOURCE,
        (*_TAGS, "GCM 7"),
        ("sex",),
        sensitive=True,
        part_of="rfl.reunited",
    ),
)
