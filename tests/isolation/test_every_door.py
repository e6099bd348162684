"""Every door of every service, for programs and for people: nobody finds, or learns of, what is not theirs.

What is asked about a record of another organisation is asked again about one that nobody has: both answers are the
same, to the byte, once the ids that were sent in are taken out of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from services.intake.casework import CASE_TYPES
from services.intake.casework.referrals import STEP_TITLES
from services.intake.pages.agreements import DEEDS
from shared.access import Act, Actor, Role
from shared.database import is_sqlite
from tests.intake.access.conftest import EVERYTHING, Holder
from tests.intake.access.routes import Request, requests_of
from tests.intake.directory.entries import CLINIC
from tests.isolation.callers import OWN_BUSINESS, Caller, documents, is_public_in_the_hub, pages_of, told
from tests.isolation.conftest import ROUTE, House, Victim, deeds_about, victim_in
from tests.isolation.doors import OF_A_TYPE, PUBLIC, PUBLIC_IN_THE_HUB, filled, nobodys

FIGURES = {ROUTE, "417,731", "417731"}
"""Of incidents: an operator sees those of every organisation, and no record."""


NOBODYS = "0192f0c1-2b3c-7d4e-8f50-617283940a1b"
"""An id in the form of one."""


def strangers(house: House) -> dict[str, Actor]:
    """Every role of the second organisation, and all at once."""
    other = house.intake.other.organisation_id
    found = {role.value: Actor(other, role is Role.OPERATOR, frozenset({role})) for role in Role}
    return {**found, "every role": Actor(other, roles=EVERYTHING)}


def who_asks(house: House) -> dict[str, Actor]:
    """All of these on SQLite; on PostgreSQL the two that see most: what a role may, is decided before any database is
    asked."""
    everybody = strangers(house)
    return everybody if is_sqlite(house.intake.engine) else {one: everybody[one] for one in ("every role", "operator")}


def test_every_door_is_walked_or_public_and_the_list_of_public_ones_is_right(house: House) -> None:
    every = house.every_door()
    assert len(every) > 100
    assert set(PUBLIC) <= every, "a public route that is gone"
    documented = {request.name for document in documents(house) for request in _all(document)}
    walked = {f"{name.partition(' ')[0].upper()} {name.partition(' ')[2]}" for name in documented} | set(
        pages_of(house)
    )
    assert every - walked - set(PUBLIC) == set()
    for door in sorted(every - set(PUBLIC)):
        method, _, path = door.replace("{form}", "html").partition(" ")
        answer = house.client.request(
            method,
            re.sub(r"\{[a-z_]+\}", "0190", re.sub(r"\{[a-z_]+_id\}", NOBODYS, path)),
            json={} if method != "GET" else None,
        )
        leads = answer.headers.get("location", "")
        closed = answer.status_code == 401 or leads.startswith(
            ("/intake/sign-in", "/intake/messages", "/intake/reports")
        )
        assert closed, (door, answer.status_code, answer.text[:200])


def _all(document: dict[str, Any]) -> Iterator[Request]:
    class Anything(dict[str, Any]):
        def __missing__(self, key: str) -> str:
            return "x"

    return requests_of(document, Anything(), optional=False)


def test_no_page_tells_another_organisation_anything(house: House, victim: Victim) -> None:
    secrets, before, pages = victim.secrets(), victim.rows(), pages_of(house)
    assert len(pages) > 20
    known = victim.known
    like = nobodys(known)
    for name, actor in who_asks(house).items():
        caller = Caller(house, actor)
        for door in pages:
            nobody, answer = caller.page(door, like), caller.page(door, known)
            asked = (name, door, answer.status_code, answer.headers.get("location"), answer.text[-1500:])
            assert answer.status_code < 500, asked
            if door != "POST /intake/new" and door not in PUBLIC_IN_THE_HUB:
                assert told(answer, known) == told(nobody, like), asked
            hidden = secrets - set(map(str, known.values())) - (FIGURES if actor.operator else set())
            assert not [one for one in hidden if one in answer.text], asked
            if "{" in door and door not in {*PUBLIC_IN_THE_HUB, *OF_A_TYPE}:
                assert answer.status_code in (303, 403, 404, 422), asked
                assert "/cases/" not in answer.headers.get("location", ""), asked
    assert {name for name, rows in victim.rows().items() if rows != before[name]} == set()


def test_an_own_record_beside_a_foreign_one_in_one_request_tells_nothing_of_it(
    house: House, victim: Victim, neighbour: Holder
) -> None:
    """Each parameter and each field of a body in turn names the other organisation's record, all others the own."""
    secrets, before = victim.secrets(), victim.rows()
    caller = Caller(house, neighbour.actor)
    own = {**victim.known, **neighbour.known}
    mixed = [
        name for name, value in victim.known.items() if isinstance(value, str) and value != nobodys({name: value})[name]
    ]
    compared = 0
    known = victim.known
    like = nobodys(known)
    for name in mixed:
        one, other = {**own, name: like[name]}, {**own, name: known[name]}
        for document in documents(house):
            pairs = zip(requests_of(document, one), requests_of(document, other), strict=True)
            for nobody_asked, asked in pairs:
                if str(known[name]) not in f"{asked.path} {asked.query} {asked.body}" or asked.name in OWN_BUSINESS:
                    continue
                nobody, answer = caller.program(nobody_asked), caller.program(asked)
                why = (name, asked.name, asked.query, asked.body, answer.status_code, answer.text[:400])
                assert answer.status_code < 500, why
                same = told(answer, other) == told(nobody, one)
                assert same or is_public_in_the_hub(asked), (why, nobody.status_code, nobody.text[:400])
                assert not [secret for secret in secrets - {str(known[name])} if secret in answer.text], why
                compared += 1
        own_case = f"/intake/v1/cases/{own['case_id']}/deeds/"
        for deed, body in deeds_about("tracing_request", other).items():
            if str(known[name]) in str(body):
                asked = Request("post", "deeds", own_case + deed, {}, body)
                like_it = Request("post", "deeds", own_case + deed, {}, deeds_about("tracing_request", one)[deed])
                nobody, answer = caller.program(like_it), caller.program(asked)
                assert told(answer, other) == told(nobody, one), (deed, answer.text, nobody.text)
                assert answer.status_code in (403, 404, 409, 422), (deed, answer.text)
                compared += 1
    assert compared > 60
    assert {name for name, rows in victim.rows().items() if rows != before[name]} == set()


