"""Referrals on the pages, in two browsers: who asks for a service, and who gives it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.intake.casework import CASE_TYPES
from services.intake.casework.people import Name, initials
from services.intake.domain import Case, PersonViewed, Referral
from shared.access import Role
from shared.database import reading, transaction, utc_now
from tests.intake.lives.test_child import CHILD
from tests.intake.pages.conftest import Pages
from tests.intake.pages.referring import AGREED, asked, hidden, hub_of, looked_at, referred, workers
from tests.intake.people import person, request_for
from tests.intake.referrals.conftest import Hub, registration

NAME = "Yonas Tekle"


def case_of(hub: Hub, *people: dict[str, Any]) -> str:
    """The address of a case whose person may be shared."""
    return f"/intake/cases/{hub.submit(registration(*people) if people else None).id}"


def newest(hub: Hub) -> Referral:
    with reading(hub.engine) as session:
        return session.scalars(select(Referral).order_by(Referral.id.desc())).first()  # type: ignore[return-value] # there is one


def late(hub: Hub, after: timedelta) -> None:
    """Nobody has looked at the newest referral for so long."""
    with transaction(hub.engine) as session:
        row = session.scalars(select(Referral).order_by(Referral.id.desc())).first()
        assert row is not None
        row.offered_at, row.due_at = utc_now() - after, row.due_at and row.due_at - after
    hub.time_passes(utc_now())


def test_from_proposing_an_agreement_to_completing_a_referral(pages_on_both: Pages) -> None:
    pages = pages_on_both
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    manager, their_manager = pages.browser(Role.CASE_MANAGER), pages.browser(Role.CASE_MANAGER, of=pages.other)
    case = case_of(hub)
    assert "no data-sharing agreement in force" in worker.open(f"{case}/refer")
    manager.open("/intake/agreements/new")
    partner = {"partner_id": str(pages.other.organisation_id)}
    agreement = manager.send("/intake/agreements/new", {**AGREED, **partner, **hidden(manager, "key")}).partition("?")[
        0
    ]
    assert "Waiting for your organisation's signature" in their_manager.open("/intake/agreements")
    assert "Distinguishing marks" in their_manager.open(f"{agreement}/do/sign")
    their_manager.send(f"{agreement}/do/sign")
    assert "In force" in manager.open(agreement)
    assert "Refer to another organisation" in worker.open(case)
    preview, form = looked_at(worker, case, asked(pages, note="He comes on Monday."))
    assert "Nothing was sent yet." in preview
    assert NAME in preview
    assert "He comes on Monday." in preview
    assert "Nothing waits here." in theirs.open("/intake/referrals")
    path = worker.send(f"{case}/refer", form).partition("?")[0]
    inbox = theirs.open("/intake/referrals")
    assert newest(hub).reference in inbox
    assert "Look at it within 4 hours" in inbox
    assert '<span class="kb-counted">1</span>' in inbox
    shown = theirs.open(path)
    assert NAME in shown
    assert "He comes on Monday." in shown
    assert "A scar" in shown
    assert case not in shown, "the sender's case is the sender's"
    for name, fields, who in (
        ("acknowledge", {}, theirs),
        ("ask", {"text": "Does he need an interpreter?"}, theirs),
        ("answer", {"text": "Yes, for Tigrinya."}, worker),
        ("accept", {}, theirs),
        ("hand_over", {}, worker),
        ("complete", {"reason": "service_given"}, theirs),
    ):
        page = who.open(f"{path}/do/{name}")
        assert "interpreter" in page or name != "answer"
        assert who.send(f"{path}/do/{name}", fields) == f"{path}?done={name}"
    told = worker.open(path)
    assert "The service was given" in told
    assert "Nothing: this referral is over." in told
    assert "Amina Osei" in told
    assert "Red Crescent-B" in told
    assert newest(hub).reference in worker.open(case)
    assert "Referred to another organisation" in worker.page
    assert newest(hub).reference not in worker.open("/intake/referrals?box=out")
    assert newest(hub).reference in worker.open("/intake/referrals?box=out&over=true")


def test_nothing_is_sent_by_looking_and_going_back_keeps_what_was_typed(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree(fields=["names", "marks"])
    case = case_of(hub)
    assert 'value="sex"' not in worker.open(f"{case}/refer"), "no agreement lets it through"
    _, form = looked_at(worker, case, asked(pages, fields=["names"], note="A note\nof two lines"))
    again = worker.send(f"{case}/refer", {**form, "do": "change"}, 200)
    assert "A note\nof two lines" in again
    assert f'value="{pages.other.organisation_id}" selected' in again
    assert "Nothing waits here." in theirs.open("/intake/referrals")


def test_a_second_click_leads_to_the_same_referral(pages_on_both: Pages) -> None:
    pages = pages_on_both
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    case = case_of(hub)
    _, form = looked_at(worker, case, asked(pages))
    first, second = (worker.send(f"{case}/refer", form) for _ in range(2))
    assert first == second
    _, form = looked_at(worker, case, asked(pages))
    assert worker.send(f"{case}/refer", form) != first, "asked for anew, it is another"


def test_what_changed_after_it_was_looked_at_is_looked_at_anew(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    submitted = hub.submit()
    case = f"/intake/cases/{submitted.id}"
    _, form = looked_at(worker, case, asked(pages))
    body = {"role": "registered", "person": person(NAME, sex="male", marks="Two scars")}
    headers = {"Authorization": f"Bearer {hub.worker.token}", "If-Match": "*"}
    path = f"/intake/v1/cases/{submitted.id}/people/{submitted.people[0]}"
    hub.client.put(path, json=body, headers=headers).raise_for_status()
    page = worker.send(f"{case}/refer", form, 412)
    assert "no longer what you looked at" in page
    assert "Two scars" in page
    assert "Nothing waits here." in theirs.open("/intake/referrals")
    worker.send(f"{case}/refer", {**form, **hidden(worker, "seen")})


def test_who_is_left_out_is_said_with_the_reason_and_a_no_shows_nothing_more(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    body = request_for(person(NAME, sex="male"), enquirer="Semret Haile")
    body["people"] += [{"role": "sought", "person": person("Semret Haile")}]
    submitted = hub.submit(body)
    hub.worker.post(f"persons/{submitted.people[-1]}/objections", {"purpose": "sharing"}, 201)
    case = f"/intake/cases/{submitted.id}"
    preview, form = looked_at(worker, case, asked(pages))
    assert "Who is left out" in preview
    assert "The person objected to this." in preview
    path = worker.send(f"{case}/refer", form).partition("?")[0]
    assert "Semret" not in theirs.open(path)
    hub.worker.post(f"persons/{submitted.people[1]}/objections", {"purpose": "sharing"}, 201)
    hidden_now = theirs.open(path)
    assert NAME not in hidden_now
    assert "The person objected to this." in hidden_now
    assert "shown nothing of it at present" in worker.open(path)


def test_nobody_who_may_be_shared_is_a_sentence_and_not_a_referral(pages: Pages) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    case = f"/intake/cases/{hub.submit(basis=None).id}"
    worker.open(f"{case}/refer")
    refused = worker.send(f"{case}/refer", {**asked(pages), **hidden(worker, "key")}, 409)
    assert "No legal basis is recorded" in refused


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"receiver_id": ""}, "receiver_id"), ({"service": "magic"}, "service"), ({"fields": []}, "fields")],
)
def test_a_wrong_answer_is_shown_with_its_question(pages: Pages, wrong: dict[str, Any], field: str) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    case = case_of(hub)
    worker.open(f"{case}/refer")
    page = worker.send(f"{case}/refer", {**asked(pages), **hidden(worker, "key"), **wrong}, 422)
    assert f'href="#{field}"' in page


def test_a_receiver_without_an_agreement_cannot_be_chosen(pages: Pages) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    case = case_of(hub)
    worker.open(f"{case}/refer")
    form = {**asked(pages, receiver_id=str(pages.own.organisation_id)), **hidden(worker, "key")}
    assert "Choose one of the organisations." in worker.send(f"{case}/refer", form, 422)


def test_a_refusal_has_a_reason_and_goes_back(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    path = referred(pages, worker, case_of(hub))
    theirs.open(f"{path}/do/decline")
    assert "Choose the reason." in theirs.send(f"{path}/do/decline", {"reason": "because"}, 422)
    theirs.send(f"{path}/do/decline", {"reason": "no_capacity"})
    assert NAME not in theirs.open(path)
    assert "We have no place at present" in worker.open(path)


def test_a_question_must_be_written(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    path = referred(pages, worker, case_of(hub))
    theirs.open(f"{path}/do/ask")
    assert "Answer this question." in theirs.send(f"{path}/do/ask", {"text": " "}, 422)


def test_silence_is_overdue_for_both_sides_managers_and_then_it_goes_back(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    managers = [pages.browser(Role.CASE_MANAGER), pages.browser(Role.CASE_MANAGER, of=pages.other)]
    hub.agree()
    path = referred(pages, worker, case_of(hub))
    late(hub, timedelta(hours=5))
    second = referred(pages, worker, case_of(hub))
    inbox = theirs.open("/intake/referrals")
    assert "Overdue since" in inbox
    assert inbox.index(path) < inbox.index(second), "what is overdue comes first"
    for manager in managers:
        assert "Referrals that nobody has looked at" in manager.open("/intake/my-work")
        assert path in manager.page
    assert "Referrals that nobody has looked at" not in theirs.open("/intake/my-work")
    theirs.open(f"{path}/do/acknowledge")
    theirs.send(f"{path}/do/acknowledge")
    assert "Referrals that nobody has looked at" not in managers[0].open("/intake/my-work"), "somebody has"
    hub.time_passes(utc_now() + timedelta(days=3))
    assert "Nobody answered in time" in worker.open(path)
    assert "By itself, when time had run out" in worker.page


def test_who_comes_second_sees_what_changed_meanwhile(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    path = referred(pages, worker, case_of(hub))
    theirs.open(f"{path}/do/decline")
    form = {"reason": "no_capacity", **hidden(theirs, "version")}
    hub.theirs.post(path.removeprefix("/intake/") + "/steps/accept")
    page = theirs.send(f"{path}/do/decline", form, 412)
    assert "What changed meanwhile" in page
    assert "Accepted" in page
    assert "cannot be done with the referral now" in theirs.open(f"{path}/do/decline")


def test_each_side_has_its_own_steps_and_others_have_no_page(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    path = referred(pages, worker, case_of(hub))
    worker.open(f"{path}/do/accept", 403)
    theirs.open(f"{path}/do/revoke", 403)
    theirs.open(f"{path}/update", 403)
    theirs.open(f"{path}/do/nothing", 404)
    officer, administrator = pages.browser(Role.DATA_PROTECTION_OFFICER), pages.browser(Role.ADMINISTRATOR)
    for nobody in (officer, administrator):
        nobody.open(path, 403)
        nobody.open("/intake/referrals", 403)
    case = case_of(hub)
    assert f"{case}/refer" not in officer.open(case)


def test_what_is_known_by_now_is_looked_at_and_then_sent(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    path = referred(pages, worker, case_of(hub), note="He comes on Monday.")
    assert "He comes on Monday." in worker.open(f"{path}/update")
    preview = worker.send(f"{path}/update", {"note": "He comes on Friday."}, 200)
    assert "He comes on Friday." in preview
    assert NAME in preview
    assert "Friday" not in theirs.open(path)
    form = {"note": "He comes on Friday.", **hidden(worker, "seen"), "do": "send"}
    worker.send(f"{path}/update", form)
    assert "He comes on Friday." in theirs.open(path)
    stale = {**form, "version": "1"}
    assert "The referral was changed" in worker.send(f"{path}/update", stale, 412)


def test_each_look_is_recorded(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    path = referred(pages, worker, case_of(hub))
    theirs.open(path)
    with reading(pages.engine) as session:
        own = PersonViewed.organisation_id == pages.other.organisation_id
        assert [one.purpose for one in session.scalars(select(PersonViewed).where(own))] == ["referral"]


def test_a_childs_referral_is_for_managers_and_officers_alone(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    officer = pages.browser(Role.CHILD_PROTECTION_OFFICER)
    their_officer = pages.browser(Role.CHILD_PROTECTION_OFFICER, of=pages.other)
    submitted = hub.submit(CHILD)
    case = f"/intake/cases/{submitted.id}"
    path = referred(pages, officer, case, fields=["names", "facts"])
    assert path in their_officer.open("/intake/referrals")
    assert path not in theirs.open("/intake/referrals")
    theirs.open(path, 404)
    worker.open(path, 404)
    (name,) = CHILD["people"][0]["person"]["names"][:1]
    assert f"<bdi>{initials([Name(full=name['full'])])}</bdi>" in their_officer.open(path), "initials, and no more"
    assert name["full"] not in their_officer.page


def test_a_case_without_people_or_closed_is_not_referred(pages: Pages) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    body = {
        "type": "mass_incident",
        "incident": {"occurred_from": "2025-05-03", "occurred_to": "2025-05-04", "dead": 2},
    }
    incident = hub.manager.post("cases", body, 201)["id"]
    assert f"{incident}/refer" not in worker.open(f"/intake/cases/{incident}")
    worker.open(f"/intake/cases/{incident}/refer", 404)
    case = case_of(hub)
    _, form = looked_at(worker, case, asked(pages))
    with transaction(pages.engine) as session:
        row = session.get_one(Case, UUID(case.rpartition("/")[2]))
        row.status = min(CASE_TYPES[row.type].life_cycle.closed)
    assert "The case is closed" in worker.open(f"{case}/refer")
    assert f"{case}/refer" not in worker.open(case)
    assert "The case is closed" in worker.send(f"{case}/refer", form, 409)


def test_pages_of_many_are_gone_on_with(pages: Pages) -> None:
    hub, theirs = hub_of(pages), pages.browser(Role.CASE_WORKER, of=pages.other)
    hub.agree()
    case = hub.submit()
    paths = [f"/intake/referrals/{hub.offer(case.id)['id']}" for _ in range(27)]
    late(hub, timedelta(days=2))
    first = theirs.open("/intake/referrals")
    assert first.count("/intake/referrals/") == 25
    following = f"/intake/referrals?box=in&after={paths[2].rpartition('/')[2]}"
    assert following in first
    second = theirs.open(following)
    assert [one for one in paths if one in second] == paths[:2]
    assert first.index(paths[-1]) < first.index(paths[-2])
    theirs.open("/intake/referrals?box=nowhere", 404)
