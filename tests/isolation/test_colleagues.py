"""Inside one organisation: who has nothing to do with a restricted case learns nothing of it, at any door."""

from __future__ import annotations

from typing import Any

import pytest

from shared.access import MAY, Act, Actor, Role
from tests.intake.access.routes import requests_of
from tests.isolation.callers import OWN_BUSINESS, Caller, documents, pages_of, told
from tests.isolation.conftest import House, Victim
from tests.isolation.doors import nobodys
from tests.isolation.reporting import is_of_reports

RESTRICTED_ACTS = MAY[Act.READ_CHILDREN]


def colleagues(house: House) -> dict[str, Actor]:
    """Everybody of the own organisation who has nothing to do with a child's case, and its system."""
    own = house.intake.own.organisation_id
    roles = [role for role in Role if role not in RESTRICTED_ACTS | {Role.OPERATOR}]
    found = {role.value: Actor(own, roles=frozenset({role})) for role in roles}
    return {**found, "all of these": Actor(own, roles=frozenset(roles))}


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_colleague_of_another_role_learns_nothing_of_a_restricted_case(house: House, victim: Victim) -> None:
    """On SQLite: the rows that PostgreSQL hides by itself are other organisations', and none of these."""
    known, pages = {**victim.known, **victim.restricted}, pages_of(house)
    like = {**victim.known, **nobodys(victim.restricted)}
    child = set(map(str, victim.restricted.values())) | {f"{victim.canary} the child"}
    people = victim.get(f"cases/{victim.restricted['case_id']}")["people"]
    child |= {one["id"] for one in people}
    for name, actor in colleagues(house).items():
        caller = Caller(house, actor)
        for document in documents(house):
            pairs = zip(requests_of(document, like), requests_of(document, known), strict=True)
            for nobody_asked, asked in pairs:
                why: Any = (name, asked.name, asked.query)
                if asked.name in OWN_BUSINESS | AUDITED | OF_STAFF or is_of_no_case(asked.route):
                    continue
                nobody, answer = caller.program(nobody_asked), caller.program(asked)
                assert not [one for one in child if one in answer.text], (why, answer.text[:600])
                assert told(answer, known) == told(nobody, like), (why, answer.text[:600])
        for door in pages:
            if door == "POST /intake/new" or is_of_no_case(door.partition(" ")[2]):
                continue
            nobody, answer = caller.page(door, like), caller.page(door, known)
            assert told(answer, known) == told(nobody, like), (name, door, answer.text[-600:])


AUDITED = {"get /intake/v1/audit"}
"""Who saw whom, as ids: an auditor is there to read of every case."""
OF_STAFF = {
    "post /intake/v1/users/{user_id}/disable",
    "post /intake/v1/users/{user_id}/enable",
    "post /intake/v1/users/{user_id}/reset",
    "put /intake/v1/users/{user_id}/roles",
    "post /intake/v1/clients/{client_id}/revoke",
    "put /intake/v1/me/language",
    "put /intake/v1/me/password",
    "post /intake/v1/sign-out",
    "post /intake/v1/sign-out/everywhere",
}
"""Change who works here and in which session, and say nothing of a case."""


def is_of_no_case(path: str) -> bool:
    """True for doors to the services that people are referred to, and to grants and reports: changed by being asked at,
    and without any case."""
    pages = ("/reporting/reports", "/reporting/issues", "/notify/reports")
    return "/services" in path or is_of_reports(path) or path.startswith(pages)
