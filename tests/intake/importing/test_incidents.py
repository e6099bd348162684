"""Reading a file of incidents row by row: what is understood, and what is refused with which words."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.intake.importing.columns import ACCEPTED_NAMES
from services.intake.importing.incidents import GoodRow, RefusedRow, read_incidents
from services.intake.importing.refusals import MESSAGES, REASONS, UnreadableFile

COUNTS = ["dead", "missing", "survivors", "females", "males", "children"]
A_ROW = {
    "Incident Type": "Split Incident",
    "Incident year": "2018",
    "Reported Month": "June",
    "Region of Origin": "Eastern Africa (P)",
    "Region of Incident": "Mediterranean",
    "Country of Origin": "Eritrea, Sudan",
    "Number of Dead": "3",
    "Minimum Estimated Number of Missing": "",
    "Number of Survivors": "12.0",
    "Number of Females": "0",
    "Number of Males": "2",
    "Number of Children": "1",
    "Cause of Death": "Vehicle accident ",
    "extra": " death linked to hazardous transport",
    "Migration route": "Central Mediterranean",
    "Location of death": "off Zuwara,\nLibya",
    "Information Source": "IOM Libya",
    "lat": "33.1",
    "long": "-12,5",
    "": "",
}


def written(*rows: dict[str, str], separator: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(raw: bytes | str) -> list[GoodRow | RefusedRow]:
    return list(read_incidents(io.BytesIO(raw.encode() if isinstance(raw, str) else raw)))


def read_one(**changes: str) -> GoodRow | RefusedRow:
    """A_ROW with these cells changed; a column of the name is added where A_ROW has none."""
    (row,) = read(written(A_ROW | {name.replace("__", " "): cell for name, cell in changes.items()}))
    return row


def incident_of(row: GoodRow | RefusedRow) -> dict[str, Any]:
    assert isinstance(row, GoodRow), row
    return row.incident.model_dump()


def refused(row: GoodRow | RefusedRow) -> list[tuple[str, str]]:
    assert isinstance(row, RefusedRow)
    return [(each.field, each.reason) for each in row.refusals]


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


@pytest.mark.parametrize("cell", ["05/06/2018", "5.6.2018", "2018-13-01", "June 31, 2018", "20180605", "?"])
def test_a_date_that_can_be_read_in_two_ways_or_not_at_all_is_refused(cell: str) -> None:
    assert refused(read_one(Reported__Date=cell)) == [("Reported Date", "unknown_date")]


@pytest.mark.parametrize("cell", ["2018-07-05", "2017-06-05"])
def test_a_date_that_contradicts_month_or_year_is_refused(cell: str) -> None:
    assert refused(read_one(Reported__Date=cell)) == [("Reported Date", "dates_disagree")]


@pytest.mark.parametrize(
    ("cell", "number"), [("", None), (" 7 ", 7), ("007", 7), ("12.0", 12), ("٣", 3), ("1000000", 10**6)]
)
def test_figures_that_are_understood(cell: str, number: int | None) -> None:
    assert incident_of(read_one(Number__of__Dead=cell))["dead"] == number


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


# identities


def test_equal_rows_are_distinct_and_every_reading_gives_the_same_identities() -> None:
    raw = written(A_ROW, A_ROW | {"lat": "34"}, A_ROW, A_ROW)
    identities = [row.identity for row in read(raw)]
    assert len(set(identities)) == 4
    assert [row.identity for row in read(raw)] == identities


def test_the_identity_does_not_depend_on_how_the_file_is_written() -> None:
    backwards = {f" {name.upper()}": f" {cell} " for name, cell in reversed(A_ROW.items()) if name} | {"": ""}
    (first,) = read(written(A_ROW))
    (second,) = read(b"\xef\xbb\xbf" + written(backwards, separator=";"))
    assert first.identity != ""
    assert first.identity == second.identity


@pytest.mark.parametrize("column", ["Number of Dead", "extra", ""])
def test_every_column_counts_for_the_identity(column: str) -> None:
    assert read_one().identity != read_one(**{column: "5"}).identity


def test_a_value_in_the_next_column_is_another_row() -> None:
    header = "occurred_from,dead,missing,survivors\n"
    first, second = read(header + "2018-01-01,1,,0\n2018-01-01,,1,0\n")
    assert first.identity != second.identity


def test_refused_rows_have_lasting_identities_too() -> None:
    lines = [
        "occurred_from,dead,missing",
        '2018-01-02,"1,0',
        '2018-01-02,"1,0',
        "2018-01-03,-1,0",
        "2018-01-03,-1,0",
    ]
    identities = [row.identity for row in read("\n".join(lines))]
    assert len(set(identities)) == 4
    assert [row.identity for row in read("\r\n".join(lines))] == identities


# headers


def test_columns_are_found_whatever_their_case_and_spaces() -> None:
    text = "OCCURRED FROM, number  of dead ,Missing,Region_of Origin\n2018-01-01,1,2,X\n"
    assert incident_of(read(text)[0])["region_of_origin"] == "X"


@pytest.mark.parametrize("names", ACCEPTED_NAMES.values())
def test_the_messages_about_columns_name_what_is_accepted(names: tuple[str, ...]) -> None:
    field = next(field for field, accepted in ACCEPTED_NAMES.items() if accepted == names)
    for name in names:
        needed = {"dead": "dead", "missing": "missing", "occurred_from": "occurred_from"}
        header = [name] + [each for each in needed if each != field]
        assert read(",".join(header) + "\n") == []


def test_missing_columns_are_named_with_the_accepted_names() -> None:
    with pytest.raises(UnreadableFile) as refused_file:
        read("Incident year,Number of Survivors\n2018,1\n")
    assert refused_file.value.reason == "missing_columns"
    for name in (
        "Number of Dead",
        "dead",
        "Minimum Estimated Number of Missing",
        "Reported Month",
        "occurred_from",
    ):
        assert f"'{name}'" in str(refused_file.value)
    assert "Survivors" not in str(refused_file.value)


def test_a_last_day_alone_is_not_passed_over() -> None:
    with pytest.raises(UnreadableFile, match="'occurred_from'"):
        read("Year,Month,occurred_to,dead,missing\n2018,June,2018-06-30,1,0\n")


def test_a_reported_date_outside_our_years_is_told_once() -> None:
    (row,) = read('Reported Date,dead,missing\n"January 05, 1492",1,0\n')
    assert refused(row) == [("Reported Date", "out_of_range")]


def test_two_columns_for_one_field_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="Columns 2 and 4 both mean 'Number of Dead'") as refused_file:
        read("occurred_from,dead,missing,Number of Dead\n")
    assert refused_file.value.reason == "duplicate_column"


def test_a_misspelt_column_is_refused_as_its_figures_would_be_lost() -> None:
    with pytest.raises(UnreadableFile, match="column 4 looks like 'Number of Survivors'") as refused_file:
        read("occurred_from,dead,missing,Number of Surviors\n2018-01-01,1,0,5\n")
    assert refused_file.value.reason == "misspelt_column"


def test_a_file_without_a_header_is_not_repeated() -> None:
    with pytest.raises(UnreadableFile) as refused_file:
        read("Amina Testperson,2018,7\n")
    assert "Amina" not in repr(refused_file.value)


def test_an_unreadable_file_is_refused_before_the_first_row_is_asked_for() -> None:
    with pytest.raises(UnreadableFile):
        read_incidents(io.BytesIO(b""))


def test_progress_is_told() -> None:
    seen: list[int] = []
    raw = written(*[A_ROW] * 1000)
    assert len(list(read_incidents(io.BytesIO(raw), seen.append))) == 1000
    assert seen[-1] == len(raw)


# the published file


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


def test_the_published_duplicates_are_distinct_and_last(published_incidents: Path) -> None:
    raw = published_incidents.read_bytes()
    identities = [row.identity for row in read(raw)]
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))[1:]
    assert len(lines) - len({tuple(line) for line in lines}) == 104
    assert len(set(identities)) == 5336
    assert [row.identity for row in read(raw)] == identities
