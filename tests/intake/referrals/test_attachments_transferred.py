"""Photos and documents go over with their case. On both databases."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from services.intake.domain import CasePerson
from shared.database import reading
from tests.intake.attachments.files import paper, photo
from tests.intake.people import person
from tests.intake.referrals.conftest import Hub, registration
from tests.intake.referrals.test_transfer import _stands_in, allow, offer, step


def attach(hub: Hub, case_id: UUID | str, file: bytes, of: UUID | None = None) -> str:
    fields = {"title": "A photo", **({"person_id": str(of)} if of else {})}
    return str(hub.worker.upload(f"cases/{case_id}/attachments", fields, file)["id"])


def test_they_are_the_receiver_s_with_the_case_and_the_sender_s_no_more(hub: Hub) -> None:
    allow(hub)
    case = hub.submit()
    both = [attach(hub, case.id, photo(), case.people[0]), attach(hub, case.id, paper())]
    path = f"cases/{case.id}/attachments"
    before = [hub.worker.file(f"{path}/{one}/content").content for one in both]
    step(hub.their_manager, offer(hub, case), "accept")
    assert [one["id"] for one in hub.their_manager.get(path)] == both
    assert [hub.their_manager.file(f"{path}/{one}/content").content for one in both] == before
    hub.worker.get(path, 404)
    assert {hub.worker.file(f"{path}/{one}/content").status_code for one in both} == {404}
    hub.their_manager.delete(f"{path}/{both[0]}")
    assert len(hub.their_manager.get(path)) == 1


def test_of_who_stays_too_the_receiver_s_are_under_the_key_of_its_own_record(hub: Hub) -> None:
    allow(hub)
    case = hub.submit(registration(person("Yonas Tekle", birth={"year": 1990})))
    person_id = case.people[0]
    body = registration(person("Sara Tekle", birth={"year": 1991}))
    body["people"].append({"role": "relative", "person": person("Yonas Tekle")})
    other = hub.manager.post("cases", body, 201)["id"]
    with reading(hub.engine) as session:
        of_case = (CasePerson.case_id == UUID(other), CasePerson.role == "relative")
        relative = session.scalars(select(CasePerson.person_id).where(*of_case)).one()
    _stands_in(hub, person_id, UUID(other), instead_of=relative)
    goes, stays = attach(hub, case.id, photo(), person_id), attach(hub, other, photo(size=(20, 20)), person_id)
    step(hub.their_manager, offer(hub, case), "accept")
    (theirs,) = hub.their_manager.get(f"cases/{case.id}/attachments")
    assert (theirs["id"], theirs["title"]) == (goes, "A photo")
    assert theirs["person_id"] not in {None, str(person_id)}
    assert hub.their_manager.file(f"cases/{case.id}/attachments/{goes}/content").status_code == 200
    (ours,) = hub.worker.get(f"cases/{other}/attachments")
    assert (ours["id"], ours["person_id"]) == (stays, str(person_id))
    assert hub.worker.file(f"cases/{other}/attachments/{stays}/content").status_code == 200
