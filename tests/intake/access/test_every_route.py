"""Every route of the interface, as every role of another organisation, finds nothing of the first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.access import Actor, Role, issue_token
from shared.database import is_sqlite, uuid7
from tests.intake.access.conftest import Holder
from tests.intake.access.routes import Request, requests_of

PUBLIC = {
    "post /intake/v1/oauth/token",
    "post /intake/v1/sign-in",
    "post /intake/v1/sign-in/second-factor",
    "post /intake/v1/sign-in/finish",
    "post /intake/v1/invitations/accept",
}
"""Who calls these has no token yet: they prove themselves by what they send."""
OWN_BUSINESS = {"post /intake/v1/users", "post /intake/v1/clients", "post /intake/v1/cases", "post /intake/v1/services"}
"""Make a record of the caller's own out of values that are sent in."""

OF_THE_HUB = {"get /intake/v1/services", "get /intake/v1/services/{service_id}"}
"""Read by every organisation, by design: the service directory."""


OF_A_TYPE = {
    "get /intake/v1/own-fields/{case_type}",
    "put /intake/v1/own-fields/{case_type}",
    "delete /intake/v1/own-fields/{case_type}",
    "get /intake/v1/own-fields/{case_type}/versions",
}
"""Name a type of case and no record: each organisation finds what it asks itself."""

THOROUGHLY = {"every role", "a system", "the own operator"}
"""As whom optional parameters are sent too, and each answer is compared with the one about a record nobody has."""


def send(holder: Holder, asked: Request, token: str | None) -> Any:
    headers = {"If-Match": "*", **({"Authorization": f"Bearer {token}"} if token else {})}
    return holder.intake.client.request(asked.method, asked.path, params=asked.query, headers=headers, **asked.sent())


def unknown(known: dict[str, Any]) -> dict[str, Any]:
    """The same, with ids that nobody has."""
    return {name: str(uuid7()) if _is_id(value) else value for name, value in known.items()}


def _is_id(value: Any) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def actors(holder: Holder, stranger: UUID) -> dict[str, Actor]:
    """Every role of the other organisation, all at once, its system; and the first organisation's own operator. Each
    role by itself on SQLite: what it may, is decided before any database is asked."""
    other = holder.intake.other.organisation_id
    everything = frozenset(Role) - {Role.OPERATOR}
    roles = Role if is_sqlite(holder.intake.engine) else (Role.OPERATOR,)
    found = {role.value: Actor(other, role is Role.OPERATOR, frozenset({role}), stranger) for role in roles}
    return found | {
        "every role": Actor(other, roles=everything, user_id=stranger),
        "a system": Actor(other, roles=everything),
        "the own operator": Actor(holder.actor.organisation_id, True, frozenset({Role.OPERATOR}), uuid7()),
    }


def test_no_role_of_another_organisation_finds_anything_by_any_route(holder: Holder, stranger: UUID) -> None:
    document = holder.intake.client.get("/intake/openapi.json").json()
    secrets, before = holder.secrets(), holder.rows()
    refused_by_form: dict[str, set[int]] = {}
    for name, actor in actors(holder, stranger).items():
        token = issue_token(holder.keys, actor)
        thoroughly = name in THOROUGHLY
        real = list(requests_of(document, holder.known, optional=thoroughly))
        nobodys = list(requests_of(document, unknown(holder.known), optional=thoroughly))
        assert len(real) > 55
        for asked, like in zip(real, nobodys, strict=True):
            answer = send(holder, asked, token)
            told = (name, asked.name, asked.query, answer.status_code, answer.text[:300])
            assert answer.status_code < 500, told
            if asked.name not in OWN_BUSINESS:
                assert not [one for one in secrets if one in answer.text], told
            if asked.names_a_record and asked.name not in OF_THE_HUB | OF_A_TYPE:
                refused_by_form.setdefault(asked.name, set()).add(answer.status_code)
                assert answer.status_code in (401, 403, 404, 422), told
                if thoroughly:
                    nobody = send(holder, like, token)
                    assert (answer.status_code, answer.text) == (nobody.status_code, nobody.text), told
    assert {route for route, seen in refused_by_form.items() if not seen & {403, 404}} == set()
    after = holder.rows()
    assert {name for name in before if before[name] != after[name]} == set()


def test_without_a_token_only_the_public_routes_answer(holder: Holder) -> None:
    document, secrets = holder.intake.client.get("/intake/openapi.json").json(), holder.secrets()
    for asked in requests_of(document, holder.known):
        for token in (None, "a.b.c", "nobodys-session"):
            answer = send(holder, asked, token)
            refused = {401, 422} if asked.name not in PUBLIC else {400, 401, 404, 422}
            assert answer.status_code in refused, (asked.name, answer.text)
            assert not [one for one in secrets if one in answer.text]
