from __future__ import annotations

import hashlib
import json

from services.reporting.queries.reports import opened
from services.reporting.rendering import RENDERINGS, IncidentReport, Issue, as_issue
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
        assert Issue.frozen(made) == issue


def test_what_an_earlier_version_froze_keeps_its_hash_and_its_files() -> None:
    """Models grow: here by a field that has a value when it is not given."""
    now = grant_issue(report="grant", number=1, revisions=())
    written = json.loads(now.canonical)
    assert written.pop("revisions") == []
    before = json.dumps(written, separators=(",", ":"), ensure_ascii=False).encode()
    issue = opened(before, hashlib.sha256(before).hexdigest())

    assert issue == now
    assert (issue.canonical, issue.digest) == (before, hashlib.sha256(before).hexdigest())
    assert issue.digest != now.digest
    assert RENDERINGS["json"].render(issue) == before
    assert all(issue.digest in RENDERINGS[name].render(issue).decode() for name in ("html", "csv"))
    assert json.loads(issue.model_dump_json()) == json.loads(now.canonical), "nothing of it is written twice"
