"""The interface for programs: messages, languages, pauses; each sees its own organisation's, and its role's."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.notify.wording import LANGUAGES, digest_of
from shared.access import Role
from tests.notify.staff.conftest import Office


def ids(answer: object) -> list[str]:
    return [one["id"] for one in answer.json()["items"]]  # type: ignore[attr-defined] # an answer of the client's


def test_messages_come_newest_first_page_by_page_and_none_twice(office: Office) -> None:
    made = [office.message(minutes=number // 2) for number in range(7)]
    office.message(other=True)
    newest = [str(one.id) for one in sorted(made, key=lambda one: (one.created_at, one.id.hex), reverse=True)]
    seen, before = [], {}
    for expected in (3, 3, 1):
        page = office.asks("GET", "notifications", params={"limit": "3", **before})
        assert len(ids(page)) == expected
        seen += ids(page)
        before = {"before": page.json()["next"]}
    assert before == {"before": None}
    assert seen == newest


def test_messages_of_one_status_are_found_page_by_page(office: Office) -> None:
    held = [office.message(minutes=number, status="held", reason="paused") for number in range(3)]
    office.message(minutes=9)
    first = office.asks("GET", "notifications", params={"status": "held", "limit": "2"})
    second = office.asks("GET", "notifications", params={"status": "held", "before": first.json()["next"]})
    assert ids(first) + ids(second) == [str(one.id) for one in reversed(held)]
    assert {one["reason"] for one in first.json()["items"]} == {"paused"}
    assert office.asks("GET", "notifications", params={"status": "lost"}).status_code == 422


def test_a_foreign_message_is_not_found_like_one_that_nobody_has(office: Office) -> None:
    foreign = office.message(other=True)
    for asked in ("notifications/{}", "notifications?before={}"):
        answers = [office.asks("GET", asked.format(one)) for one in (foreign.id, uuid4())]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()


def test_an_administrator_sees_how_messages_fare_and_not_which_or_of_which_case(office: Office) -> None:
    family, about_import = office.message(), office.message(minutes=1, family=False)
    passed = office.message(minutes=2, family=False, kind="referral.offered.receiver")
    whole = office.asks("GET", "notifications").json()["items"]
    assert [one["kind"] for one in whole] == ["referral.offered.receiver", "import_finished", "news"]
    assert whole[2]["about"] == str(family.about)
    told = office.asks("GET", "notifications", office.actor(Role.ADMINISTRATOR))
    assert [one["kind"] for one in told.json()["items"]] == [None, "import_finished", None]
    assert [one["status"] for one in told.json()["items"]] == ["delivered"] * 3
    assert str(family.about) not in told.text
    assert str(passed.about) not in told.text
    assert about_import.text in told.text
    story = office.asks("GET", f"notifications/{family.id}", office.actor(Role.ADMINISTRATOR))
    assert (story.json()["kind"], story.json()["about"]) == (None, None)


def test_a_case_worker_and_an_operator_read_no_messages(office: Office) -> None:
    message = office.message()
    for role in (Role.CASE_WORKER, Role.FINANCE_OFFICER, Role.DONOR_READER):
        for path in ("notifications", f"notifications/{message.id}", "languages", "pauses"):
            assert office.asks("GET", path, office.actor(role)).status_code == 403


def test_the_story_of_a_message_has_each_attempt_and_flags_what_is_odd_in_receipts(office: Office) -> None:
    message = office.message()
    office.attempt(message, code="30003", outcome="temporary-failure")
    odd = office.attempt(message, (1, "delivered", 2), (1, "permanent-failure", 1), contradictory=True)
    tried = {one["id"]: one for one in office.asks("GET", f"notifications/{message.id}").json()["tried"]}
    assert len(tried) == 2
    assert tried[str(odd)]["contradictory"] is True
    receipts = {(one["result"], one["times"]) for one in tried[str(odd)]["receipts"]}
    assert receipts == {("delivered", 2), ("permanent-failure", 1)}
    assert {one["code"] for one in tried.values()} == {None, "30003"}


def test_a_language_is_read_approved_and_withdrawn(office: Office) -> None:
    manager = office.actor()
    assert [one["tag"] for one in office.asks("GET", "languages").json()["items"]] == list(LANGUAGES)
    read = office.asks("GET", "languages/am").json()
    assert (read["review"], read["direction"], read["digest"]) == ("draft", "ltr", digest_of("am"))
    assert all(one["segments"] <= 3 for one in read["texts"] if one["channel"] == "sms")
    assert office.asks("GET", "languages/am/approval").status_code == 404
    approved = office.asks("PUT", "languages/am/approval", manager, json={"digest": read["digest"]})
    assert approved.status_code == 200
    assert approved.json()["reviewer_id"] == str(manager.user_id)
    assert office.asks("GET", "languages/am/approval", office.actor()).json() == approved.json()
    assert office.asks("GET", "languages/am/approval", office.actor(other=True)).status_code == 404
    assert office.asks("DELETE", "languages/am/approval", office.actor(other=True)).status_code == 204
    assert office.asks("GET", "languages/am").json()["review"] == "approved"
    assert office.asks("DELETE", "languages/am/approval").status_code == 204
    assert office.asks("GET", "languages/am").json()["review"] == "draft"


@pytest.mark.parametrize(
    ("tag", "body", "status"),
    [
        ("am", {"digest": "0" * 64}, 409),
        ("am", {"digest": "short"}, 422),
        ("am", {}, 422),
        ("tlh", {"digest": "0" * 64}, 404),
    ],
)
def test_what_is_not_read_is_not_approved(office: Office, tag: str, body: dict[str, str], status: int) -> None:
    assert office.asks("PUT", f"languages/{tag}/approval", json=body).status_code == status


def test_a_channel_is_paused_and_resumed(office: Office) -> None:
    manager = office.actor()
    assert office.asks("GET", "pauses/sms").status_code == 404
    made = office.asks("PUT", "pauses/sms", manager)
    assert made.json()["paused_by"] == str(manager.user_id)
    assert office.asks("GET", "pauses").json() == {"items": [made.json()]}
    assert office.asks("GET", "pauses/sms").json() == made.json()
    assert office.asks("GET", "pauses", office.actor(other=True)).json() == {"items": []}
    assert office.asks("DELETE", "pauses/sms").status_code == 204
    assert office.asks("GET", "pauses").json() == {"items": []}
    assert office.asks("PUT", "pauses/pigeon").status_code == 404


def test_the_interface_is_described(office: Office) -> None:
    paths = office.client.get("/notify/openapi.json").json()["paths"]
    assert "requestBody" in paths["/notify/v1/languages/{tag}/approval"]["put"]
    mine = ("notifications", "languages", "pauses")
    described = [one for path, methods in paths.items() if path.startswith(mine, 11) for one in methods.values()]
    assert len(described) == 11
    assert all(one["description"] for one in described)
