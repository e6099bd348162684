"""A client system of the organisation prepares reports; people answer for them."""

from __future__ import annotations

from shared.access import Actor, Role
from tests.factories import ORGANISATION
from tests.reporting.grants.conftest import APPROVER, FINANCE, LEDGER, MANAGER, Office

SYSTEM = Actor(ORGANISATION, roles=frozenset({Role.CASE_MANAGER, Role.FINANCE_OFFICER, Role.REPORT_APPROVER}))


def test_a_system_writes_and_drafts_and_signs_submits_approves_and_publishes_nothing(office: Office) -> None:
    report = office.opened(office.grant())
    here = f"/reports/{report}"
    assert office.done(SYSTEM, "PUT", f"{here}/sections/lessons_learned", {"text": "We learnt."})["state"] == "due"
    assert office.done(SYSTEM, "POST", f"{here}/draft")["state"] == "drafted"
    assert office.asks(SYSTEM, "POST", f"{here}/sections/lessons_learned/signature").status_code == 403
    office.written(report)
    assert office.asks(SYSTEM, "POST", f"{here}/submission").status_code == 403
    office.done(MANAGER, "POST", f"{here}/submission")
    for step, body in (("approval", None), ("return", {"reason": "No."}), ("publication", {})):
        assert office.asks(SYSTEM, "POST", f"{here}/{step}", body).status_code == 403, step
    assert office.done(MANAGER, "GET", here)["state"] == "submitted"
    office.done(APPROVER, "POST", f"{here}/approval")
    assert office.asks(SYSTEM, "POST", f"{here}/publication", {}).status_code == 403
    office.done(APPROVER, "POST", f"{here}/publication", {})
    assert office.asks(SYSTEM, "POST", f"{here}/restatement", {"why": "Late."}).status_code == 403


def test_a_system_brings_expenditures_in_and_a_finance_officer_signs_them(office: Office) -> None:
    grant = office.grant()
    entry = office.done(SYSTEM, "POST", f"/grants/{grant['id']}/expenditures", LEDGER)["entry"]
    assert office.asks(SYSTEM, "POST", f"/expenditures/{entry['id']}/signature").status_code == 403
    assert office.done(FINANCE, "POST", f"/expenditures/{entry['id']}/signature")["signed_at"]
