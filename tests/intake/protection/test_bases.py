"""Legal bases, consent, withdrawal, objection, as a case worker records them. On both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from services.intake import commands as intake_commands
from services.intake.commands import protection as commands
from services.intake.commands.updates import add_person
from services.intake.domain import CaseHold
from services.intake.queries import protection as queries
from services.intake.schemas import CasePersonIn
from shared.database import is_sqlite, reading, transaction, utc_now, uuid7
from shared.errors import Conflict, NotFound
from shared.legal import Ground
from tests.intake.protection.conftest import REQUEST, Desk

TODAY = utc_now().date()


def ground(desk: Desk, person: UUID, recipient: UUID | None = None, on: date = TODAY) -> Ground:
    with reading(desk.intake.engine) as session:
        return queries.may_use(session, person, "sharing", recipient, on).ground


def test_what_came_with_the_submission_counts_and_is_told_once_for_the_case(desk: Desk) -> None:
    other = desk.intake.other.organisation_id
    bases = [
        {"person": 1, "purpose": "sharing", "basis": "vital_interest", "recipient_id": str(other)},
        {"person": 0, "purpose": "notification", "basis": "consent", "expires_on": str(TODAY)},
    ]
    _, (enquirer, sought) = desk.submit(legal_bases=bases)
    assert ground(desk, sought, other) is Ground.LEGAL_BASIS
    assert ground(desk, enquirer, other) is Ground.NO_LEGAL_BASIS
    with reading(desk.intake.engine) as session:
        assert queries.may_use(session, enquirer, "notification", None, TODAY).allowed
        tomorrow = TODAY + timedelta(days=1)
        assert queries.may_use(session, enquirer, "notification", None, tomorrow).ground is Ground.EXPIRED
    assert set(desk.events("legal_basis.recorded", "consent.given")) == {
        ("legal_basis.recorded", sought),
        ("consent.given", enquirer),
    }


def test_a_basis_for_nobody_of_the_case_is_refused(desk: Desk) -> None:
    answer = desk.intake.post({**REQUEST, "legal_bases": [{"person": 2, "purpose": "sharing", "basis": "consent"}]})
    assert answer.status_code == 422
    assert "legal_bases" in answer.text


def test_consent_is_given_withdrawn_and_given_again(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    other = desk.intake.other.organisation_id
    base = f"/intake/v1/persons/{sought}"
    given = {"purpose": "sharing", "basis": "consent", "recipient_id": str(other)}
    assert desk.intake.post(given, path=f"{base}/legal-bases").status_code == 201
    asked = f"{base}/may-use?purpose=sharing&recipient={other}"
    assert desk.intake.get(asked).json()["allowed"] is True
    assert desk.intake.post({"purpose": "sharing"}, path=f"{base}/withdrawals").status_code == 201
    refused = desk.intake.get(asked).json()
    assert (refused["allowed"], refused["ground"]) == (False, "consent_withdrawn")
    assert desk.intake.post(given, path=f"{base}/legal-bases").status_code == 201
    assert desk.intake.get(asked).json()["allowed"] is True
    rows = desk.intake.get(f"{base}/legal-bases").json()
    assert [row["basis"] for row in rows] == ["consent", "withdrawal", "consent"]


def test_an_objection_stands_whatever_basis_is_found_later(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    other = desk.intake.other.organisation_id
    with desk.acting() as session:
        commands.record_objection(session, desk.worker, sought, purpose="sharing")
        commands.record_legal_basis(
            session, desk.worker, sought, purpose="sharing", basis="public_interest", recipient_id=other
        )
    assert ground(desk, sought, other) is Ground.OBJECTED
    assert ("objection.recorded", sought) in desk.events("objection.recorded")


@pytest.mark.parametrize("wish", [True, False])
def test_the_no_of_either_record_of_a_merged_person_counts_for_both(desk: Desk, wish: bool) -> None:
    (first, (_, mine)), (second, (_, theirs)) = desk.submit(), desk.submit()
    other = desk.intake.other.organisation_id
    with desk.acting() as session:
        commands.record_legal_basis(session, desk.worker, mine, purpose="sharing", basis="consent", recipient_id=other)
        if wish:
            commands.share_with_nobody(session, desk.worker, theirs, wish=True)
        else:
            commands.record_objection(session, desk.worker, theirs, purpose="sharing")
    assert ground(desk, mine, other) is Ground.LEGAL_BASIS
    same = [{"person": str(theirs), "same_as": str(mine)}]
    desk.ask(desk.manager, f"cases/{first}/merge", {"duplicate": str(second), "same_people": same})
    expected = Ground.SHARE_WITH_NOBODY if wish else Ground.OBJECTED
    assert {ground(desk, mine, other), ground(desk, theirs, other)} == {expected}


def test_it_is_asked_in_one_statement_that_reads_no_whole_table(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(desk.intake.engine, "before_cursor_execute", note)
    ground(desk, sought, desk.intake.other.organisation_id)
    event.remove(desk.intake.engine, "before_cursor_execute", note)
    ((statement, parameters),) = asked
    if is_sqlite(desk.intake.engine):
        return
    with reading(desk.intake.engine) as session:
        connection = session.connection()
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
    assert [line for line in plan if "Seq Scan on person" in line] == []


def test_share_with_nobody_says_no_whatever_was_agreed(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    other = desk.intake.other.organisation_id
    with desk.acting() as session:
        commands.share_with_nobody(session, desk.worker, sought, wish=True)
    with desk.acting() as session:
        commands.record_legal_basis(
            session, desk.worker, sought, purpose="sharing", basis="consent", recipient_id=other
        )
    assert ground(desk, sought, other) is Ground.SHARE_WITH_NOBODY
    with desk.acting() as session:
        commands.share_with_nobody(session, desk.worker, sought, wish=False)
    assert ground(desk, sought, other) is Ground.LEGAL_BASIS


def test_a_wish_stands_through_corrections_and_one_that_comes_with_them_is_told(desk: Desk) -> None:
    case_id, (_, sought) = desk.submit()
    with desk.acting() as session:
        commands.share_with_nobody(session, desk.worker, sought, wish=True)
    people = desk.ask(desk.worker, f"cases/{case_id}")["people"]
    assert [one["person"]["share_with_nobody"] for one in people] == [False, True]
    other = {"role": "companion", "person": {"names": [{"full": "Dawit"}], "share_with_nobody": True}}
    with desk.acting() as session:
        add_person(session, desk.worker, case_id, CasePersonIn.model_validate(other), None)
    assert len(desk.events("objection.recorded")) == 2


def test_who_wishes_at_submission_to_be_shared_with_nobody_is_told_to_the_others(desk: Desk) -> None:
    enquirer, wary = REQUEST["people"]
    people = [enquirer, {**wary, "person": {**wary["person"], "share_with_nobody": True}}]
    _, (_, sought) = desk.submit(people=people)
    assert desk.events("objection.recorded") == [("objection.recorded", sought)]
    assert ground(desk, sought, desk.intake.other.organisation_id) is Ground.SHARE_WITH_NOBODY


def test_an_authority_never_receives_anything(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    with desk.acting() as session:
        police = intake_commands.register_organisation(
            session, short_name="border-police", name="Border police", kind="ngo"
        )
        police.kind = "authority"
    with desk.acting() as session, pytest.raises(Conflict, match="authorities"):
        commands.record_legal_basis(
            session, desk.worker, sought, purpose="sharing", basis="public_interest", recipient_id=police.id
        )
    assert ground(desk, sought, police.id) is Ground.AUTHORITY


def test_nothing_goes_to_others_while_a_service_holds_the_case(desk: Desk) -> None:
    case_id, (_, sought) = desk.submit()
    other = desk.intake.other.organisation_id
    with desk.acting() as session:
        commands.record_legal_basis(
            session, desk.worker, sought, purpose="sharing", basis="consent", recipient_id=other
        )
        session.add(CaseHold(case_id=case_id, service="notify"))
    assert ground(desk, sought, other) is Ground.HELD


def test_another_organisations_person_is_not_found(desk: Desk) -> None:
    _, (_, sought) = desk.submit()
    path = f"/intake/v1/persons/{sought}"
    for ending in ("legal-bases", "may-use?purpose=sharing", "copy"):
        assert desk.intake.get(f"{path}/{ending}", key=desk.intake.other_key).status_code == 404
    posted = desk.intake.post({"purpose": "sharing"}, path=f"{path}/objections", key=desk.intake.other_key)
    assert posted.status_code == 404
    with transaction(desk.intake.engine) as session, pytest.raises(NotFound):
        commands.record_objection(session, desk.worker, uuid7(), purpose="sharing")
