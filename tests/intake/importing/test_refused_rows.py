"""Rows of a file of incidents that are refused, and with which words."""

import pytest

from services.intake.importing.incidents import RefusedRow
from services.intake.importing.refusals import MESSAGES, REASONS
from tests.intake.importing.rows import A_ROW, incident_of, read, read_one, refused, written


@pytest.mark.parametrize("cell", ["05/06/2018", "5.6.2018", "2018-13-01", "June 31, 2018", "20180605", "?"])
def test_a_date_that_can_be_read_in_two_ways_or_not_at_all_is_refused(cell: str) -> None:
    assert refused(read_one(Reported__Date=cell)) == [("Reported Date", "unknown_date")]


@pytest.mark.parametrize("cell", ["2018-07-05", "2017-06-05"])
def test_a_date_that_contradicts_month_or_year_is_refused(cell: str) -> None:
    assert refused(read_one(Reported__Date=cell)) == [("Reported Date", "dates_disagree")]


NOT_WHOLE = ["1.5", "1.000", "1,234", "1 234", "1e3", "0x1", "six", "?", "+1", "²", "inf", "nan", "1_0"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *[(cell, "negative_count") for cell in ("-1", "-2.0", "\u22123", "-" + "9" * 5000)],
        *[(cell, "too_large") for cell in ("1000001", "9" * 5000)],
        *[(cell, "not_a_whole_number") for cell in (*NOT_WHOLE, "1\x000", "--1", "1.0.0", "~5", "5+")],
    ],
)
@pytest.mark.parametrize("column", ["Number of Dead", "Number of Children"])
def test_figures_that_are_refused(column: str, cell: str, reason: str) -> None:
    assert refused(read_one(**{column: cell})) == [(column, reason)]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("Incident Type", "accident", "unknown_kind"),
        ("Incident year", "", "missing_value"),
        ("Incident year", "18", "not_a_year"),
        ("Incident year", "1066", "out_of_range"),
        ("Incident year", "2101", "out_of_range"),
        ("Reported Month", "", "missing_value"),
        ("Reported Month", "Juin", "unknown_month"),
        ("Reported Month", "13", "unknown_month"),
        ("Migration route", "x" * 201, "too_long"),
        ("Location of death", "x" * 2001, "too_long"),
        ("Cause of Death", "Drown\x07ing", "control_character"),
        ("Information Source", "a\x00b", "control_character"),
        ("lat", "90.1", "out_of_range"),
        ("long", "-180.5", "out_of_range"),
        ("lat", "north", "not_a_number"),
        ("lat", "nan", "not_a_number"),
        ("long", "1" * 400, "not_a_number"),
        ("lat", "1e1", "not_a_number"),
    ],
)
def test_other_cells_that_are_refused(column: str, cell: str, reason: str) -> None:
    assert refused(read_one(**{column: cell})) == [(column, reason)]


def test_days_of_our_own_layout_are_checked_too() -> None:
    header = "occurred_from,occurred_to,dead,missing\n"
    rows = read(header + "2018-06-30,2018-06-29,1,0\n,2018-06-29,1,0\n1812-06-30,,1,0\n2018-06-30,soon,1,0\n")
    assert [refused(row) for row in rows] == [
        [("occurred_to", "dates_reversed")],
        [("occurred_from", "missing_value")],
        [("occurred_from", "out_of_range")],
        [("occurred_to", "unknown_date")],
    ]


def test_all_problems_of_a_row_are_told_at_once_in_the_order_of_the_columns() -> None:
    row = read_one(
        Incident__Type="?",
        Incident__year="x",
        Reported__Month="",
        Number__of__Dead="-1",
        Number__of__Males="many",
        Migration__route="x" * 300,
        lat="99",
    )
    assert refused(row) == [
        ("Incident Type", "unknown_kind"),
        ("Incident year", "not_a_year"),
        ("Reported Month", "missing_value"),
        ("Number of Dead", "negative_count"),
        ("Number of Males", "not_a_whole_number"),
        ("Migration route", "too_long"),
        ("lat", "out_of_range"),
    ]


def test_dates_in_the_wrong_order_are_told_together_with_the_rest() -> None:
    (row,) = read("occurred_from,occurred_to,dead,missing\n2018-06-30,2018-06-29,-1,0\n")
    assert refused(row) == [("occurred_to", "dates_reversed"), ("dead", "negative_count")]


def test_letters_that_are_no_utf8_are_told_by_column_with_the_rest() -> None:
    raw = written(A_ROW | {"Number of Dead": "-1"})
    raw = raw.replace(b"Eritrea", b"\xc9rythr\xe9e").replace(b"2018", b"\xff")
    assert refused(read(raw)[0]) == [
        ("Incident year", "broken_text"),
        ("Country of Origin", "broken_text"),
        ("Number of Dead", "negative_count"),
    ]


def test_a_broken_row_is_refused_as_a_whole_and_its_neighbours_are_read() -> None:
    lines = [
        "occurred_from,dead,missing",
        "2018-01-01,1,0",
        '2018-01-02,"1,0',
        "2018-01-03,1",
        "2018-01-04,2,0",
    ]
    rows = read("\n".join(lines))
    assert [row.row for row in rows] == [2, 3, 4, 5]
    assert refused(rows[1]) == [("", "unclosed_quote")]
    assert refused(rows[2]) == [("", "wrong_number_of_cells")]
    assert incident_of(rows[3])["dead"] == 2


def test_every_reason_has_its_sentence() -> None:
    assert MESSAGES.keys() == REASONS
    for message in MESSAGES.values():
        assert message.endswith(".")


def test_sentences_name_our_limits() -> None:
    row = read_one(lat="99", Migration__route="x" * 300, Number__of__Dead="7" * 9, Incident__year="1492")
    assert isinstance(row, RefusedRow)
    told = {each.field: each.message for each in row.refusals}
    assert "between -90 and 90" in told["lat"]
    assert "at most 200 characters" in told["Migration route"]
    assert "larger than 1,000,000" in told["Number of Dead"]
    assert "between 1900 and 2100" in told["Incident year"]


def test_a_reported_date_outside_our_years_is_told_once() -> None:
    (row,) = read('Reported Date,dead,missing\n"January 05, 1492",1,0\n')
    assert refused(row) == [("Reported Date", "out_of_range")]
