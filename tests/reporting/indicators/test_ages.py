"""Ages as each scheme has them: UNHCR (*Global Trends*), IFRC (GO's 3W form), Sphere (*Handbook*, 2018)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from services.reporting.indicators import ages
from shared.crypto import KeyRing
from tests.reporting.drafting.test_drafting import desk_of, many, table

BANDS = {
    "unhcr": ("0-4", "5-11", "12-17", "18-59", "60+", "unknown"),
    "ifrc": ("0-1", "2-5", "6-12", "13-17", "18-59", "60+", "unknown"),
    "sphere": ("0-5", "6-12", "13-17", "18-49", "50-59", "60-69", "70-79", "80+", "unknown"),
}
OLDEST = 200


def years(band: str) -> range:
    first, _, last = band.partition("-")
    return range(int(first.rstrip("+")), (int(last) if last else OLDEST if "+" in band else int(first)) + 1)


@pytest.mark.parametrize(("scheme", "bands"), [*((ages.SCHEMES[name], of) for name, of in BANDS.items())], ids=BANDS)
def test_each_year_of_age_is_in_the_band_that_names_it(scheme: dict[str, str], bands: tuple[str, ...]) -> None:
    assert ages.bands(scheme) == bands
    for of, broad in ((scheme, bands), (ages.BROAD, ("0-17", "18-59", "60+", "unknown"))):
        assert ages.bands(of) == broad
        for atom, band in of.items():
            assert (atom == ages.UNKNOWN) == (band == ages.UNKNOWN)
            if atom != ages.UNKNOWN:
                assert set(years(atom)) <= set(years(band)), atom
    assert sorted(year for atom in ages.ATOMIC[:-1] for year in years(atom)) == list(range(OLDEST + 1))


@pytest.mark.parametrize("scheme", BANDS)
def test_a_report_has_the_ages_of_its_grants_scheme(
    sqlite: Callable[[str], Engine], keys: KeyRing, scheme: str
) -> None:
    desk = desk_of(sqlite, keys, age_scheme=scheme)
    desk.counting.tell(*(many(20, age_band=atom) for atom in ages.ATOMIC))
    shown = table(desk.draft(), "people_sex_age")
    found = {row.key.replace("plus", "+"): row.cells[1].value for row in shown.rows if not row.total}
    assert tuple(found) == BANDS[scheme]
    assert found == {band: 20 * sum(of == band for of in ages.SCHEMES[scheme].values()) for band in BANDS[scheme]}
