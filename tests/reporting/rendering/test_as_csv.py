from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rendering.as_csv import HEADER, as_written, harmless, render_csv
from services.reporting.rendering.issue import Issue
from tests.reporting.rendering.issues import cell, grant_issue, table


def lines(issue: Issue) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render_csv(issue).decode("utf-8-sig"), newline=""), strict=True))


def test_each_cell_is_a_line_with_its_keys_its_figure_and_its_mark() -> None:
    found = {(line["table"], line["row"], line["column"]): line for line in lines(grant_issue())}

    assert list(found["ages", "r1", "female"].values()) == [
        "ages",
        "r1",
        "female",
        "Female",
        "5–11",
        "people",
        "13",
        "",
    ]
    assert (found["ages", "r0", "female"]["value"], found["ages", "r0", "female"]["mark"]) == ("", "[c]")
    assert found["finance", "r0", "spent"]["value"] == "-5000.05"
    assert found["finance", "r0", "signed"]["value"] == "2026-10-05"


def test_what_is_no_table_stands_under_names_that_no_table_has() -> None:
    issue = grant_issue()
    found = {(line["table"], line["row"], line["column"]): line["value"] for line in lines(issue)}

    assert found["_issue", "digest", "value"] == issue.digest
    assert (found["_issue", "number", "value"], found["_issue", "state", "value"]) == ("2", "DRAFT")
    assert found["_issue", "grant_number", "value"] == "RFL-2026/17"
    assert found["_narrative", "performance", "paragraph-2"] == "Of these, 130 were closed."
    assert found["_definitions", "opened", "source"] == "ICRC, 2019"
    assert found["_revisions", "1", "months/2026-07/opened/was"] == "39"
    assert found["_covers", "notify", "partition-7"] == "1007"
    assert found["_marks", "withheld", "meaning"] == "withheld, so that nobody can be recognised"
    assert {name for name, *_ in found if name.startswith("_")} >= {"_notes", "_key_figures"}


def test_excel_is_told_the_encoding_and_lines_end_as_in_rfc_4180() -> None:
    made = render_csv(grant_issue())

    assert made.startswith(b"\xef\xbb\xbf" + ",".join(HEADER).encode())
    assert made.count(b"\r\n") == made.count(b"\n")
    assert made.endswith(b"\r\n")


@pytest.mark.parametrize("formula", ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "  =1", "\u200b=1", "＝1+1", "'=1"])
def test_a_spreadsheet_runs_no_text_and_the_text_reads_back(formula: str) -> None:
    columns = {"name": "text", "figure": "whole"}
    issue = grant_issue(sections=(), charts=(), tables=(table("odd", "words", columns, (formula, 1)),))
    (line,) = (line for line in lines(issue) if (line["table"], line["column"]) == ("odd", "name"))

    assert line["value"] == line["row_label"] == f"'{formula}"
    assert as_written(line["value"]) == formula


def test_a_negative_figure_is_a_figure() -> None:
    assert cell("-5000.05").value in {line["value"] for line in lines(grant_issue())}


@given(st.text())
def test_every_text_reads_back_as_it_was_written(text: str) -> None:
    assert as_written(harmless(text)) == text
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
