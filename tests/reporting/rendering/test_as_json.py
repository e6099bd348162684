from __future__ import annotations

import hashlib
import json

from services.reporting.rendering import IncidentReport, Issue, as_issue
from services.reporting.rendering.as_json import render_json
from services.reporting.rendering.incidents import as_json
from tests.reporting.rendering.issues import grant_issue
from tests.reporting.rendering.reports import Incident, five_years, report_of


def test_json_reads_back_as_the_same_snapshot() -> None:
    for report in (five_years(), report_of(), report_of(Incident(route="طريق"), grant=None)):
        assert IncidentReport.model_validate_json(as_json.render_json(report)) == report


def test_keys_stand_in_one_order_and_the_file_ends_with_a_newline() -> None:
    rendered = as_json.render_json(report_of(Incident()))

    assert list(json.loads(rendered)) == list(IncidentReport.model_fields)
    assert rendered.startswith(b'{\n  "title": ')
    assert rendered.endswith(b"}\n")
    assert not rendered.endswith(b"\n\n")


def test_counts_are_integers_and_dates_are_iso() -> None:
    read = json.loads(as_json.render_json(report_of(Incident())))

    assert read["totals"]["dead"] == 2
    assert type(read["totals"]["dead"]) is int
    assert (read["date_from"], read["generated_at"]) == ("2018-01-01", "2019-01-03T08:05:00Z")


def test_names_are_written_in_their_own_script() -> None:
    assert "طريق" in as_json.render_json(report_of(Incident(route="طريق"))).decode()


def test_an_issues_json_is_what_was_hashed_and_reads_back_equal() -> None:
    for issue in (grant_issue(), as_issue(five_years()), as_issue(report_of())):
        made = render_json(issue)
        assert hashlib.sha256(made).hexdigest() == issue.digest
        assert Issue.model_validate_json(made) == issue