def test_forms_of_an_own_case_that_name_a_foreign_record_tell_nothing_of_it(
    house: House, victim: Victim, neighbour: Holder
) -> None:
    before, caller = victim.rows(), Caller(house, neighbour.actor)
    own_case = {"case_id": neighbour.known["case_id"]}
    deeds = [deed.name for deed in CASE_TYPES["tracing_request"].life_cycle.deeds]
    for known in (victim.known, {**victim.known, **victim.restricted}):
        like = nobodys(known)
        for values in ({}, {"found_in": known["reference"]}):
            for deed in deeds:
                real, nobodys_own = {**known, **values, **own_case, "name": deed}, {**like, **own_case, "name": deed}
                nobodys_own |= {"found_in": like["reference"]} if values else {}
                door = "POST /intake/cases/{case_id}/do/{name}"
                nobody, answer = caller.page(door, nobodys_own), caller.page(door, real)
                if answer.status_code != 303:
                    assert told(answer, real) == told(nobody, nobodys_own), (deed, answer.text)
        door = "POST /intake/cases/{case_id}/assign"
        nobody, answer = caller.page(door, {**like, **own_case}), caller.page(door, {**known, **own_case})
        assert answer.status_code == 422
        assert told(answer, known) == told(nobody, like)
    assert {name for name, rows in victim.rows().items() if rows != before[name]} == set()


def test_no_step_of_a_referral_or_an_agreement_tells_another_organisation_anything(
    house: House, victim: Victim
) -> None:
    before, compared = victim.rows(), 0
    walked = {
        "referrals/{referral_id}/do/{name}": [*STEP_TITLES, "update"],
        "agreements/{agreement_id}/do/{name}": list(DEEDS),
    }
    more = {"reason": "no_capacity", "text": "Who?", "do": "send", "decision": "approve"}
    for known in (victim.known, {**victim.known, **victim.restricted}):
        known = known | more
        like = {**nobodys(known), **more}
        for actor in strangers(house).values():
            caller = Caller(house, actor)
            for path, names in walked.items():
                for name in names:
                    for method in ("GET", "POST"):
                        door = f"{method} /intake/{path}"
                        nobody, answer = (caller.page(door, {**one, "name": name}) for one in (like, known))
                        assert answer.status_code in (403, 404), (door, name, answer.status_code)
                        assert told(answer, known) == told(nobody, like), (door, name, answer.text[-800:])
                        compared += 1
    assert compared > 400
    assert {name for name, rows in victim.rows().items() if rows != before[name]} == set()


