"""A report from due to published: who may do what, in which order, and what stays for ever."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shared.database import reading, transaction
from shared.events import ReportPublished
from shared.messaging.tables import event_log
from tests.reporting.grants.conftest import (
    APPROVER,
    AUDITOR,
    CASE_WORKER,
    DONOR,
    DONOR_ORGANISATION,
    FINANCE,
    MANAGER,
    STRANGER,
    WRITING_APPROVER,
    Office,
)

STEPS = {
    "draft": (MANAGER, None),
    "submission": (MANAGER, None),
    "return": (APPROVER, {"reason": "The figure of July is too high."}),
    "approval": (APPROVER, None),
    "publication": (APPROVER, {}),
    "restatement": (APPROVER, {"why": "Two incidents came late."}),
}

STEP_OF = {
    "draft": "draft",
    "submission": "submit",
    "return": "send_back",
    "approval": "approve",
    "publication": "publish",
    "restatement": "restate",
}


def dead_in(issue: dict[str, Any]) -> int | str | None:
    """What the indicator table says of this period."""
    table = next(one for one in issue["tables"] if one["key"] == "indicators")
    at = [column["key"] for column in table["columns"]].index("actual")
    row = next(one for one in table["rows"] if one["key"] == "inc.dead")
    cell: dict[str, Any] = row["cells"][at]
    return cell["value"]


def test_a_report_goes_from_due_to_published_through_two_people(office: Office) -> None:
    office.incident("2026-07-05", 3)
    report = office.opened(office.grant())
    assert office.done(MANAGER, "GET", f"/reports/{report}")["state"] == "due"
    assert office.done(MANAGER, "POST", f"/reports/{report}/draft")["state"] == "drafted"
    draft = office.done(MANAGER, "GET", f"/reports/{report}/draft")
    assert draft["draft"] is True
    assert int(dead_in(draft)) == 3
    office.written(report)
    assert office.done(MANAGER, "POST", f"/reports/{report}/submission")["state"] == "submitted"
    assert office.done(APPROVER, "POST", f"/reports/{report}/approval")["state"] == "approved"
    told = office.done(APPROVER, "POST", f"/reports/{report}/publication", {})
    assert told["state"] == "published"
    (issue,) = told["issues"]
    assert (issue["number"], issue["audience"], issue["standing"]) == (1, "donor", "published")
    assert (issue["published_role"], issue["published_organisation"]) == ("report approver", "Red Cross A")
    frozen = office.done(MANAGER, "GET", f"/reports/{report}/issues/1")
    assert frozen["draft"] is False
    assert frozen["tables"] == office.done(MANAGER, "GET", f"/reports/{report}/draft")["tables"]
    signed = frozen["sections"][0]["signed"]
    assert (signed["role"], signed["organisation"]) == ("case manager", "Red Cross A")
    assert frozen["sections"][0]["paragraphs"] == ["About overall_performance.", "And more."]


@pytest.mark.parametrize(
    ("state", "legal"),
    [
        ("due", {"draft"}),
        ("drafted", {"draft", "submission"}),
        ("submitted", {"return", "approval"}),
        ("sent_back", {"draft"}),
        ("approved", {"return", "publication"}),
        ("published", {"restatement"}),
    ],
)
def test_each_state_allows_its_steps_and_a_refusal_names_them(office: Office, state: str, legal: set[str]) -> None:
    report = office.opened(office.grant())
    ways = {
        "due": [],
        "drafted": ["draft"],
        "submitted": ["draft", "submission"],
        "sent_back": ["draft", "submission", "return"],
        "approved": ["draft", "submission", "approval"],
        "published": ["draft", "submission", "approval", "publication"],
    }
    office.written(report)
    for step in ways[state]:
        actor, body = STEPS[step]
        office.done(actor, "POST", f"/reports/{report}/{step}", body)
    assert office.done(MANAGER, "GET", f"/reports/{report}")["state"] == state
    for step in STEPS.keys() - legal:
        actor, body = STEPS[step]
        refused = office.asks(actor, "POST", f"/reports/{report}/{step}", body)
        assert refused.status_code == 409, (step, refused.text)
        assert "you can" in refused.json()["detail"]
    told = office.done(MANAGER, "GET", f"/reports/{report}")
    assert (told["state"], {STEP_OF[step] for step in legal}) == (state, set(told["possible"]))


def test_who_submitted_a_report_does_not_approve_it(office: Office) -> None:
    report = office.opened(office.grant())
    office.written(report)
    office.done(WRITING_APPROVER, "POST", f"/reports/{report}/draft")
    office.done(WRITING_APPROVER, "POST", f"/reports/{report}/submission")
    refused = office.asks(WRITING_APPROVER, "POST", f"/reports/{report}/approval")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "another than the one who submitted" in refused.json()["detail"]
    office.done(APPROVER, "POST", f"/reports/{report}/approval")


def test_a_report_is_submitted_once_each_section_is_written_and_signed(office: Office) -> None:
    report = office.opened(office.grant())
    office.done(MANAGER, "POST", f"/reports/{report}/draft")
    office.done(MANAGER, "PUT", f"/reports/{report}/sections/lessons_learned", {"text": "We learned."})
    refused = office.asks(MANAGER, "POST", f"/reports/{report}/submission")
    assert refused.status_code == 422
    assert {(one["pointer"], one["code"]) for one in refused.json()["errors"]} == {
        ("#/sections/overall_performance", "not_written"),
        ("#/sections/lessons_learned", "not_signed"),
    }


def test_other_words_are_signed_anew_and_an_empty_section_is_not_signed(office: Office) -> None:
    report = office.opened(office.grant())
    path = f"/reports/{report}/sections/lessons_learned"
    assert office.asks(MANAGER, "POST", f"{path}/signature").status_code == 409
    office.done(MANAGER, "PUT", path, {"text": "We learned."})
    signed = office.done(FINANCE, "POST", f"{path}/signature")["sections"][1]
    assert (signed["key"], signed["signed_role"]) == ("lessons_learned", "finance officer")
    assert office.done(MANAGER, "PUT", path, {"text": "We learned."})["sections"][1]["signed_on"] is not None
    assert office.done(MANAGER, "PUT", path, {"text": "We learned a lot."})["sections"][1]["signed_on"] is None
    assert office.asks(MANAGER, "PUT", f"/reports/{report}/sections/visibility", {"text": "X"}).status_code == 404


def test_what_is_sent_back_is_written_drafted_and_submitted_again(office: Office) -> None:
    report = office.opened(office.grant())
    office.submitted(report)
    words = {"text": "Other words."}
    assert office.asks(MANAGER, "PUT", f"/reports/{report}/sections/lessons_learned", words).status_code == 409
    told = office.done(APPROVER, "POST", f"/reports/{report}/return", {"reason": "Say more."})
    assert (told["state"], told["sent_back_for"]) == ("sent_back", "Say more.")
    office.done(MANAGER, "PUT", f"/reports/{report}/sections/lessons_learned", words)
    office.submitted(report)
    told = office.done(MANAGER, "GET", f"/reports/{report}")
    assert (told["state"], told["sent_back_for"]) == ("submitted", None)


def test_what_was_approved_is_what_is_published_whatever_is_counted_meanwhile(office: Office) -> None:
    office.incident("2026-07-05", 3)
    report = office.opened(office.grant())
    office.submitted(report)
    office.done(APPROVER, "POST", f"/reports/{report}/approval")
    office.incident("2026-07-06", 20)
    office.done(APPROVER, "POST", f"/reports/{report}/publication", {})
    assert int(dead_in(office.done(MANAGER, "GET", f"/reports/{report}/issues/1"))) == 3


def test_late_facts_make_a_restated_issue_that_says_what_differs_and_stays_internal(office: Office) -> None:
    office.incident("2026-07-05", 3)
    report = office.opened(office.grant())
    office.published(report)
    first = office.done(MANAGER, "GET", f"/reports/{report}/issues/1")
    office.incident("2026-08-01", 20)
    assert office.done(MANAGER, "GET", f"/reports/{report}/issues/1") == first
    told = office.done(APPROVER, "POST", f"/reports/{report}/restatement", {"why": "An incident came late."})
    assert (told["state"], told["number"]) == ("due", 2)
    office.submitted(report)
    office.done(APPROVER, "POST", f"/reports/{report}/approval")
    refused = office.asks(APPROVER, "POST", f"/reports/{report}/publication", {"audience": "donor"})
    assert refused.status_code == 409
    assert "publish this issue as internal" in refused.json()["detail"]
    told = office.done(APPROVER, "POST", f"/reports/{report}/publication", {})
    assert [(one["number"], one["audience"], one["standing"]) for one in told["issues"]] == [
        (2, "internal", "published"),
        (1, "donor", "superseded"),
    ]
    second = office.done(MANAGER, "GET", f"/reports/{report}/issues/2")
    (revision,) = second["revisions"]
    assert (revision["number"], revision["why"]) == (1, "An incident came late.")
    assert revision["digest"] == told["issues"][1]["digest"]
    changed = {(one["row"], one["column"]): (one["was"]["value"], one["now"]["value"]) for one in revision["changes"]}
    assert tuple(map(int, changed["inc.dead", "actual"])) == (3, 23)
    assert int(dead_in(second)) == 23


def test_a_restatement_of_an_internal_issue_stays_internal(office: Office) -> None:
    office.incident("2026-07-05", 3)
    report = office.opened(office.grant())
    office.published(report, "internal")
    office.incident("2026-08-01", 20)
    office.done(APPROVER, "POST", f"/reports/{report}/restatement", {"why": "An incident came late."})
    told = office.published(report)
    assert [one["audience"] for one in told["issues"]] == ["internal", "internal"]


def test_a_restatement_that_changes_nothing_is_refused(office: Office) -> None:
    report = office.opened(office.grant())
    office.published(report)
    office.done(APPROVER, "POST", f"/reports/{report}/restatement", {"why": "To be sure."})
    office.done(MANAGER, "POST", f"/reports/{report}/draft")
    refused = office.asks(MANAGER, "POST", f"/reports/{report}/submission")
    assert refused.status_code == 409
    assert "Nothing differs" in refused.json()["detail"]


def test_a_donor_gets_figures_of_a_day_once(office: Office) -> None:
    grant = office.grant()
    office.published(office.opened(grant, "2026-07-01", "2026-09-30"))
    beside = office.published(office.opened(grant, "2026-04-01", "2026-06-30"))
    assert beside["issues"][0]["audience"] == "donor"
    over = office.opened(grant, "2026-09-01", "2026-10-31")
    office.submitted(over)
    office.done(APPROVER, "POST", f"/reports/{over}/approval")
    assert office.asks(APPROVER, "POST", f"/reports/{over}/publication", {"audience": "donor"}).status_code == 409
    told = office.done(APPROVER, "POST", f"/reports/{over}/publication", {})
    assert told["issues"][0]["audience"] == "internal"


def test_a_published_issue_is_the_same_bytes_for_ever_and_no_statement_changes_it(office: Office) -> None:
    report = office.opened(office.grant())
    (issue,) = office.published(report)["issues"]
    for act in ("UPDATE report_issue SET why = 'x'", "DELETE FROM report_issue"):
        with pytest.raises(DBAPIError), transaction(office.engine) as session:
            session.execute(text(act))
    with reading(office.engine) as session:
        snapshot, digest = session.execute(text("SELECT snapshot, digest FROM report_issue")).one()
    assert hashlib.sha256(bytes(snapshot)).hexdigest() == digest == issue["digest"]
    answers = [office.asks(DONOR, "GET", f"/reports/{report}/issues/1?format=csv") for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["etag"] == f'"{digest}"'


def test_publication_is_told_of_with_the_digest_and_without_a_figure(office: Office) -> None:
    grant = office.grant()
    report = office.opened(grant)
    (issue,) = office.published(report)["issues"]
    with reading(office.engine) as session:
        rows = session.execute(
            select(event_log.c.type, event_log.c.subject).where(event_log.c.type == ReportPublished.TYPE)
        ).all()
    assert [tuple(row) for row in rows] == [("report.published", f"grant/{grant['id']}")]
    assert issue["digest"] == office.done(MANAGER, "GET", "/issues")[0]["digest"]


def test_a_donors_reader_reads_what_was_published_for_it_and_nothing_else(office: Office) -> None:
    grant = office.grant()
    report = office.opened(grant)
    unpublished = office.opened(grant, "2026-01-01", "2026-03-31")
    assert office.done(DONOR, "GET", "/issues") == []
    office.published(report)
    (seen,) = office.done(DONOR, "GET", "/issues")
    assert (seen["grant_number"], seen["audience"], seen["number"]) == ("echo_2026", "donor", 1)
    for form, kind in (("json", "application/json"), ("html", "text/html"), ("csv", "text/csv")):
        answer = office.asks(DONOR, "GET", f"/reports/{report}/issues/1?format={form}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert office.asks(DONOR, "GET", f"/reports/{unpublished}/issues/1").status_code == 404
    for path in ("/grants", f"/grants/{grant['id']}", "/reports", f"/reports/{report}", f"/reports/{report}/draft"):
        assert office.asks(DONOR, "GET", path).status_code == 403
    restated = office.done(APPROVER, "POST", f"/reports/{report}/restatement", {"why": "Words were wrong."})
    office.done(MANAGER, "PUT", f"/reports/{report}/sections/lessons_learned", {"text": "Other words."})
    office.done(MANAGER, "POST", f"/reports/{report}/sections/lessons_learned/signature")
    office.done(MANAGER, "POST", f"/reports/{restated['id']}/draft")
    office.done(MANAGER, "POST", f"/reports/{report}/submission")
    office.done(APPROVER, "POST", f"/reports/{report}/approval")
    office.done(APPROVER, "POST", f"/reports/{report}/publication", {})
    assert [one["number"] for one in office.done(DONOR, "GET", "/issues")] == [1]
    assert office.done(DONOR, "GET", "/issues")[0]["standing"] == "published"
    assert office.asks(DONOR, "GET", f"/reports/{report}/issues/2").status_code == 404
    assert office.asks(MANAGER, "GET", f"/reports/{report}/issues/2").status_code == 200


def test_another_organisation_finds_no_report_and_no_issue(office: Office) -> None:
    report = office.opened(office.grant())
    office.published(report)
    assert office.done(STRANGER, "GET", "/reports") == []
    assert office.done(STRANGER, "GET", "/issues") == []
    assert office.done(STRANGER, "GET", "/reports/due") == []
    for path in (f"/reports/{report}", f"/reports/{report}/draft", f"/reports/{report}/issues/1"):
        assert office.asks(STRANGER, "GET", path).status_code == 404
    for step in STEPS:
        assert office.asks(STRANGER, "POST", f"/reports/{report}/{step}", STEPS[step][1]).status_code == 404


def test_roles_are_asked_for(office: Office) -> None:
    report = office.opened(office.grant())
    for actor in (CASE_WORKER, AUDITOR, DONOR):
        assert office.asks(actor, "POST", f"/reports/{report}/draft").status_code == 403
    office.submitted(report)
    for actor in (MANAGER, FINANCE, AUDITOR):
        assert office.asks(actor, "POST", f"/reports/{report}/approval").status_code == 403


def test_who_writes_on_an_old_version_is_told(office: Office) -> None:
    report = office.opened(office.grant())
    path = f"/reports/{report}/sections/lessons_learned"
    seen = office.asks(MANAGER, "GET", f"/reports/{report}").headers["etag"]
    assert office.asks(MANAGER, "PUT", path, {"text": "One."}, If_Match=seen).status_code == 200
    assert office.asks(FINANCE, "PUT", path, {"text": "Two."}, If_Match=seen).status_code == 412
    assert office.asks(MANAGER, "POST", f"/reports/{report}/draft", If_Match=seen).status_code == 412


def test_an_auditor_finds_the_facts_behind_a_figure_and_others_do_not(office: Office) -> None:
    report = office.opened(office.grant())
    told = office.done(AUDITOR, "GET", f"/reports/{report}/facts?indicator=inc.dead")
    assert (told["indicator"], told["date_from"], told["date_to"]) == ("inc.dead", "2026-07-01", "2026-09-30")
    assert told["facts"] == []
    assert office.asks(AUDITOR, "GET", f"/reports/{report}/facts?indicator=nothing").status_code == 404
    assert office.asks(MANAGER, "GET", f"/reports/{report}/facts?indicator=inc.dead").status_code == 403


def test_a_report_lies_in_its_grants_time_and_there_is_one_over_a_period(office: Office) -> None:
    grant = office.grant()
    office.opened(grant)
    again = {"grant_id": grant["id"], "date_from": "2026-07-01", "date_to": "2026-09-30"}
    assert office.asks(MANAGER, "POST", "/reports", again).status_code == 409
    for first, last in (("2025-12-31", "2026-01-31"), ("2026-12-01", "2027-01-01"), ("2026-03-02", "2026-03-01")):
        asked = {"grant_id": grant["id"], "date_from": first, "date_to": last}
        assert office.asks(MANAGER, "POST", "/reports", asked).status_code == 422


def test_the_donor_organisation_of_the_fact_is_the_grants(office: Office) -> None:
    report = office.opened(office.grant())
    office.published(report)
    with reading(office.engine) as session:
        named = session.execute(text("SELECT donor_organisation_id FROM report_issue")).scalar_one()
    assert str(named).replace("-", "") == DONOR_ORGANISATION.hex
    assert json.loads(office.asks(DONOR, "GET", f"/reports/{report}/issues/1").text)["grant"]["number"] == "echo_2026"
