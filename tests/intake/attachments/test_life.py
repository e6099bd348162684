"""Photos and documents are added, opened, removed; on both databases."""

from __future__ import annotations

import io
import threading
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select

from services.intake import receiving
from services.intake.casework.attachments import REFUSED, AskAttachment
from services.intake.commands.attachments import add_attachment
from services.intake.domain import ArrivingBytes, Attachment, PersonViewed
from shared.access import Role
from shared.crypto import Undecipherable
from shared.database import reading, transaction
from shared.depot import depot_for
from shared.errors import Conflict
from shared.messaging.tables import event_log
from shared.vault import vault_of
from tests.intake.attachments.conftest import Album
from tests.intake.attachments.files import SECRET, paper, photo
from tests.intake.people import person, request_for


def test_a_photo_is_added_listed_and_opened_again(album: Album) -> None:
    added = album.add(of=album.sought, title="Aster at home")
    assert added.status_code == 201, added.text
    told = added.json()
    assert (told["kind"], told["media_type"], told["person_id"]) == ("photo", "image/jpeg", album.sought)
    assert added.headers["etag"] == f'"{told["version"]}"' == '"2"'
    (listed,) = album.listed()
    assert (listed["title"], listed["size"]) == ("Aster at home", told["size"])
    opened = album.content(told["id"])
    assert opened.status_code == 200
    assert Image.open(io.BytesIO(opened.content)).size == (64, 48)
    assert len(opened.content) == told["size"]


