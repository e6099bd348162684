"""Erasing a person takes two people, and leaves nothing that opens. On both databases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.intake.commands import protection as commands
from services.intake.domain import Case, NameKey, Person, PersonRelation, SubjectRequest, TimelineEntry
from services.intake.queries import protection as queries
from services.intake.queries import timeline
from services.intake.queries.notes import notes_of
from shared.database import is_sqlite, reading, transaction, utc_now
from shared.erasures import Scrub
from shared.legal import Ground
from shared.messaging.sequencer import Sequencer
from shared.messaging.verify import verify_log
from shared.vault import data_key, vault_of
from tests.intake.protection.conftest import Desk
from tests.intake.waiting import overtaken

TODAY = utc_now().date()


def count(desk: Desk, statement: Any) -> int:
    with reading(desk.intake.engine) as session:
        return int(session.scalar(statement) or 0)


def wrapped_keys(desk: Desk, *owners: UUID) -> list[bytes]:
    with reading(desk.intake.engine) as session:
        rows = session.scalars(select(data_key.c.wrapped).where(data_key.c.owner_id.in_(owners)))
        return [row for row in rows if row is not None]


def erased(desk: Desk, person: UUID) -> Any:
    return desk.approve(desk.manager, desk.propose(desk.worker, person))


def test_one_proposes_another_approves_and_nothing_opens_any_more(desk: Desk) -> None:
    case_id, (enquirer, sought) = desk.closed()
    before = wrapped_keys(desk, sought, case_id)
    assert len(before) == 2
    done = erased(desk, sought)
    assert (done["state"], done["proposed_by"]) == ("erased", str(desk.worker.user_id))
    assert wrapped_keys(desk, sought, case_id) == []
    assert len(wrapped_keys(desk, enquirer)) == 1
    with reading(desk.intake.engine) as session:
        person = session.get_one(Person, sought)
        assert (person.sealed, person.sex, person.age_band, person.nationality) == (None, "unknown", "unknown", None)
        assert session.get_one(Case, case_id).narrative is None
        assert queries.may_use(session, sought, "tracing", None, TODAY).ground is Ground.ERASED
    for table in (NameKey.person_id, PersonRelation.other_id):
        assert count(desk, select(func.count()).where(table == sought)) == 0
    shown = desk.ask(desk.worker, f"cases/{case_id}")
    assert [one["person"] is None for one in shown["people"]] == [False, True]
    assert "circumstances" not in shown["details"]
    assert shown["details"]["relationship"] == "parent"
    assert desk.events("person.erased") == [("person.erased", sought)]


def test_the_wrapped_keys_are_gone_from_the_database_file(desk: Desk) -> None:
    case_id, (_, sought) = desk.closed()
    before = wrapped_keys(desk, sought, case_id)
    erased(desk, sought)
    if is_sqlite(desk.intake.engine):
        file = desk.intake.engine.url.database
        assert file is not None
        held = b"".join(_bytes_of(file + ending) for ending in ("", "-wal"))
        assert not [key for key in before if key in held]
    else:
        assert Scrub(desk.intake.engine).run()
        with desk.intake.engine.connect() as connection:
            file = connection.exec_driver_sql(
                "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('data_key')"
            ).scalar_one()
        with desk.intake.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
        assert not [key for key in before if key in _bytes_of(file)]


def _bytes_of(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - a name from the server
            return stream.read()
    except FileNotFoundError:
        return b""


def test_the_same_person_cannot_propose_and_approve(desk: Desk) -> None:
    _, (_, sought) = desk.closed()
    proposed = desk.propose(desk.manager, sought)
    refused = desk.approve(desk.manager, proposed, 409)
    assert "two people" in refused["detail"]
    assert desk.approve(desk.second, proposed)["state"] == "erased"
    assert "decided already" in desk.approve(desk.officer, proposed, 409)["detail"]


def test_a_client_system_is_no_person_and_a_case_worker_approves_nothing(desk: Desk) -> None:
    _, (_, sought) = desk.closed()
    body = {"person_id": str(sought), "reason": "subject_request"}
    answer = desk.intake.post(body, path="/intake/v1/erasures")
    assert answer.status_code == 403
    assert "client system" in answer.json()["detail"]
    proposed = desk.propose(desk.manager, sought)
    desk.approve(desk.worker, proposed, 403)
    approval = desk.intake.post({}, path=f"/intake/v1/erasures/{proposed['id']}/approval")
    assert approval.status_code == 403


def test_a_legal_hold_refuses_it_and_says_so(desk: Desk) -> None:
    _, (_, sought) = desk.closed()
    proposed = desk.propose(desk.worker, sought)
    desk.ask(desk.officer, f"persons/{sought}/legal-holds", {"reason": "investigation"}, 201)
    assert "legal hold (investigation)" in desk.approve(desk.manager, proposed, 409)["detail"]
    with desk.acting() as session:
        commands.lift_legal_hold(session, desk.officer, sought)
    assert desk.approve(desk.manager, proposed)["state"] == "erased"


def test_a_legal_hold_on_anybody_of_the_case_waits_for_an_erasure_that_goes_on(desk: Desk) -> None:
    _, (enquirer, sought) = desk.closed()
    proposed = UUID(desk.propose(desk.worker, sought)["id"])

    def hold() -> Any:
        with desk.acting() as session:
            return commands.place_legal_hold(session, desk.officer, enquirer, "claim").placed_at

    with overtaken(desk.intake.engine, hold) as (session, later):
        erased_at = commands.approve_erasure(session, desk.manager, proposed).approved_at
    assert erased_at is not None
    assert later.result() > erased_at


def test_a_request_that_comes_while_the_person_is_erased_is_refused(desk: Desk) -> None:
    _, (_, sought) = desk.closed()
    proposed = UUID(desk.propose(desk.worker, sought)["id"])
    asked = {"kind": "copy", "note": "All of it."}
    with overtaken(desk.intake.engine, lambda: desk.ask(desk.worker, f"persons/{sought}/requests", asked, 409)) as (
        session,
        later,
    ):
        commands.approve_erasure(session, desk.manager, proposed)
    assert "erased" in later.result()["detail"]


def test_a_hold_and_a_legal_basis_of_one_record_of_a_person_are_those_of_every_record(desk: Desk) -> None:
    (first, (_, mine)), (second, (_, theirs)) = desk.closed(), desk.closed()
    desk.ask(desk.officer, f"persons/{theirs}/legal-holds", {"reason": "claim"}, 201)
    basis = {"purpose": "tracing", "basis": "vital_interest"}
    desk.ask(desk.worker, f"persons/{theirs}/legal-bases", basis, 201)
    same = [{"person": str(theirs), "same_as": str(mine)}]
    desk.ask(desk.manager, f"cases/{first}/merge", {"duplicate": str(second), "same_people": same})
    assert [one["basis"] for one in desk.ask(desk.worker, f"persons/{mine}/legal-bases")] == ["vital_interest"]
    assert "already" in desk.ask(desk.officer, f"persons/{mine}/legal-holds", {"reason": "claim"}, 409)["detail"]
    with desk.acting() as session:
        assert commands.lift_legal_hold(session, desk.officer, mine).person_id == theirs
    assert desk.propose(desk.worker, mine)["state"] == "proposed"


def test_a_declined_proposal_may_be_made_again(desk: Desk) -> None:
    _, (_, sought) = desk.closed()
    proposed = desk.propose(desk.worker, sought)
    assert "proposed already" in desk.propose(desk.officer, sought, status=409)["detail"]
    assert desk.ask(desk.manager, f"erasures/{proposed['id']}/refusal", {})["state"] == "declined"
    assert desk.approve(desk.manager, desk.propose(desk.worker, sought))["state"] == "erased"
    states = [one["state"] for one in desk.ask(desk.worker, "erasures")]
    assert states == ["erased", "declined"]


def test_from_an_open_tracing_request_only_who_asks_is_erased_by_a_manager_and_the_officer(desk: Desk) -> None:
    _, (enquirer, _) = desk.submit()
    assert "only reviewed" in desk.propose(desk.manager, enquirer, "retention", 409)["detail"]
    assert "only reviewed" in desk.propose(desk.manager, enquirer, status=409)["detail"]
    request = desk.ask(desk.worker, f"persons/{enquirer}/requests", {"kind": "erase", "note": "Please."}, 201)
    proposed = desk.propose(desk.worker, enquirer)
    assert "data protection officer" in desk.approve(desk.manager, proposed, 409)["detail"]
    desk.ask(desk.manager, f"erasures/{proposed['id']}/refusal", {})
    proposed = desk.propose(desk.officer, enquirer)
    assert desk.approve(desk.manager, proposed)["state"] == "erased"
    with reading(desk.intake.engine) as session:
        stored = session.get_one(SubjectRequest, UUID(request["id"]))
        assert (stored.outcome, stored.note) == ("done", None)


def test_the_case_lives_on_under_a_new_key(desk: Desk) -> None:
    case_id, (_, sought) = desk.closed()
    erased(desk, sought)
    case = f"cases/{case_id}"
    desk.ask(desk.manager, f"{case}/moves/reopen", {"reason": "new_information"})
    desk.ask(desk.worker, f"{case}/deeds/add_note", {"note": "The enquirer called."})
    with reading(desk.intake.engine) as session:
        found = session.get_one(Case, case_id)
        assert list(notes_of(session, timeline(session, found)).values()) == [{"note": "The enquirer called."}]
        notes = session.scalars(select(TimelineEntry.what).where(TimelineEntry.note.is_not(None)))
        assert list(notes) == ["add_note"]


def test_who_was_merged_into_the_person_is_erased_with_it(desk: Desk) -> None:
    first, (_, kept) = desk.closed()
    second, (_, merged) = desk.closed()
    with desk.acting() as session:
        session.get_one(Person, merged).merged_into = kept
        session.flush()
    assert "merged into another" in desk.propose(desk.worker, merged, status=409)["detail"]
    erased(desk, kept)
    assert wrapped_keys(desk, kept, merged, first, second) == []
    assert {person for _, person in desk.events("person.erased")} == {kept, merged}


def test_the_stories_of_merged_cases_go_too(desk: Desk) -> None:
    first, (_, sought) = desk.closed()
    second, _ = desk.closed()
    with desk.acting() as session:
        session.get_one(Case, second).merged_into = first
        session.flush()
    erased(desk, sought)
    assert wrapped_keys(desk, first, second) == []


def test_the_facts_of_the_person_are_blank_in_the_log_and_the_others_are_not(desk: Desk) -> None:
    case_id, (enquirer, sought) = desk.closed(
        legal_bases=[{"person": n, "purpose": "tracing", "basis": "consent"} for n in (0, 1)]
    )
    erased(desk, sought)
    sequencer = Sequencer(desk.intake.engine)
    while sequencer.sequence():
        pass
    found = verify_log(desk.intake.engine)
    assert (found.erased, found.faults) == (1, ())
    with transaction(desk.intake.engine) as session:
        assert set(vault_of(session).open(session, [enquirer, sought, case_id])) == {enquirer}
        assert queries.may_use(session, enquirer, "tracing", None, TODAY).allowed


def test_nobody_records_anything_of_an_erased_person(desk: Desk) -> None:
    _, (_, sought) = desk.closed()
    erased(desk, sought)
    for path, body in (
        ("legal-bases", {"purpose": "tracing", "basis": "consent"}),
        ("requests", {"kind": "copy"}),
        ("legal-holds", {"reason": "claim"}),
    ):
        assert "erased" in desk.ask(desk.manager, f"persons/{sought}/{path}", body, 409)["detail"]
    assert "done already" in desk.propose(desk.worker, sought, status=409)["detail"]


def test_a_legal_hold_on_another_person_of_the_case_keeps_the_case(desk: Desk) -> None:
    _, (enquirer, sought) = desk.closed()
    desk.ask(desk.officer, f"persons/{sought}/legal-holds", {"reason": "claim"}, 201)
    assert "another person" in desk.propose(desk.manager, enquirer, status=409)["detail"]
    with desk.acting() as session:
        commands.lift_legal_hold(session, desk.officer, sought)
    desk.propose(desk.manager, enquirer)
