"""What each side is shown of the other's record: no more than the agreement and the person let through."""

from __future__ import annotations

import json
from typing import Any

from tests.intake.matching.proposals.conftest import FOUND, MANAGER, SOUGHT, Hub
from tests.intake.referrals.conftest import Person


def seen(by: Person, match: str) -> dict[str, Any]:
    return {one["field"]: one for one in by.get(f"matches/{match}")["fields"]}


def texts(field: dict[str, Any], side: str) -> list[str]:
    return [one["text"] or one["code"] or str(one["year"]) for one in field[side]]


def test_both_records_stand_side_by_side_with_the_evidence_of_each_field(hub: Hub) -> None:
    _, _, match = hub.pair()
    told = hub.theirs.get(f"matches/{match}")
    fields = seen(hub.theirs, match)
    assert list(fields) == ["name", "birth", "sex", "nationality", "place", "father", "mother", "relatives", "marks"]
    assert (texts(fields["name"], "sought"), texts(fields["name"], "found")) == ([SOUGHT], [FOUND])
    assert (fields["name"]["evidence"], fields["name"]["bits"]) == ("strong", 9.0)
    assert (fields["mother"]["evidence"], texts(fields["mother"], "sought")) == ("partial", ["H. P."])
    assert (fields["marks"]["evidence"], fields["marks"]["bits"]) == ("unknown", 0.0)
    assert texts(fields["birth"], "found") == ["1991"]
    assert "LBY" in texts(fields["place"], "sought")
    assert "Camp Nightingale 7" in texts(fields["place"], "found"), "the own record is shown in full"
    assert texts(fields["relatives"], "sought") == ["P. I."]
    assert fields["relatives"]["sought"][0]["code"] == "parent"
    assert (told["band"], told["hidden_because"]) == ("strong", None)
    assert [one["name"] for one in told["possible"]] == ["release", "look_further", "reject"]
    assert told["due_at"] is not None


def test_what_the_agreement_does_not_name_is_not_shown_neither_are_its_values_nor_what_was_found_of_them(
    hub: Hub,
) -> None:
    hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
    hub.agree(fields=["names", "sex"])
    _, found, match = hub.pair(mother_name="Halima Petronell")
    for by, own, other in ((hub.theirs, "found", "sought"), (hub.ours, "sought", "found")):
        fields = seen(by, match)
        assert {name for name, one in fields.items() if one["shown"]} == {"name", "sex"}
        for name in set(fields) - {"name", "sex"}:
            assert (fields[name][other], fields[name]["evidence"], fields[name]["terms"]) == ([], None, [])
        assert texts(fields["mother"], own) == ["Halima Petronell"]
        if by is hub.theirs:
            hub.release(found, match)


def test_a_minor_is_shown_by_initials_to_the_other_side(hub: Hub) -> None:
    sought = hub.request(birth={"year": 2015})
    found = hub.registered(birth={"year": 2015, "month": 3})
    hub.propose(sought, found)
    fields = seen(hub.theirs, str(hub.rows()[0].id))
    assert texts(fields["name"], "sought") == ["Z. Q."]
    assert texts(fields["name"], "found") == [FOUND]
    assert fields["birth"]["sought"][0]["year"] == 2015


def test_who_agreed_to_news_alone_is_shown_without_anything_that_says_where_it_is(hub: Hub) -> None:
    _, found, match = hub.pair(born_in="Nalut")
    hub.release(found, match, agrees_to="news_only")
    fields = seen(hub.ours, match)
    assert (fields["place"]["shown"], fields["place"]["found"]) == (False, [])
    assert texts(fields["name"], "found") == [FOUND]
    assert "Nightingale" not in json.dumps(hub.ours.get(f"matches/{match}"))
    hub.answers(found, "news_and_contact")
    assert "Camp Nightingale 7" in texts(seen(hub.ours, match)["place"], "found")


def test_what_is_shown_is_what_is_known_now(hub: Hub) -> None:
    sought, _, match = hub.pair()
    body = {"role": "sought", "person": {"names": [{"full": "Zubeida Nightjar"}], "sex": "female"}}
    hub.put(sought, f"cases/{sought.case}/people/{sought.person}", body)
    fields = seen(hub.theirs, match)
    assert texts(fields["name"], "sought") == ["Zubeida Nightjar"]
    assert fields["birth"]["sought"] == []


def test_inside_one_organisation_both_records_are_shown_in_full(hub: Hub) -> None:
    sought, found = hub.request(hub.holder), hub.registered()
    hub.propose(sought, found)
    fields = seen(hub.theirs, str(hub.rows()[0].id))
    assert texts(fields["mother"], "sought") == ["Halima Petronell"]
    assert texts(fields["relatives"], "sought") == ["Perpetua Inkhorn"]
    assert all(one["shown"] for one in fields.values())


def test_the_two_lists_of_a_case_and_of_an_organisation_can_be_narrowed(hub: Hub) -> None:
    sought, found, match = hub.pair()
    _, other, second = hub.pair()
    hub.step(hub.theirs, second, "reject", reason="another_person")

    def ids(by: Person, path: str) -> list[str]:
        answer = by.get(path)
        return [one["id"] for one in (answer if isinstance(answer, list) else answer["items"])]

    assert ids(hub.theirs, "matches") == [second, match]
    assert ids(hub.theirs, "matches?state=proposed&state=released") == [match]
    assert ids(hub.theirs, "matches?side=enquirer") == []
    page = hub.theirs.get("matches?limit=1")
    assert ids(hub.theirs, f"matches?limit=1&after={page['next']}") == [match]
    assert ids(hub.theirs, f"cases/{found.case}/matches") == [match]
    assert ids(hub.theirs, f"cases/{other.case}/matches") == [second]
    hub.release(found, match)
    assert ids(hub.ours, f"cases/{sought.case}/matches") == [match]
