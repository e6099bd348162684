"""Ages: the atomic bins that case work records, put together as each reporting scheme has them."""

from __future__ import annotations

from collections.abc import Mapping

ATOMIC = ("0-1", "2-4", "5", "6-11", "12", "13-17", "18-49", "50-59", "60-69", "70-79", "80+", "unknown")
UNKNOWN = "unknown"
_OLDER = ("60-69", "70-79", "80+")


def _scheme(*bands: tuple[str, tuple[str, ...]]) -> Mapping[str, str]:
    of = {atom: band for band, atoms in bands for atom in atoms} | {UNKNOWN: UNKNOWN}
    assert set(of) == set(ATOMIC), "a scheme leaves an age out"
    return of


SCHEMES: Mapping[str, Mapping[str, str]] = {
    "unhcr": _scheme(
        ("0-4", ("0-1", "2-4")),
        ("5-11", ("5", "6-11")),
        ("12-17", ("12", "13-17")),
        ("18-59", ("18-49", "50-59")),
        ("60+", _OLDER),
    ),
    "ifrc": _scheme(
        ("0-1", ("0-1",)),
        ("2-5", ("2-4", "5")),
        ("6-12", ("6-11", "12")),
        ("13-17", ("13-17",)),
        ("18-59", ("18-49", "50-59")),
        ("60+", _OLDER),
    ),
    "sphere": _scheme(
        ("0-5", ("0-1", "2-4", "5")),
        ("6-12", ("6-11", "12")),
        ("13-17", ("13-17",)),
        ("18-49", ("18-49",)),
        ("50-59", ("50-59",)),
        *((band, (band,)) for band in _OLDER),
    ),
}
"""Scheme → atomic bin → band. UNHCR: age groups of *Global Trends* and the Refugee Data Finder. IFRC: the groups of
GO's 3W form. Sphere: *The Sphere Handbook* (2018), assessment, disaggregation by age."""
BROAD = _scheme(
    ("0-17", ("0-1", "2-4", "5", "6-11", "12", "13-17")),
    ("18-59", ("18-49", "50-59")),
    ("60+", _OLDER),
)
"""Where too few people stand in the finer bands: children, adults, older people."""


def bands(scheme: Mapping[str, str]) -> tuple[str, ...]:
    """The bands of a scheme, the youngest first, the unknown last."""
    return tuple(dict.fromkeys(scheme[atom] for atom in ATOMIC))


def label(band: str) -> str:
    """0–4 or 60+; Unknown."""
    return "Unknown" if band == UNKNOWN else band.replace("-", "–")
