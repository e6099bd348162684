"""The first row of a file of incidents: which columns are found, and what cannot be read at all."""

import io

import pytest

from services.intake.importing.columns import ACCEPTED_NAMES
from services.intake.importing.incidents import read_incidents
from services.intake.importing.refusals import UnreadableFile
from tests.intake.importing.rows import incident_of, read


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