def test_a_file_is_answered_so_that_no_browser_runs_it(album: Album) -> None:
    told = album.add(paper()).json()
    answer = album.content(told["id"])
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert answer.headers["content-disposition"].endswith('.pdf"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_only_cipher_text_lies_in_the_depot_readable_by_its_owner_alone(album: Album) -> None:
    told = album.add(of=album.sought, title=SECRET).json()
    (file,) = album.files()
    clean = album.content(told["id"]).content
    assert clean[:64] not in file.read_bytes()
    assert len(file.name) == 32
    assert told["id"].replace("-", "") not in str(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_each_change_is_an_event_and_stands_in_the_timeline_and_says_nothing_of_what_is_attached(album: Album) -> None:
    added = album.add(of=album.sought, title=SECRET).json()
    album.ask("DELETE", f"{album.path}/{added['id']}")
    entries = album.ask("GET", f"cases/{album.case['id']}/timeline").json()
    told = [(one["what"], one["facts"]) for one in entries if "attachment" in one["what"]]
    about = {"attachment": added["id"], "kind": "photo", "person": album.sought}
    assert told == [("add_attachment", about), ("remove_attachment", about)]
    with reading(album.intake.engine) as session:
        kinds = list(session.scalars(select(event_log.c.type).order_by(event_log.c.ordinal)))
    assert kinds[-2:] == ["case.updated", "case.updated"]


def test_what_was_removed_opens_no_more_and_its_bytes_go(album: Album) -> None:
    added = album.add().json()
    removed = album.ask("DELETE", f"{album.path}/{added['id']}", headers={"If-Match": '"2"'})
    assert (removed.status_code, removed.json()["version"]) == (200, 3)
    assert album.listed() == []
    assert album.content(added["id"]).status_code == 404
    assert album.ask("DELETE", f"{album.path}/{added['id']}").status_code == 404
    with reading(album.intake.engine) as session:
        row = session.get_one(Attachment, UUID(added["id"]))
        assert (row.wrapped, row.title, row.digest) == (None, None, None)
    assert album.collect() == 1
    assert album.files() == []
    assert album.collect(later=True) == 0


def test_a_change_against_an_older_version_is_refused(album: Album) -> None:
    added = album.add().json()
    assert album.add(photo(size=(9, 9)), **{"If-Match": '"1"'}).status_code == 412
    assert album.ask("DELETE", f"{album.path}/{added['id']}", headers={"If-Match": '"1"'}).status_code == 412
    assert len(album.listed()) == 1


def test_the_same_request_twice_adds_it_once(album: Album) -> None:
    first, second = (album.add(**{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(album.listed()) == 1
    assert album.add(photo(size=(9, 9)), **{"Idempotency-Key": "k"}).status_code == 409
    assert len(album.files()) == 3
    assert album.collect() == 0, "they might still be on their way"
    assert album.collect(later=True) == 2
    assert len(album.files()) == 1
    assert album.content(first.json()["id"]).status_code == 200


def test_the_same_file_is_not_kept_twice_in_a_case(album: Album) -> None:
    assert album.add().status_code == 201
    again = album.add(title="The same")
    assert (again.status_code, again.json()["detail"]) == (409, "This file is in the case already.")
    other = album.ask("POST", "cases", json=request_for(person("Another"))).json()
    assert album.add(path=f"cases/{other['id']}/attachments").status_code == 201
    with reading(album.intake.engine) as session:
        assert len(set(session.scalars(select(Attachment.digest)))) == 2, "nobody learns from digests that it is one"


def test_every_opening_is_recorded(album: Album) -> None:
    of_one, of_case = album.add(of=album.sought).json(), album.add(paper()).json()
    before = views(album)
    album.content(of_one["id"])
    assert views(album)[len(before) :] == [album.sought]
    album.content(of_case["id"])
    assert sorted(views(album)[len(before) + 1 :]) == sorted([album.enquirer, album.sought])
    album.listed()
    assert len(views(album)) == len(before) + 5


def views(album: Album) -> list[str]:
    with reading(album.intake.engine) as session:
        statement = select(PersonViewed.person_id).where(PersonViewed.purpose == "attachment")
        return [str(one) for one in session.scalars(statement.order_by(PersonViewed.ordinal))]


@pytest.mark.parametrize(
    ("file", "code"),
    {
        "nothing": (b"", "empty"),
        "a web page": (b"<!doctype html><script>alert(1)</script>", "other_type"),
        "an Apple telephone's": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "heic"),
        "cut off": (photo(size=(900, 900))[:4000], "broken"),
        "no JPEG behind its first bytes": (b"\xff\xd8\xff" + b"<script>" * 99, "broken"),
        "a locked paper": (paper(password="open"), "encrypted"),
    }.values(),
)
def test_what_is_not_kept_is_refused_with_what_to_do_and_leaves_nothing(album: Album, file: bytes, code: str) -> None:
    refused = album.add(file)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": "#/file", "code": code, "detail": REFUSED[code]}]
    assert album.files() == []
    assert album.listed() == []


def test_a_file_over_the_limit_is_refused_before_it_is_read_to_its_end(album: Album) -> None:
    most = depot_for(album.intake.engine).most
    assert album.add(b"\xff\xd8\xff" + bytes(most + 200_000)).status_code == 413
    refused = album.add(b"\xff\xd8\xff" + bytes(most))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "too_large")


def test_what_is_no_form_is_refused(album: Album) -> None:
    assert album.ask("POST", album.path, json={"title": "x"}).status_code == 415
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    cut = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nA pho'
    assert album.ask("POST", album.path, content=cut, headers=kind).status_code == 400
    assert album.ask("POST", album.path, data={"title": "x"}, files={"other": b"x"}).status_code == 422
    nameless = album.ask("POST", album.path, files={"file": photo()})
    assert (nameless.status_code, nameless.json()["errors"][0]["pointer"]) == (422, "#/title")


def test_another_organisation_finds_nothing(album: Album) -> None:
    added = album.add().json()
    stranger = album.someone(Role.CASE_MANAGER, of=album.intake.other)
    for answer in (
        album.ask("GET", album.path, stranger),
        album.content(added["id"], stranger),
        album.add(actor=stranger),
        album.ask("DELETE", f"{album.path}/{added['id']}", stranger),
    ):
        assert answer.status_code == 404
    assert len(album.files()) == 1
    assert len(album.listed()) == 1


def test_who_may_not_change_cases_adds_and_removes_nothing(album: Album) -> None:
    added = album.add().json()
    officer = album.someone(Role.DATA_PROTECTION_OFFICER)
    assert len(album.listed(officer)) == 1
    assert album.add(photo(size=(9, 9)), actor=officer).status_code == 403
    assert album.ask("DELETE", f"{album.path}/{added['id']}", officer).status_code == 403
    assert album.ask("GET", album.path, album.someone(Role.ADMINISTRATOR)).status_code == 403


def test_an_attachment_of_another_case_is_not_found_under_this_one(album: Album) -> None:
    other = album.ask("POST", "cases", json=request_for(person("Another"))).json()
    added = album.add(path=f"cases/{other['id']}/attachments").json()
    assert album.content(added["id"]).status_code == 404
    assert album.add(of=album.ask("GET", f"cases/{other['id']}").json()["people"][0]["id"]).status_code == 404


def test_a_merged_case_s_are_read_with_the_case_that_it_was_merged_into(album: Album) -> None:
    other = album.ask("POST", "cases", json=request_for(person("Aster Quill"))).json()
    added = album.add(path=f"cases/{other['id']}/attachments").json()
    manager = album.someone(Role.CASE_MANAGER)
    merged = album.ask("POST", f"cases/{album.case['id']}/merge", manager, json={"duplicate": other["id"]})
    assert merged.status_code == 200, merged.text
    assert [one["id"] for one in album.listed()] == [added["id"]]
    assert album.content(added["id"]).status_code == 200
    assert album.add(photo(size=(9, 9)), path=f"cases/{other['id']}/attachments").status_code == 409
    assert album.ask("DELETE", f"{album.path}/{added['id']}").status_code == 200
    assert album.listed() == []


def test_erasing_a_person_closes_what_shows_it_and_what_tells_of_the_case_and_nothing_else(album: Album) -> None:
    own = album.add(of=album.sought).json()
    others = album.add(photo(size=(30, 30)), of=album.enquirer).json()
    of_case = album.add(paper()).json()
    with reading(album.intake.engine) as session:
        stored = [
            (row.title, row.wrapped, row.depot_name)
            for row in session.scalars(
                select(Attachment).where(Attachment.id.in_([UUID(own["id"]), UUID(of_case["id"])]))
            )
        ]
    album.erase(album.sought)
    assert [one["id"] for one in album.listed()] == [others["id"]]
    assert album.content(others["id"]).status_code == 200
    assert {album.content(one["id"]).status_code for one in (own, of_case)} == {404}
    with reading(album.intake.engine) as session:
        for key in vault_of(session).every_key(session):
            for title, wrapped, _ in stored:
                for value, place in ((title, "attachment.title"), (wrapped, "attachment.wrapped")):
                    with pytest.raises(Undecipherable):
                        key.decrypt(value or b"", place)
    assert album.collect() == 2
    depot = depot_for(album.intake.engine)
    assert [depot.get(name or "") for *_, name in stored] == [None, None]
    assert album.add(photo(size=(9, 9)), of=album.sought).status_code == 409
    assert album.add(paper(2)).status_code == 201, "the case lives on, under a new key"


def test_a_crash_before_the_commit_leaves_nothing_that_stays(album: Album) -> None:
    kept = receiving.kept(album.intake.engine, album.worker, photo())
    assert len(album.files()) == 1
    assert album.collect() == 0
    assert album.collect(later=True) == 1
    assert album.files() == []
    asked = AskAttachment(title="Too late")
    with pytest.raises(Conflict, match="too long"), transaction(album.intake.engine) as session:
        add_attachment(session, album.worker, UUID(album.case["id"]), asked, kept)
    assert album.listed() == []


def test_a_full_disk_is_said_and_nothing_is_half_there(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("shared.files.os.fsync", full)
        answer = album.add()
    assert answer.status_code == 503
    assert "try again" in answer.json()["detail"]
    assert album.files() == []
    assert album.listed() == []
    assert album.add().status_code == 201


def test_bytes_that_the_depot_lost_are_told_as_such(album: Album) -> None:
    added = album.add().json()
    for one in album.files():
        one.unlink()
    lost = album.content(added["id"])
    assert lost.status_code == 404
    assert "operator" in lost.json()["detail"]


def test_several_at_once_all_arrive(album: Album) -> None:
    answers: list[Any] = []

    def add(number: int) -> None:
        answers.append(album.add(photo(size=(40 + number, 40)), title=f"Photo {number}").status_code)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [201] * 4
    assert len(album.listed()) == len(album.files()) == 4
    with reading(album.intake.engine) as session:
        assert session.scalars(select(ArrivingBytes)).all() == []


def test_a_person_s_copy_lists_what_is_attached_about_the_person_and_nothing_of_others(album: Album) -> None:
    own, of_case = album.add(of=album.sought, title="At home").json(), album.add(paper(), title="A list").json()
    album.add(photo(size=(30, 30)), of=album.enquirer, title="The enquirer")
    officer = album.someone(Role.DATA_PROTECTION_OFFICER)

    def told(person_id: str) -> list[str]:
        copy = album.ask("GET", f"persons/{person_id}/copy", officer)
        assert copy.status_code == 200, copy.text
        return [one["title"] for one in copy.json()["cases"][0]["attachments"]]

    assert told(album.sought) == ["At home", "A list"]
    assert told(album.enquirer) == ["The enquirer"], "what tells of the case may tell of the sought person"
    assert {own["id"], of_case["id"]} < {one["id"] for one in album.listed()}
