"""Photos and documents on the pages: added, looked at, removed; chosen for a referral, and seen by its receiver."""

from __future__ import annotations

import re

import pytest

from services.intake.casework.attachments import REFUSED
from shared.access import Role
from tests.intake.attachments.files import SECRET, paper, photo
from tests.intake.pages.conftest import Pages
from tests.intake.pages.referring import asked, hidden, hub_of, looked_at, workers
from tests.intake.people import person
from tests.intake.referrals.conftest import EVERY_FIELD, registration
from tests.staff import Browser


def opened_case(pages: Pages) -> str:
    hub = hub_of(pages)
    hub.agree(fields=[*EVERY_FIELD, "attachments"])
    body = registration(person("Yonas Tekle", birth={"year": 1990}))
    body["people"].append({"role": "companion", "person": person("Selam Tekle", birth={"year": 2019})})
    return f"/intake/cases/{hub.submit(body).id}"


def add(browser: Browser, case: str, file: bytes, status: int = 303, **fields: str) -> str:
    browser.open(f"{case}/attachments")
    return again(browser, case, file, status, **hidden(browser, "key"), **fields)


def again(browser: Browser, case: str, file: bytes, status: int = 303, **fields: str) -> str:
    token = hidden(browser, "form_token")
    answer = browser.client.post(
        f"{case}/attachments",
        data={"title": "A photo", **token, **fields},
        files={"file": ("Yonas at home.jpg", file, "text/html")},
        follow_redirects=False,
    )
    return browser._seen(answer, status)


def persons(browser: Browser, case: str) -> dict[str, str]:
    """Name → id of those whom the form offers."""
    browser.open(f"{case}/attachments")
    found = re.findall(
        r'name="person_id" type="radio" value="([0-9a-f-]+)">\s*<label[^>]*>\s*([^<]+?)\s*<', browser.page
    )
    return {name: id_ for id_, name in found}


def test_a_photo_is_added_looked_at_and_removed(pages_on_both: Pages) -> None:
    pages = pages_on_both
    case, (worker, _) = opened_case(pages), workers(pages)
    assert "None was added yet." in worker.open(case)
    whom = persons(worker, case)["Yonas Tekle"]
    leads = add(worker, case, photo(), title="Yonas at the port", person_id=whom)
    page = worker.open(leads)
    assert "Recorded: “Added a photo or document”." in page
    assert "Yonas at the port" in page
    (path,) = set(re.findall(rf'href="({case}/attachments/[0-9a-f-]+)"', page))
    page = worker.open(path)
    assert "Yonas Tekle" in page
    assert f'<img class="kb-photo" src="{path}/content"' in page
    picture = worker.client.get(f"{path}/content")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert SECRET.encode() not in picture.content
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "It cannot be brought back." in worker.open(f"{path}/remove")
    assert "Removed a photo or document" in worker.open(worker.send(f"{path}/remove"))
    worker.open(path, 404)
    assert "None was added yet." in worker.open(case)


def test_a_document_is_no_picture_on_the_page(pages: Pages) -> None:
    case, (worker, _) = opened_case(pages), workers(pages)
    page = worker.open(add(worker, case, paper(), title="A certificate"))
    (path,) = set(re.findall(rf'href="({case}/attachments/[0-9a-f-]+)"', page))
    page = worker.open(path)
    assert "<img" not in page
    assert "The case as a whole" in page


@pytest.mark.parametrize(("file", "code"), [(b"", "empty"), (b"GIF89a", "other_type"), (b"\xff\xd8\xff..", "broken")])
def test_what_is_wrong_with_a_file_is_said_at_its_field(pages: Pages, file: bytes, code: str) -> None:
    case, (worker, _) = opened_case(pages), workers(pages)
    page = add(worker, case, file, 422, title="What I typed")
    assert page.count(REFUSED[code]) == 2
    assert 'href="#file"' in page
    assert "What I typed" in page


def test_a_title_is_needed_and_the_form_must_be_ours(pages: Pages) -> None:
    case, (worker, _) = opened_case(pages), workers(pages)
    page = add(worker, case, photo(), 422, title="")
    assert page.count("Answer this question.") == 2
    assert 'href="#title"' in page
    again(worker, case, photo(), 403, form_token="0" * 64)


def test_the_same_form_twice_adds_it_once_and_the_same_file_anew_is_refused(pages: Pages) -> None:
    case, (worker, _) = opened_case(pages), workers(pages)
    worker.open(f"{case}/attachments")
    form, key = worker.page, hidden(worker, "key")
    for _ in range(2):
        worker.page = form
        assert again(worker, case, photo(), **key).endswith("done=add_attachment")
    assert "This file is in the case already." in add(worker, case, photo(), 409)


def test_who_may_only_read_is_offered_no_form(pages: Pages) -> None:
    case, (worker, _) = opened_case(pages), workers(pages)
    page = worker.open(add(worker, case, photo()))
    (path,) = set(re.findall(rf'href="({case}/attachments/[0-9a-f-]+)"', page))
    officer = pages.browser(Role.DATA_PROTECTION_OFFICER)
    assert f'href="{case}/attachments"' not in officer.open(case)
    assert "/remove" not in officer.open(path)
    officer.open(f"{case}/attachments", 403)
    officer.open(f"{path}/remove", 403)


def test_a_photo_is_ticked_seen_before_it_is_sent_and_opened_by_the_receiver(pages_on_both: Pages) -> None:
    pages = pages_on_both
    case, (worker, theirs) = opened_case(pages), workers(pages)
    known = persons(worker, case)
    add(worker, case, photo(), title="Yonas at the port", person_id=known["Yonas Tekle"])
    add(worker, case, photo(size=(20, 20)), title="Selam at school", person_id=known["Selam Tekle"])
    add(worker, case, paper(), title="A list of the family")
    page = worker.open(f"{case}/refer?receiver_id={pages.other.organisation_id}")
    assert "Which photos and documents may it see?" in page
    assert "Yonas at the port" in page
    assert "Selam at school" not in page, "a minor"
    assert "A list of the family" not in page, "of the case as a whole"
    (ticked,) = re.findall(r'name="attachments" type="checkbox" value="([0-9a-f-]+)"', page)
    page, form = looked_at(worker, case, asked(pages, fields=["names", "attachments"], attachments=[ticked]))
    assert "Yonas at the port" in page
    referral = worker.send(f"{case}/refer", form).partition("?")[0]
    page = theirs.open(referral)
    assert f'href="{referral}/attachments/{ticked}"' in page
    assert "Yonas at the port" in theirs.open(f"{referral}/attachments/{ticked}")
    picture = theirs.client.get(f"{referral}/attachments/{ticked}/content")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert "Red Crescent-B" in worker.open(f"{case}/attachments/{ticked}/remove")
    worker.send(f"{case}/attachments/{ticked}/remove")
    assert theirs.client.get(f"{referral}/attachments/{ticked}/content").content == picture.content
