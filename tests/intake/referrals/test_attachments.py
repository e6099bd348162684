"""Photos and documents are chosen one by one for a referral, and the receiver sees exactly these. On both databases."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy import select

from services.intake.commands.attachments import collect_bytes
from services.intake.commands.protection.erasure import _erase
from services.intake.domain import Attachment, PersonViewed, SharedAttachment
from services.intake.domain import Person as KnownPerson
from shared.database import reading, transaction
from shared.depot import depot_for
from tests.intake.attachments.files import paper, photo
from tests.intake.people import person
from tests.intake.referrals.conftest import EVERY_FIELD, Hub, Person, registration

WITH_FILES = ["names", "attachments"]


def attach(hub: Hub, case_id: UUID, file: bytes, of: UUID | None = None, title: str = "A photo") -> str:
    fields = {"title": title, **({"person_id": str(of)} if of else {})}
    return str(hub.worker.upload(f"cases/{case_id}/attachments", fields, file)["id"])


def agreed(hub: Hub, *fields: str) -> Any:
    return hub.agree(fields=[*EVERY_FIELD, *(fields or ("attachments",))])


def content(who: Person, referral: str, attachment: str) -> Any:
    headers = {"Authorization": f"Bearer {who.token}"}
    return who.client.get(f"/intake/v1/referrals/{referral}/attachments/{attachment}/content", headers=headers)


def collect(hub: Hub) -> int:
    with transaction(hub.engine) as session:
        return collect_bytes(session)


def test_only_what_was_ticked_is_shared_and_only_if_the_agreement_lets_it_through(hub: Hub) -> None:
    case = hub.submit()
    ticked = attach(hub, case.id, photo(), case.people[0], "Yonas at the port")
    left = attach(hub, case.id, photo(size=(20, 20)), case.people[0])
    hub.agree()
    asked = hub.asked(fields=WITH_FILES, attachments=[ticked])
    preview = hub.worker.post(f"cases/{case.id}/referrals/preview", asked)
    assert (preview["fields"], "attachments" in preview["shared"]) == (["names"], False)
    agreed(hub)
    preview = hub.worker.post(f"cases/{case.id}/referrals/preview", asked)
    told = [{"id": ticked, "kind": "photo", "media_type": "image/jpeg", "title": "Yonas at the port"}]
    assert preview["shared"]["attachments"] == told
    offered = hub.offer(case.id, fields=WITH_FILES, attachments=[ticked])
    assert hub.theirs.get(f"referrals/{offered['id']}")["shared"]["attachments"] == told
    opened = content(hub.theirs, offered["id"], ticked)
    assert opened.status_code == 200
    assert Image.open(io.BytesIO(opened.content)).size == (64, 48)
    assert opened.headers["content-disposition"].startswith("attachment")
    assert content(hub.theirs, offered["id"], left).status_code == 404


def test_nothing_is_shared_unless_it_is_ticked(hub: Hub) -> None:
    case = hub.submit()
    one = attach(hub, case.id, photo(), case.people[0])
    agreed(hub)
    offered = hub.offer(case.id, fields=WITH_FILES)
    assert "attachments" not in hub.theirs.get(f"referrals/{offered['id']}")["shared"]
    assert content(hub.theirs, offered["id"], one).status_code == 404


def test_of_a_minor_of_a_third_person_and_of_the_case_nothing_can_be_chosen(hub: Hub) -> None:
    agreed(hub)
    boy = hub.submit(registration(person("Yonas Tekle", birth={"year": 2019})))
    request = {
        "type": "tracing_request",
        "details": {"relationship": "parent"},
        "people": [
            {"role": "enquirer", "person": person("Halima", birth={"year": 1980})},
            {"role": "sought", "person": person("Aster", birth={"year": 1990})},
        ],
    }
    traced = hub.submit(request)
    enquirer, _ = traced.people
    kept_back = [
        (boy, attach(hub, boy.id, photo(), boy.people[0])),
        (traced, attach(hub, traced.id, photo(), enquirer)),
        (traced, attach(hub, traced.id, paper())),
    ]
    answers = []
    for case, one in [*kept_back, (traced, "0192f0c1-2b3c-7d4e-8f50-617283940a1b")]:
        asked = hub.asked(fields=WITH_FILES, attachments=[one])
        answers.append(hub.worker.post(f"cases/{case.id}/referrals/preview", asked, 409)["detail"])
    assert set(answers) == {"A photo or document that you chose cannot be shared: choose among those that are offered."}


def test_what_was_shared_stays_as_it_was_until_it_is_taken_back(hub: Hub) -> None:
    case = hub.submit()
    agreed(hub)
    one = attach(hub, case.id, photo(), case.people[0])
    offered = hub.offer(case.id, fields=WITH_FILES, attachments=[one])
    before = content(hub.theirs, offered["id"], one).content
    hub.worker.delete(f"cases/{case.id}/attachments/{one}")
    assert collect(hub) == 0, "the receiver is shown it"
    assert content(hub.theirs, offered["id"], one).content == before
    hub.worker.post(f"referrals/{offered['id']}/steps/revoke", {"reason": "not_needed"})
    assert content(hub.theirs, offered["id"], one).status_code == 404
    assert collect(hub) == 1
    with reading(hub.engine) as session:
        assert session.scalars(select(SharedAttachment.wrapped)).all() == [None]
        assert session.scalars(select(Attachment.depot_name)).all() == [None]


def test_bringing_a_referral_up_to_date_takes_back_what_was_removed(hub: Hub) -> None:
    case = hub.submit()
    agreed(hub)
    gone, stays = (attach(hub, case.id, photo(size=(n, n)), case.people[0]) for n in (20, 30))
    offered = hub.offer(case.id, fields=WITH_FILES, attachments=[gone, stays])
    hub.worker.delete(f"cases/{case.id}/attachments/{gone}")
    hub.worker.post(f"referrals/{offered['id']}/update", {})
    shared = hub.theirs.get(f"referrals/{offered['id']}")["shared"]
    assert [one["id"] for one in shared["attachments"]] == [stays]
    assert [content(hub.theirs, offered["id"], one).status_code for one in (gone, stays)] == [404, 200]
    assert collect(hub) == 1


def test_a_no_hides_them_at_once_and_every_opening_is_recorded(hub: Hub) -> None:
    case = hub.submit()
    agreed(hub)
    one = attach(hub, case.id, photo(), case.people[0])
    offered = hub.offer(case.id, fields=WITH_FILES, attachments=[one])
    assert content(hub.theirs, offered["id"], one).status_code == 200
    with reading(hub.engine) as session:
        seen = session.scalars(select(PersonViewed).where(PersonViewed.purpose == "attachment")).all()
    theirs = [each for each in seen if each.organisation_id == hub.receiver.organisation_id]
    assert [(each.person_id, each.user_id) for each in theirs] == [(case.people[0], hub.theirs.actor.user_id)]
    hub.manager.post(f"persons/{case.people[0]}/objections", {"purpose": "sharing"}, 201)
    assert content(hub.theirs, offered["id"], one).status_code == 404
    assert content(hub.worker, offered["id"], one).status_code == 200, "the sender still sees what it sent"


def test_nobody_else_opens_them(hub: Hub) -> None:
    case = hub.submit()
    agreed(hub)
    one = attach(hub, case.id, photo(), case.people[0])
    offered = hub.offer(case.id, fields=WITH_FILES, attachments=[one])
    stranger = hub.person(hub.stranger, *hub.manager.actor.roles)
    assert content(stranger, offered["id"], one).status_code == 404
    answer = hub.client.get(
        f"/intake/v1/cases/{case.id}/attachments/{one}/content", headers={"Authorization": f"Bearer {hub.theirs.token}"}
    )
    assert answer.status_code == 404, "the receiver reads it under the referral alone"


def test_an_erasure_closes_them_for_the_receiver_too(hub: Hub) -> None:
    case = hub.submit()
    agreed(hub)
    one = attach(hub, case.id, photo(), case.people[0])
    offered = hub.offer(case.id, fields=WITH_FILES, attachments=[one])
    actor = hub.manager.actor
    with transaction(hub.engine) as session:
        _erase(session, actor, session.get_one(KnownPerson, case.people[0]))
    assert {content(who, offered["id"], one).status_code for who in (hub.worker, hub.theirs)} == {404}
    with reading(hub.engine) as session:
        (name,) = session.scalars(select(SharedAttachment.depot_name))
    assert collect(hub) == 1
    assert depot_for(hub.engine).get(name) is None


def test_a_link_for_a_provider_without_an_account_shows_none(hub: Hub) -> None:
    case = hub.submit()
    agreed(hub)
    one = attach(hub, case.id, photo(), case.people[0])
    offered = hub.offer(case.id, fields=WITH_FILES, attachments=[one])
    assert "offer it anew" in hub.worker.post(f"referrals/{offered['id']}/link", {}, 409)["detail"]
