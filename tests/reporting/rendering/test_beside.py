from __future__ import annotations

from typing import Any

from services.reporting.rendering.beside import beside
from services.reporting.rendering.issue import Issue
from services.reporting.rendering.wording import wording_of
from tests.reporting.rendering.issues import grant_issue, table


def issue_of(**figures: int | str) -> Issue:
    columns = {"name": "text", "target": "decimal", "actual": "decimal"}
    made = table("indicators", "people", columns, *((name, "200", said) for name, said in figures.items()))
    rows = tuple(row.model_copy(update={"key": str(row.cells[0].value)}) for row in made.rows)
    return grant_issue(sections=(), charts=(), tables=(made.model_copy(update={"rows": rows}),))


def shown(now: Issue, before: Issue) -> list[Any]:
    return [line.cells for line in beside(now, before, wording_of("en"))]


def test_each_figure_that_both_have_stands_beside_the_one_before_with_the_difference() -> None:
    before = issue_of(more="1000", less="12.5", same="7", gone="3", hidden="withheld", hides="9")
    now = issue_of(new="3", more="2250", less="10", same="7", hidden="40", hides="withheld")

    assert shown(now, before) == [
        ("more", "1,000", "2,250", "+1,250"),
        ("less", "12.5", "10", "−2.5"),
        ("same", "7", "7", "0"),
        ("hidden", "[c]", "40", ""),
        ("hides", "9", "[c]", ""),
    ]


def test_a_report_without_indicators_has_nothing_beside_it() -> None:
    assert shown(grant_issue(), issue_of(more="1")) == []
    assert shown(issue_of(more="1"), grant_issue()) == []
