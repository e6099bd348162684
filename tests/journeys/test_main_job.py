"""The main job on real input: a file goes in, a report comes out with exact totals."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.conftest import Kinbridge
from tests.samples import sample_data

TOTALS = {
    "incidents": 5332,
    "dead": 16942,
    "missing": 14305,
    "survivors": 46206,
    "females": 3182,
    "males": 5403,
    "children": 1539,
}
REFUSED = {
    (567, "Minimum Estimated Number of Missing"),
    (772, "Minimum Estimated Number of Missing"),
    (824, "Minimum Estimated Number of Missing"),
    (1213, "Number of Survivors"),
}


def report(kinbridge: Kinbridge, form: str, first: str = "2014-01-01", last: str = "2018-12-31") -> str:
    out = kinbridge.folder.parent / f"report.{form}"
    kinbridge.run("report", "--from", first, "--to", last, "--format", form, "--out", str(out))
    return out.read_text(encoding="utf-8-sig")


def test_the_real_file_gives_exact_totals_in_all_three_formats(kinbridge: Kinbridge) -> None:
    file = sample_data("incidents/incidents-2014-2018.csv")
    first = kinbridge.json("import", "incidents", str(file), code=1)
    assert (first["rows"], first["accepted"], first["unchanged"], first["refused"]) == (5336, 5332, 0, 4)
    assert {(one["row"], one["field"]) for one in first["refusals"]} == REFUSED
    assert {one["reason"] for one in first["refusals"]} == {"negative_count"}
    with Path(first["error_file"]).open(newline="") as stream:
        assert {(int(row["row"]), row["field"]) for row in csv.DictReader(stream)} == REFUSED
    with Path(first["result_file"]).open(newline="") as stream:
        results = [row["result"] for row in csv.DictReader(stream)]
    assert (len(results), results.count("refused"), results.count("accepted")) == (5336, 4, 5332)

    assert json.loads(report(kinbridge, "json"))["totals"] == TOTALS
    rows = list(csv.DictReader(io.StringIO(report(kinbridge, "csv"))))
    assert {name: int(rows[0][name]) for name in TOTALS} == TOTALS
    for dimension in ("year", "month", "route", "region", "cause"):
        lines = [row for row in rows if row["dimension"] == dimension]
        assert {name: sum(int(row[name]) for row in lines) for name in TOTALS} == TOTALS
    page = report(kinbridge, "html")
    for figure in TOTALS.values():
        assert f"{figure:,}" in page
    assert len(re.findall(r"<svg", page)) >= 1

    again = kinbridge.json("import", "incidents", str(file), code=1)
    assert again["again"]
    assert json.loads(report(kinbridge, "json"))["totals"] == TOTALS
    status = kinbridge.json("status")
    assert status["services"]["intake"]["events"] == 5332 + 4 + 1 + 1
    assert len(list((kinbridge.folder / "outbox" / "local").glob("*.txt"))) == 1
    assert kinbridge.json("log", "verify")["whole"]


def test_a_month_counts_only_when_it_lies_wholly_inside(
    kinbridge: Kinbridge, write_csv: Callable[[str, str], Path]
) -> None:
    file = write_csv(
        "few.csv",
        "2016-01-01,2016-01-31,1,,,,,,A,R,C\n"
        "2016-01-15,2016-01-15,10,,,,,,A,R,C\n"
        "2016-02-01,2016-02-29,100,,,,,,A,R,C\n"
        "2016-02-10,2016-02-10,1000,,,,,,A,R,C\n",
    )
    kinbridge.run("import", "incidents", str(file))
    for first, last, dead in (
        ("2016-01-01", "2016-02-29", 1111),
        ("2016-01-01", "2016-02-28", 1011),
        ("2016-01-02", "2016-02-29", 1110),
        ("2016-01-15", "2016-01-15", 10),
        ("2016-02-10", "2016-02-29", 1000),
        ("2015-01-01", "2015-12-31", 0),
    ):
        assert json.loads(report(kinbridge, "json", first, last))["totals"]["dead"] == dead


def test_identical_rows_are_distinct_incidents_and_a_longer_file_adds_only_what_is_new(
    kinbridge: Kinbridge, write_csv: Callable[[str, str], Path]
) -> None:
    row = "2016-01-15,2016-01-15,10,,,,,,A,R,C\n"
    assert kinbridge.json("import", "incidents", str(write_csv("two.csv", row * 2)))["accepted"] == 2
    longer = kinbridge.json("import", "incidents", str(write_csv("three.csv", row * 3)))
    assert (longer["accepted"], longer["unchanged"]) == (1, 2)
    assert json.loads(report(kinbridge, "json"))["totals"]["dead"] == 30


def test_the_message_names_the_refused_rows(kinbridge: Kinbridge, write_csv: Callable[[str, str], Path]) -> None:
    file = write_csv("bad.csv", "2016-01-15,2016-01-15,-4,,,,,,A,R,C\n2016-01-15,2016-01-15,3,,,,,,A,R,C\n")
    kinbridge.run("import", "incidents", str(file), code=1)
    (message,) = (kinbridge.folder / "outbox" / "local").glob("*.txt")
    text = message.read_text()
    assert "row 2, dead: negative count" in text
    assert "-4" not in text


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "empty"), (b"PK\x03\x04 not a table", "CSV"), (b"a,b,c\n1,2,3\n", "column")],
)
def test_a_file_that_cannot_be_read_ends_with_two_and_says_why(
    kinbridge: Kinbridge, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    done = kinbridge.run("import", "incidents", str(file), code=2)
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_words_end_with_two_and_a_sentence(kinbridge: Kinbridge, tmp_path: Path) -> None:
    for words in (
        ("import", "incidents", str(tmp_path / "nowhere.csv")),
        ("import", "incidents", str(tmp_path)),
        ("report", "--from", "2018-01-01", "--to", "2014-01-01"),
        ("report", "--from", "2018-13-01", "--to", "2014-01-01"),
        ("report", "--from", "2018-01-01", "--to", "2018-01-02", "--organisation", "nobody"),
        ("held", "replay", "nobody", "intake", "case/none"),
        ("client", "revoke", "local"),
        ("org", "add", "Not A Short Name", "Name"),
    ):
        done = kinbridge.run(*words, code=2)
        assert "Traceback" not in done.stderr
