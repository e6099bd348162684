"""Detention: what visits to people deprived of their liberty are counted by (ICRC, annual reports: tables of key
detention figures: places visited, visits, detainees visited, of whom followed individually, messages and calls)."""

from __future__ import annotations

from services.reporting.indicators.indicator import OF_PEOPLE, Indicator, Measure, Services, Unit

GROUP = "Detention"
_SOURCE = "ICRC, annual reports: key figures on people deprived of their freedom"
_TAGS = ("GCM 13",)
VISITS = frozenset({"detention_place_visit"})
MET = frozenset({"detention_visit", "detention_followed"})


def _counted(code: str, label: str, unit: Unit, measure: Measure, what: str, part_of: str = "") -> Indicator:
    people = unit == "people"
    return Indicator(
        code,
        GROUP,
        label,
        unit,
        "unique" if people else "sum",
        measure,
        what,
        _SOURCE,
        _TAGS,
        OF_PEOPLE if people else (),
        sensitive=True,
        part_of=part_of,
    )


DETENTION = (
    _counted(
        "det.places",
        "Places of detention visited",
        "places",
        Services("places", VISITS | MET),
        "Different places in which detainees were visited in the period, each counted once.",
    ),
    _counted("det.visits", "Visits to places of detention", "services", Services("quantity", VISITS), "Visits made."),
    _counted(
        "det.visited",
        "Detainees visited",
        "people",
        Services("people", MET),
        "Detainees who were met in the period, each counted once.",
    ),
    _counted(
        "det.followed",
        "Of whom followed individually",
        "people",
        Services("people", frozenset({"detention_followed"})),
        "Detainees who were registered and met in the period to follow what becomes of each, counted once.",
        part_of="det.visited",
    ),
    _counted(
        "det.rcm",
        "Red Cross messages of detainees",
        "services",
        Services("quantity", frozenset({"detention_rcm"})),
        "Red Cross messages collected from, or distributed to, detainees.",
    ),
    _counted(
        "det.calls",
        "Calls to families of detainees",
        "services",
        Services("quantity", frozenset({"detention_call"})),
        "Calls made to tell families of a detained relative, or between the two.",
    ),
    _counted(
        "det.attestations",
        "Attestations of detention issued",
        "services",
        Services("quantity", frozenset({"detention_attestation"})),
        "Attestations of detention that were handed to people who had been detained, or to their families.",
    ),
)
