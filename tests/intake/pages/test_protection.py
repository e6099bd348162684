"""Protection of people on the pages: yes and no, requests, holds, erasure by two."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import get_args
from uuid import UUID

from sqlalchemy import select, update

from services.intake import commands
from services.intake.casework.protection import BASES, ERASURES, HOLDS, OUTCOMES, PURPOSES, REQUESTS
from services.intake.commands import protection as acts
from services.intake.domain import Case, Erasure, PersonViewed
from services.intake.pages.protection_deeds import DEEDS
from services.intake.schemas import CasePersonIn
from services.intake.schemas import protection as shapes
from shared.access import Role
from shared.database import reading, transaction, utc_now
from shared.events.intake import BasisName, Purpose
from tests.intake.pages.conftest import Pages
from tests.intake.pages.test_safety import submitted
from tests.staff import Browser


def of_the_sought(browser: Browser, case: str) -> str:
    """The address of the protection page of the case's second person."""
    browser.open(case)
    return re.findall(r'href="(/intake/cases/[0-9a-f-]+/people/[0-9a-f-]+/protection)"', browser.page)[1]


def do(browser: Browser, page: str, name: str, told: dict[str, str], status: int = 303) -> str:
    browser.open(f"{page}/{name}")
    return browser.send(f"{page}/{name}", told, status)


def test_pages_and_programs_know_the_same_codes() -> None:
    def of(form: type, field: str) -> set[str]:
        return set(get_args(form.model_fields[field].annotation))  # type: ignore[attr-defined] # a Pydantic model

    assert set(PURPOSES) == set(get_args(Purpose))
    assert set(BASES) == set(get_args(BasisName))
    assert set(REQUESTS) == of(shapes.RequestIn, "kind")
    assert set(OUTCOMES) == of(shapes.Outcome, "outcome")
    assert set(HOLDS) == of(shapes.HoldIn, "reason")
    assert set(ERASURES) >= of(shapes.ErasureIn, "reason")


def test_consent_is_given_taken_back_and_objected_to(pages_on_both: Pages) -> None:
    worker = pages_on_both.browser(Role.CASE_WORKER)
    page = of_the_sought(worker, submitted(pages_on_both))
    assert "No legal basis and no objection is recorded yet." in worker.open(page)
    assert "Answer this question." in do(worker, page, "basis", {"purpose": "tracing"}, 422)
    assert do(worker, page, "basis", {"purpose": "tracing", "basis": "consent"}) == f"{page}?done=basis"
    shown = worker.open(f"{page}?done=basis")
    assert "Recorded: “Record why the data may be used”." in shown
    assert "A legal basis for this is recorded." in shown
    other = str(pages_on_both.other.organisation_id)
    assert "Red Crescent B" in worker.open(f"{page}/basis").replace("-", " ").title()
    do(worker, page, "basis", {"purpose": "sharing", "basis": "consent", "recipient_id": other})
    do(worker, page, "withdrawal", {"purpose": "tracing"})
    do(worker, page, "objection", {"purpose": "notification"})
    shown = worker.open(page)
    assert "The person withdrew its consent to this." in shown
    assert "The person objected to this." in shown
    do(worker, page, "wish", {"wish": "yes"})
    assert "Yes: nothing leaves this organisation" in worker.open(page)
    do(worker, page, "wish", {"wish": "no"})
    assert "No such wish is recorded" in worker.open(page)
    with reading(pages_on_both.engine) as session:
        assert "protection" in set(session.scalars(select(PersonViewed.purpose)))


