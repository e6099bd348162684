from __future__ import annotations

import csv
import io

import pytest

from services.reporting.rendering.incidents.as_csv import render_csv
from tests.reporting.rendering.reports import Incident, report_of


def read(rendered: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(rendered.decode("utf-8-sig"), newline=""), strict=True))


def label_of(route: str) -> str:
    rows = read(render_csv(report_of(Incident(route=route))))
    return next(row["label"] for row in rows if row["dimension"] == "route")


def test_the_columns_and_the_total_come_first() -> None:
    rendered = render_csv(report_of(Incident()))

    header, total, *_ = rendered.decode("utf-8-sig").split("\r\n")
    assert header == "dimension,key,label,incidents,dead,missing,survivors,females,males,children"
    assert total == "total,total,All incidents,1,2,3,4,1,2,1"


def test_excel_is_told_the_encoding_and_lines_end_as_in_rfc_4180() -> None:
    rendered = render_csv(report_of(Incident(route="Syria to Türkiye")))

    assert rendered.startswith(b"\xef\xbb\xbf")
    assert rendered.count(b"\r\n") == rendered.count(b"\n") == 7
    assert rendered.endswith(b"\r\n")


@pytest.mark.parametrize(
    "formula",
    [
        '=HYPERLINK("http://example.invalid","x")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\nplain after a line feed",
        "  =1+1",
        "\u200b=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_a_spreadsheet_runs_no_label(formula: str) -> None:
    assert label_of(formula) == f"'{formula}"


def test_a_key_that_looks_like_a_formula_is_neutralised_too() -> None:
    rows = read(render_csv(report_of(Incident(cause="=1+1"))))

    assert [row["key"] for row in rows if row["dimension"] == "cause"] == ["'=1+1"]


@pytest.mark.parametrize(
    "harmless", ["Afghanistan – Iran", "a=b", 'He said "no", then left', "two\r\nlines", "<script>", "طريق", "'Afar"]
)
def test_other_text_is_kept_as_it_is(harmless: str) -> None:
    assert label_of(harmless) == harmless


def test_an_empty_report_has_a_total_of_zeros_only() -> None:
    assert [list(row.values())[3:] for row in read(render_csv(report_of()))] == [["0"] * 7]
