"""Who is in the index, and what makes somebody leave it and come back."""

from __future__ import annotations

from uuid import UUID

from services.intake.commands.protection import erase_again
from shared.database import transaction
from tests.intake.matching.index.conftest import NAME, Matched
from tests.intake.matching.proposals.conftest import MANAGER, Kept
from tests.intake.people import person, request_for


def move(hub: Matched, kept: Kept, name: str, **said: str) -> None:
    staff = next(one for one in (hub.holder, hub.enquirer) if one.organisation_id == kept.organisation)
    hub.of(staff, MANAGER).post(f"cases/{kept.case}/moves/{name}", said)


def wish(hub: Matched, kept: Kept, *, nobody: bool) -> None:
    hub.of(hub.holder, MANAGER)._asked("PUT", f"persons/{kept.person}/share-with-nobody", 204, json={"wish": nobody})


def is_out(hub: Matched, kept: Kept) -> bool:
    row = hub.record(kept)
    assert row is not None
    assert (row.side is None) == (row.sealed is None) == (hub.keys_of(kept) == 0)
    return row.side is None


def test_principals_alone_are_in_the_index(hub: Matched) -> None:
    hub.sought()
    found = hub.found()
    assert hub.work() == 2, "neither the enquirer nor anybody else has a turn"
    row = hub.record(found)
    assert row is not None
    assert (row.side, str(row.case_id), row.organisation_id, row.next_attempt_at) == (
        "found",
        found.case,
        found.organisation,
        None,
    )


def test_who_wishes_to_be_shared_with_nobody_leaves_and_comes_back_with_another_wish(hub: Matched) -> None:
    found = hub.found()
    hub.work()
    assert not is_out(hub, found)
    wish(hub, found, nobody=True)
    hub.work()
    assert is_out(hub, found)
    hub.sought()
    hub.work()
    assert hub.pairs() == []
    wish(hub, found, nobody=False)
    hub.work()
    assert not is_out(hub, found)


def test_a_closed_request_leaves_and_a_reopened_one_comes_back(hub: Matched) -> None:
    sought = hub.sought()
    hub.work()
    ours = hub.of(hub.enquirer, MANAGER)
    for _ in range(3):
        ours.post(f"cases/{sought.case}/deeds/attempt_contact", {"how": "phone"})
    move(hub, sought, "close", reason="unreachable")
    hub.work()
    assert is_out(hub, sought)
    move(hub, sought, "reopen", reason="new_information")
    hub.work()
    assert not is_out(hub, sought)


def test_a_closed_registration_stays_unless_it_was_entered_in_error(hub: Matched) -> None:
    done, wrong = hub.found(), hub.found("Bartholomew Oxenstierna")
    move(hub, done, "close", reason="nothing_needed")
    move(hub, wrong, "close", reason="entered_in_error")
    hub.work()
    assert not is_out(hub, done)
    assert is_out(hub, wrong)


def test_an_erased_person_leaves_no_row_and_its_relatives_forget_its_name(hub: Matched) -> None:
    ours = hub.of(hub.enquirer, MANAGER)
    case = ours.post("cases", request_for(person(NAME), person("Ottoline Quillfeather")), 201)
    one, other = [each for each in ours.get(f"cases/{case['id']}")["people"] if each["role"] == "sought"]
    kept, sister = (Kept(case["id"], UUID(each["id"]), hub.enquirer.organisation_id) for each in (one, other))
    hub.work()
    before = hub.record(sister)
    assert before is not None
    with transaction(hub.engine) as session:
        erase_again(session, kept.person, [UUID(case["id"])])
    assert hub.record(kept) is None
    assert is_out(hub, sister), "until its record is made anew"
    assert hub.keys_in_all() == 0
    hub.work()
    after = hub.record(sister)
    assert after is not None
    assert not is_out(hub, sister)
    assert len(after.sealed or b"") < len(before.sealed or b"")
    assert hub.record(kept) is None


def test_of_two_records_of_one_person_the_one_that_is_worked_on_speaks_for_both(hub: Matched) -> None:
    first, second = hub.found("Bartholomew Oxenstierna"), hub.found(NAME)
    hub.work()
    same = [{"person": str(second.person), "same_as": str(first.person)}]
    manager = hub.of(hub.holder, MANAGER)
    manager.post(f"cases/{first.case}/merge", {"duplicate": second.case, "same_people": same})
    hub.work()
    assert is_out(hub, second)
    sought = hub.sought()
    hub.work()
    assert hub.pairs() == [(sought.person, first.person)], "by the other record's name"
    manager.post(f"cases/{second.case}/undo-merge")
    hub.work()
    assert not is_out(hub, second)
    assert (sought.person, second.person) in hub.pairs()


def test_who_is_taken_off_a_case_leaves(hub: Matched) -> None:
    ours = hub.of(hub.enquirer, MANAGER)
    case = ours.post("cases", request_for(person(NAME), person("Ottoline Quillfeather")), 201)
    people = [each for each in ours.get(f"cases/{case['id']}")["people"] if each["role"] == "sought"]
    hub.work()
    ours._asked("DELETE", f"cases/{case['id']}/people/{people[0]['id']}", 200, headers={"If-Match": "*"})
    hub.work()
    assert is_out(hub, Kept(case["id"], UUID(people[0]["id"]), hub.enquirer.organisation_id))
    assert not is_out(hub, Kept(case["id"], UUID(people[1]["id"]), hub.enquirer.organisation_id))


def test_a_changed_name_is_found_by_the_new_one(hub: Matched) -> None:
    found = hub.found("Bartholomew Oxenstierna")
    sought = hub.sought()
    hub.work()
    assert hub.pairs() == []
    body = {"role": "registered", "person": person(NAME, sex="female", birth={"year": 1991})}
    hub.of(hub.holder, MANAGER)._asked(
        "PUT", f"cases/{found.case}/people/{found.person}", 200, json=body, headers={"If-Match": "*"}
    )
    hub.work()
    assert hub.pairs() == [(sought.person, found.person)]


def test_an_agreement_that_is_signed_later_has_everybody_looked_for_again(hub: Matched) -> None:
    hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
    sought, found = hub.sought(), hub.found()
    hub.work()
    assert hub.pairs() == []
    hub.agree()
    hub.work()
    assert hub.pairs() == [(sought.person, found.person)]


def test_a_legal_basis_that_comes_later_brings_the_pair(hub: Matched) -> None:
    sought, found = hub.sought(), hub.found(basis=None)
    hub.work()
    assert hub.pairs() == []
    hub.basis(found, "consent")
    hub.work()
    assert hub.pairs() == [(sought.person, found.person)]