def test_a_request_has_its_day_and_is_answered_once(pages: Pages) -> None:
    worker, officer = pages.browser(Role.CASE_WORKER), pages.browser(Role.DATA_PROTECTION_OFFICER)
    page = of_the_sought(worker, submitted(pages))
    assert "Nobody waits for an answer." in officer.open("/intake/protection")
    received = {"received_on-day": "1", "received_on-month": "2", "received_on-year": "2026"}
    do(worker, page, "request", {"kind": "copy", "note": "All of it <b>please</b>", **received})
    shown = officer.open("/intake/protection")
    assert "A copy of everything that is held" in shown
    assert "3 March 2026" in shown
    answering = re.findall(rf'href="({page}/requests/[0-9a-f-]+)"', officer.page)[0]
    assert "All of it <b>please</b>" in officer.open(answering)
    assert "<b>please" not in officer.page
    officer.send(answering, {}, 422)
    officer.send(answering, {"outcome": "done"})
    assert "Done as asked" in officer.open(page)
    officer.open(answering)
    assert "This request was answered already." in officer.send(answering, {"outcome": "partly"}, 409)
    copy = officer.client.get(f"{page}/copy")
    assert copy.status_code == 200
    assert "attachment" in copy.headers["content-disposition"]
    assert copy.json()["person"]["as_told"]["names"][0]["full"] == "Aster Canary"


def test_the_request_of_somebody_who_left_the_case_is_answered_all_the_same(pages: Pages) -> None:
    case, manager = submitted(pages), pages.own.member(Role.CASE_MANAGER).actor
    part = CasePersonIn.model_validate({"role": "companion", "person": {"names": [{"full": "Left Canary"}]}})
    with transaction(pages.engine) as session:
        person_id = commands.add_person(session, manager, UUID(case.rpartition("/")[2]), part, None)
        acts.receive_request(session, manager, person_id, "copy")
        commands.remove_person(session, manager, UUID(case.rpartition("/")[2]), person_id, None)
    officer = pages.browser(Role.DATA_PROTECTION_OFFICER)
    officer.open("/intake/protection")
    answering = re.findall(rf'href="({case}/people/{person_id}/protection/requests/[0-9a-f-]+)"', officer.page)[0]
    assert "Left Canary" in officer.open(answering)
    officer.send(answering, {"outcome": "done"})
    assert "Done as asked" in officer.open(f"{case}/people/{person_id}/protection")


def test_what_was_recorded_of_a_merged_twin_is_ended_where_it_is_shown(pages: Pages) -> None:
    first, second = submitted(pages), submitted(pages, "Astar Canari")
    browser, manager = pages.browser(Role.CASE_MANAGER), pages.own.member(Role.CASE_MANAGER).actor
    kept, merged = of_the_sought(browser, first), of_the_sought(browser, second)
    do(browser, merged, "hold", {"reason": "claim"})
    do(browser, merged, "wish", {"wish": "yes"})
    ids = [UUID(part) for page in (kept, merged) for part in re.findall(r"[0-9a-f-]{36}", page)]
    with transaction(pages.engine) as session:
        commands.merge_cases(session, manager, ids[0], ids[2], same_people=[(ids[3], ids[1])])
    shown = browser.open(kept)
    assert "A legal claim may follow" in shown
    assert "Yes: nothing leaves this organisation" in shown
    assert "lasts on this person already" in do(browser, kept, "hold", {"reason": "claim"}, 409)
    do(browser, kept, "lift", {})
    do(browser, kept, "wish", {"wish": "no"})
    shown = browser.open(kept)
    assert "A legal claim may follow" not in shown
    assert "No such wish is recorded" in shown
    do(browser, kept, "request", {"kind": "erase"})
    do(browser, kept, "erasure", {"reason": "subject_request"})
    assert "Proposed, waits for a second person" in browser.open(merged)


def test_what_the_person_asks_for_is_said_in_the_language_and_its_own_words_as_they_are(pages: Pages) -> None:
    worker = pages.browser(Role.CASE_WORKER)
    page = of_the_sought(worker, submitted(pages))
    do(worker, page, "request", {"kind": "correct", "note": "Refused"})
    officer = pages.browser(Role.DATA_PROTECTION_OFFICER)
    officer.open("/intake/protection")
    answering = re.findall(rf'href="({page}/requests/[0-9a-f-]+)"', officer.page)
    assert "A correction" in officer.open(answering[0])
    assert "Corrected" not in officer.page
    officer.open("/intake/language/fr", 303)
    assert "<bdi>Refused</bdi>" in officer.open(answering[0])


