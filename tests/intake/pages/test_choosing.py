"""A referral begins with the service directory: what fits is chosen, and what stands in the way is said."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.intake.casework.service_categories import CATEGORIES
from services.intake.casework.service_directory import DOUBTS, ServiceIn
from services.intake.commands import directory
from services.intake.domain import Case, Referral, ServiceEntry
from shared.access import Role
from shared.database import reading, transaction, utc_now
from tests.intake.directory.entries import CLINIC
from tests.intake.pages.conftest import Pages
from tests.intake.pages.referring import asked, hidden, hub_of, workers
from tests.intake.pages.test_directory import kept, text_of
from tests.intake.pages.test_referrals import case_of
from tests.staff import Browser


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def of_the_form(pages: Pages, **more: Any) -> dict[str, Any]:
    """What is typed where a service was chosen: not who is asked, nor for what."""
    typed = asked(pages, **more)
    return {name: value for name, value in typed.items() if name not in {"receiver_id", "service"}}


def newest(pages: Pages) -> Referral:
    with reading(pages.engine) as session:
        found: Referral | None = session.scalars(select(Referral).order_by(Referral.id.desc())).first()
        assert found is not None
        return found


def sent(worker: Browser, pages: Pages, case: str, service: str) -> str:
    """The path of a referral to that service, looked at and sent."""
    worker.open(f"{case}/refer?service_entry_id={id_of(service)}")
    fields = {**of_the_form(pages), **hidden(worker, "key", "service_entry_id")}
    worker.send(f"{case}/refer", fields, 200)
    form = {**of_the_form(pages), **hidden(worker, "key", "seen", "service_entry_id"), "do": "send"}
    return worker.send(f"{case}/refer", form).partition("?")[0]


def test_from_the_case_a_service_is_chosen_looked_at_and_sent(pages_on_both: Pages) -> None:
    pages = pages_on_both
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    case = case_of(hub)
    service = kept(pages, of=pages.other)
    assert f'href="{case}/refer/services"' in worker.open(case)
    listed = worker.open(f"{case}/refer/services")
    link = f"{case}/refer?service_entry_id={id_of(service)}"
    assert f'href="{link}"' in listed
    form = worker.open(link)
    assert 'name="receiver_id"' not in form, "the service answers it"
    assert '<option value="LBY" selected>' in form, "the country of its place"
    fields = {**of_the_form(pages, country="LBY"), **hidden(worker, "key", "service_entry_id")}
    preview, kind = worker.send(f"{case}/refer", fields, 200), CATEGORIES["primary_health_care"].title
    for told in ("Nothing was sent yet.", "Red Crescent-B", "Clinic at the harbour", kind):
        assert told in preview, told
    worker.send(f"{case}/refer", {**fields, **hidden(worker, "seen", "service_entry_id"), "do": "change"}, 200)
    assert hidden(worker, "service_entry_id") == {"service_entry_id": id_of(service)}
    path = sent(worker, pages, case, service)
    row = newest(pages)
    assert (row.service_entry_id, row.service) == (UUID(id_of(service)), "primary_health_care")
    assert row.receiver_id == pages.other.organisation_id
    assert "Clinic at the harbour" in theirs.open("/intake/referrals"), "it sees which of its services is asked for"
    shown = theirs.open(path)
    assert f'href="{service}"' in shown
    assert "Behind the old market" in shown


def test_partners_come_first_and_of_others_it_is_said_what_to_do(pages_on_both: Pages) -> None:
    pages = pages_on_both
    hub, manager = hub_of(pages), pages.browser(Role.CASE_MANAGER)
    case = case_of(hub)
    service, own = kept(pages, of=pages.other), kept(pages, title="Our own clinic")
    listed = manager.open(f"{case}/refer/services")
    assert "Not possible yet" in listed
    assert "no data-sharing agreement with this one yet" in listed
    propose = f"/intake/agreements/new?partner_id={pages.other.organisation_id}"
    assert f'href="{propose}"' in listed
    assert own not in listed, "a referral goes to another organisation"
    assert f'value="{pages.other.organisation_id}" selected' in manager.open(propose)
    worker, _ = workers(pages)
    assert "Ask a case manager of yours" in worker.open(f"{case}/refer/services")
    assert propose not in worker.page
    why = worker.open(f"{case}/refer?service_entry_id={id_of(service)}")
    assert "no data-sharing agreement with this one yet" in why
    assert 'name="fields"' not in why, "there is no form to fill in vain"
    partner = {"partner_id": str(pages.other.organisation_id), "purposes": ["assistance"], "fields": ["names"]}
    proposed = hub.manager.post("agreements", {**partner, "valid_from": "2020-01-01", "countries": ["ITA"]}, 201)
    assert "waits for a signature" in manager.open(f"{case}/refer/services")
    hub.their_manager.post(f"agreements/{proposed['id']}/signature")
    assert "does not cover this country" in manager.open(f"{case}/refer/services")
    hub.agree(countries=["LBY"])
    listed = manager.open(f"{case}/refer/services")
    assert "Not possible yet" not in listed
    assert f"refer?service_entry_id={id_of(service)}" in listed


def test_what_fits_is_found_by_kind_place_language_and_age(pages: Pages) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    here = f"{case_of(hub)}/refer/services"
    service = kept(pages, of=pages.other, age_from=18, age_to=49)
    for fitting in ("age=18-49", "age=nonsense", "place=lby", "language=ar", "category=primary_health_care"):
        assert service in worker.open(f"{here}?{fitting}"), fitting
    for nothing in ("age=50-59", "age=13-17", "place=ITA", "language=ti", "category=food"):
        assert "No service fits all of that" in worker.open(f"{here}?{nothing}"), nothing
    assert "cannot be gone on with from here" in worker.open(f"{here}?after=nowhere", 422)


def test_the_list_goes_on_and_what_is_not_possible_comes_at_its_end(pages: Pages) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree(countries=["LBY"])
    here = f"{case_of(hub)}/refer/services"
    for number in range(27):
        kept(pages, of=pages.other, title=f"Clinic {number}")
    first = worker.open(here)
    assert first.count("Choose this service") == 25
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = worker.open(following[1].replace("&amp;", "&"))
    assert second.count("Choose this service") == 2
    assert "First page" in second


def test_doubts_are_shown_where_it_is_chosen_and_again_before_it_is_sent(pages_on_both: Pages) -> None:
    pages = pages_on_both
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    case = case_of(hub)
    service = kept(pages, of=pages.other, days=91, capacity="full", free_places=None)
    doubts = [DOUBTS["stale"], DOUBTS["full"]]
    pages_seen = [worker.open(f"{case}/refer/services"), worker.open(f"{case}/refer?service_entry_id={id_of(service)}")]
    fields = {**of_the_form(pages), **hidden(worker, "key", "service_entry_id")}
    pages_seen.append(worker.send(f"{case}/refer", fields, 200))
    for page in pages_seen:
        assert all(doubt in page for doubt in doubts)
    path = worker.send(f"{case}/refer", {**fields, **hidden(worker, "seen"), "do": "send"}).partition("?")[0]
    assert all(doubt in theirs.open(path) for doubt in doubts), "the receiver learns that its entry is doubted"


def test_a_service_that_filled_up_meanwhile_is_looked_at_anew(pages: Pages) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    case, service = case_of(hub), kept(pages, of=pages.other)
    worker.open(f"{case}/refer?service_entry_id={id_of(service)}")
    fields = {**of_the_form(pages), **hidden(worker, "key", "service_entry_id")}
    worker.send(f"{case}/refer", fields, 200)
    seen = hidden(worker, "seen")
    manager = pages.other.member(Role.CASE_MANAGER).actor
    with transaction(pages.engine) as session:
        full = ServiceIn.model_validate({**CLINIC, "capacity": "full", "free_places": None})
        directory.change_service(session, manager, UUID(id_of(service)), full, None)
    page = worker.send(f"{case}/refer", {**fields, **seen, "do": "send"}, 412)
    assert DOUBTS["full"] in page
    worker.send(f"{case}/refer", {**fields, **hidden(worker, "seen"), "do": "send"})


def test_a_withdrawn_service_is_neither_listed_nor_sent_to(pages: Pages) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    case, service = case_of(hub), kept(pages, of=pages.other)
    worker.open(f"{case}/refer?service_entry_id={id_of(service)}")
    fields = {**of_the_form(pages), **hidden(worker, "key", "service_entry_id")}
    manager = pages.other.member(Role.CASE_MANAGER).actor
    with transaction(pages.engine) as session:
        directory.withdraw_service(session, manager, UUID(id_of(service)), None)
    assert service not in worker.open(f"{case}/refer/services")
    assert "was withdrawn from the directory" in worker.send(f"{case}/refer", fields, 409)
    worker.open(f"{case}/refer?service_entry_id=nonsense", 404)
    worker.open(f"{case}/refer?service_entry_id={case.rpartition('/')[2]}", 404)


def test_another_service_of_the_organisation_is_asked_for_without_an_entry(pages: Pages) -> None:
    hub, (worker, _) = hub_of(pages), workers(pages)
    hub.agree()
    case, service = case_of(hub), kept(pages, of=pages.other)
    form = worker.open(f"{case}/refer?service_entry_id={id_of(service)}")
    other = f"{case}/refer?receiver_id={pages.other.organisation_id}"
    assert f'href="{other}"' in form
    assert f'value="{pages.other.organisation_id}" selected' in worker.open(other)
    worker.send(f"{case}/refer", {**asked(pages), **hidden(worker, "key")}, 200)
    worker.send(f"{case}/refer", {**asked(pages), **hidden(worker, "key", "seen"), "do": "send"})
    assert newest(pages).chosen is None


def test_from_a_service_the_case_is_named_by_its_reference(pages_on_both: Pages) -> None:
    pages = pages_on_both
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    case, service = case_of(hub), kept(pages, of=pages.other)
    assert "Refer a case to it" in worker.open(service)
    assert "Refer a case to it" not in theirs.open(service), "one does not refer to oneself"
    assert "Refer a case to it" not in pages.browser(Role.ADMINISTRATOR).open(service)
    pages.browser(Role.ADMINISTRATOR).open(f"{service}/refer?reference=KB-22222-22222-2", 403)
    with reading(pages.engine) as session:
        reference = session.get_one(Case, UUID(id_of(case))).reference
    for wrong in ("", "KB-22222-22222-X", "nothing"):
        assert "There is no such case." in worker.open(f"{service}/refer?reference={wrong}", 422), wrong
    assert "There is no such case." in theirs.open(f"{service}/refer?reference={reference}", 422), "it is another's"
    answer = worker.client.get(f"{service}/refer?reference={reference.lower()}", follow_redirects=False)
    assert answer.headers["location"] == f"{case}/refer?service_entry_id={id_of(service)}"
    hub.worker.post(f"cases/{id_of(case)}/moves/close", {"reason": "nothing_needed"}, 200)
    assert "cannot be referred as it is now" in worker.open(f"{service}/refer?reference={reference}", 409)


def test_a_doubt_is_of_the_day_on_which_it_was_chosen(pages: Pages) -> None:
    hub, (worker, theirs) = hub_of(pages), workers(pages)
    hub.agree()
    service = kept(pages, of=pages.other)
    path = sent(worker, pages, case_of(hub), service)
    with transaction(pages.engine) as session:
        entry = session.get_one(ServiceEntry, UUID(id_of(service)))
        entry.confirmed_at = utc_now() - timedelta(days=100)
    assert "What there was to doubt" not in text_of(theirs.open(path))
