"""Reading a file of incidents row by row: what is understood."""

import io
from datetime import date
from pathlib import Path

import pytest

from services.intake.importing.incidents import GoodRow, RefusedRow, read_incidents
from tests.intake.importing.rows import A_ROW, incident_of, read, read_one, refused, written

COUNTS = ["dead", "missing", "survivors", "females", "males", "children"]


def test_a_row_in_ioms_layout_becomes_an_incident() -> None:
    assert incident_of(read_one()) == {
        "occurred_from": date(2018, 6, 1),
        "occurred_to": date(2018, 6, 30),
        "dead": 3,
        "missing": None,
        "survivors": 12,
        "females": 0,
        "males": 2,
        "children": 1,
        "kind": "split_incident",
        "route": "Central Mediterranean",
        "region": "Mediterranean",
        "region_of_origin": "Eastern Africa (P)",
        "countries_of_origin": "Eritrea, Sudan",
        "cause": "Vehicle accident",
        "place": "off Zuwara,\nLibya",
        "source": "IOM Libya",
        "latitude": 33.1,
        "longitude": -12.5,
    }


def test_a_row_in_our_own_layout_becomes_an_incident() -> None:
    header = "occurred_from;occurred_to;DEAD;Missing;kind\n"
    (row,) = read(header + "2018-06-30;2018-07-02;1;;cumulative_incident\n")
    found = incident_of(row)
    assert (found["occurred_from"], found["occurred_to"]) == (date(2018, 6, 30), date(2018, 7, 2))
    assert (found["dead"], found["missing"], found["kind"]) == (1, None, "cumulative_incident")


def test_a_blank_last_day_means_that_the_day_is_known() -> None:
    for text in (
        "occurred_from,occurred_to,dead,missing\n2018-06-30,,1,0\n",
        "occurred_from,dead,missing\n2018-06-30,1,0\n",
    ):
        assert incident_of(read(text)[0])["occurred_to"] == date(2018, 6, 30)


@pytest.mark.parametrize("name", ["jan", "JANUARY", "Jan.", "1", "01"])
def test_months_are_understood_by_name_abbreviation_and_number(name: str) -> None:
    assert incident_of(read_one(Reported__Month=name))["occurred_to"] == date(2018, 1, 31)


def test_february_of_a_leap_year_has_29_days() -> None:
    found = incident_of(read_one(Incident__year="2016", Reported__Month="Feb"))
    assert found["occurred_to"] == date(2016, 2, 29)


@pytest.mark.parametrize("cell", ["2018-06-05", "June 05, 2018", "Jun 5 2018", "2018-06-05 00:00:00"])
def test_a_reported_date_gives_the_day(cell: str) -> None:
    found = incident_of(read_one(Reported__Date=cell))
    assert found["occurred_from"] == found["occurred_to"] == date(2018, 6, 5)


def test_without_a_reported_date_the_month_stands() -> None:
    assert incident_of(read_one(Reported__Date=""))["occurred_to"] == date(2018, 6, 30)


@pytest.mark.parametrize(
    ("cell", "number"), [("", None), (" 7 ", 7), ("007", 7), ("12.0", 12), ("٣", 3), ("1000000", 10**6)]
)
def test_figures_that_are_understood(cell: str, number: int | None) -> None:
    assert incident_of(read_one(Number__of__Dead=cell))["dead"] == number


def test_progress_is_told() -> None:
    seen: list[int] = []
    raw = written(*[A_ROW] * 1000)
    assert len(list(read_incidents(io.BytesIO(raw), seen.append))) == 1000
    assert seen[-1] == len(raw)


def test_the_published_file_is_read_to_its_check_sums(published_incidents: Path) -> None:
    rows = read(published_incidents.read_bytes())
    good = [row.incident for row in rows if isinstance(row, GoodRow)]
    bad = {row.row: refused(row) for row in rows if isinstance(row, RefusedRow)}
    missing, survivors = "Minimum Estimated Number of Missing", "Number of Survivors"
    assert bad == {
        **{row: [(missing, "negative_count")] for row in (567, 772, 824)},
        1213: [(survivors, "negative_count")],
    }
    assert len(good) == 5332
    sums = {name: sum(getattr(incident, name) or 0 for incident in good) for name in COUNTS}
    assert sums == dict(zip(COUNTS, (16942, 14305, 46206, 3182, 5403, 1539), strict=True))