def test_two_people_erase_and_a_hold_keeps(pages_on_both: Pages) -> None:
    pages = pages_on_both
    worker, manager = pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_MANAGER)
    officer = pages.browser(Role.DATA_PROTECTION_OFFICER)
    page = of_the_sought(manager, submitted(pages))
    do(worker, page, "request", {"kind": "erase"})
    do(officer, page, "hold", {"reason": "complaint"})
    assert "A complaint is not yet decided" in officer.open(page)
    refused = do(manager, page, "erasure", {"reason": "subject_request"}, 409)
    assert "A legal hold (A complaint is not yet decided) keeps this person's data" in refused
    assert "Lift the legal hold" in officer.open(page)
    do(officer, page, "lift", {})
    do(manager, page, "erasure", {"reason": "subject_request"})
    manager.open("/intake/protection")
    erasure = re.findall(r'href="(/intake/protection/erasures/[0-9a-f-]+)"', manager.page)[0]
    assert "You proposed it: somebody else approves." in manager.open(erasure)
    assert 'value="approve"' not in manager.page
    assert "An erasure needs two people" in manager.send(erasure, {"decision": "approve"}, 409)
    assert "A case manager or the data protection officer decides." in worker.open(erasure)
    assert "It cannot be undone." in officer.open(erasure)
    assert "Choose what is decided." in officer.send(erasure, {}, 422)
    officer.send(erasure, {"decision": "approve"})
    assert "Approved, and erased" in officer.open(erasure)
    assert "What was known of this person was erased on" in worker.open(page)
    assert "Aster Canary" not in worker.open(page)


def test_nobody_takes_on_what_was_declined_meanwhile(pages: Pages) -> None:
    submitted(pages)
    with transaction(pages.engine) as session:
        session.execute(update(Case).values(status="closed", updated_at=utc_now() - timedelta(days=366 * 11)))
        assert acts.propose_what_is_due(session) == 2
        mine, declined = session.scalars(select(Erasure.id).order_by(Erasure.id))
    worker = pages.browser(Role.CASE_WORKER)
    worker.open(f"/intake/protection/erasures/{mine}")
    worker.send(f"/intake/protection/erasures/{mine}", {"decision": "take_on"})
    again = worker.send(f"/intake/protection/erasures/{mine}", {"decision": "take_on"}, 409)
    assert "This erasure is proposed already." in again
    worker.open(f"/intake/protection/erasures/{declined}")
    manager = pages.own.member(Role.CASE_MANAGER).actor
    with transaction(pages.engine) as session:
        acts.decline_erasure(session, manager, declined)
    refused = worker.send(f"/intake/protection/erasures/{declined}", {"decision": "take_on"}, 409)
    assert "This erasure is decided already: declined." in refused
    with reading(pages.engine) as session:
        assert sorted(one.state for one in session.scalars(select(Erasure))) == ["declined", "proposed"]


def test_nobody_of_another_organisation_and_no_other_role_sees_it(pages: Pages) -> None:
    worker, stranger = pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_MANAGER, of=pages.other)
    administrator = pages.browser(Role.ADMINISTRATOR)
    page = of_the_sought(worker, submitted(pages))
    for path in (page, f"{page}/copy", *(f"{page}/{name}" for name in DEEDS)):
        stranger.open(path, 404)
        administrator.open(path, 403)
    administrator.open("/intake/protection", 403)
    worker.open(f"{page}/hold", 403)
    worker.open(f"{page}/nothing", 404)
    other = of_the_sought(worker, submitted(pages, "Somebody Else"))
    mixed = page.partition("/people/")[0] + "/people/" + other.partition("/people/")[2]
    worker.open(mixed, 404)