def test_what_is_public_in_the_hub_shows_no_more_than_the_service_and_is_changed_by_its_keeper_alone(
    house: House, victim: Victim
) -> None:
    assert set(PUBLIC_IN_THE_HUB) <= house.every_door(), "a door that is gone"
    known, before = victim.known, victim.rows()
    hidden = victim.secrets() | {victim.actor.organisation_id.hex, str(victim.actor.user_id)}
    title, seen = CLINIC["title"], 0
    for name, actor in strangers(house).items():
        caller, reads = Caller(house, actor), actor.may(Act.READ_DIRECTORY)
        for door in PUBLIC_IN_THE_HUB:
            method, _, path = door.partition(" ")
            if "/v1/" in path:
                answer = caller.program(Request(method.lower(), path, filled(path, known), {}, {}))
            else:
                answer = caller.page(door, known)
            assert not [one for one in hidden if one in answer.text], (name, door, answer.text[-800:])
            shown = title in answer.text
            asked = actor.may(Act.REFER_CASES) or not door.endswith("/refer")
            assert shown == (reads and asked and not door.endswith("/new")), (name, door, answer.status_code)
            seen += shown
        for method, act in (("put", ""), ("post", "/confirmation"), ("post", "/withdrawal"), ("delete", "/withdrawal")):
            path = f"/intake/v1/services/{known['service_id']}{act}"
            refused = caller.program(Request(method, path, path, {}, CLINIC))
            assert refused.status_code == (404 if actor.may(Act.KEEP_DIRECTORY) else 403), (name, method, act)
    assert seen > 20
    assert {name for name, rows in victim.rows().items() if rows != before[name]} == set()


def lists(house: House) -> list[str]:
    """Every door to read through that names no record, and shows nothing that is there for all."""
    found = (one for one in house.every_door() if one.startswith("GET ") and "{" not in one and one != "GET /")
    return sorted(one for one in found if one not in PUBLIC_IN_THE_HUB)


QUERIES = {
    "GET /reporting/v1/incidents": ("?from=2010-01-01&to=2030-12-31", "?from=2010-01-01&to=2030-12-31&format=csv"),
    "GET /reporting/v1/referrals": ("?from=2010-01-01&to=2030-12-31",),
    "GET /reporting/v1/matches": ("?from=2010-01-01&to=2030-12-31",),
    "GET /intake/cases": ("", "?place=SYR", "?status=received", "?from-year=2020&from-month=1&from-day=1"),
    "GET /intake/v1/cases": ("", "?place=SYR", "?type=child", "?happened_from=2020-01-01", "?limit=1"),
    "GET /intake/v1/duplicates": ("", "?decided=true"),
    "GET /intake/referrals": ("", "?over=true", "?box=out&over=true"),
    "GET /intake/v1/referrals": ("", "?over=true", "?box=out&over=true", "?box=out&limit=1"),
}


def answers(house: House, callers: Mapping[str, Caller]) -> dict[tuple[str, str, str], Any]:
    """What each list tells each of them."""
    found = {}
    for name, caller in callers.items():
        for door in lists(house):
            for query in QUERIES.get(door, ("",)):
                path = door.partition(" ")[2]
                if path.partition("/v1/")[1]:
                    answer: Any = caller.program(Request("get", path, path, dict(parse_qsl(query[1:])), {}))
                else:
                    answer = caller.page(door, {"user_id": ""}, query)
                found[name, door, query] = told(answer, {})[0]
    return found


def test_no_list_count_or_figure_changes_by_what_another_organisation_does(fresh_house: House, tmp_path: Path) -> None:
    house = fresh_house
    callers = {name: Caller(house, actor) for name, actor in strangers(house).items() if name != "operator"}
    before = answers(house, callers)
    assert len(before) > 200
    victim = victim_in(house, tmp_path)
    after = answers(house, callers)
    assert {asked: (after[asked], was) for asked, was in before.items() if after[asked] != was} == {}
    operator = Caller(house, strangers(house)["operator"])
    asked = {"from": "2010-01-01", "to": "2030-12-31"}
    shown = operator.program(Request("get", "", "/reporting/v1/incidents", asked, {}))
    assert ROUTE in shown.text, "an operator sees the figures of all, so there was something to see"
    assert victim.known["case_id"] not in shown.text
