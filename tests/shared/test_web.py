"""Answers: problem details with places and codes, never with a value that was sent in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter
from sqlalchemy.exc import IntegrityError

from shared.errors import Conflict, DomainError, InvalidInput, NotAuthenticated, NotFound, pointer
from shared.web import create_app, json_body, validated
from tests.client import TestClient

CANARY = "canary-7731"


class Body(BaseModel):
    number: int


ERRORS: dict[str, tuple[Exception, int]] = {
    "invalid": (InvalidInput("wrong"), 422),
    "conflict": (Conflict("not now"), 409),
    "missing": (NotFound("none"), 404),
    "stranger": (NotAuthenticated("who"), 401),
    "rule": (DomainError("no"), 409),
    "database": (IntegrityError(CANARY, {"x": CANARY}, ValueError(CANARY)), 503),
    "unexpected": (RuntimeError(CANARY), 500),
}


@pytest.fixture(scope="module")
def client() -> TestClient:
    app: FastAPI = create_app("test", body_limit=200)

    @app.get("/fail/{name}")
    def fail(name: str) -> None:
        raise ERRORS[name][0]

    @app.get("/things/{thing}")
    def thing(thing: UUID, limit: int = 1) -> None: ...

    @app.post("/bodies")
    async def take(request: Request) -> dict[str, Any]:
        found: Body = validated(TypeAdapter(Body), await json_body(request))
        return found.model_dump()

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_has_its_status_and_a_problem_document(client: TestClient, name: str) -> None:
    answer = client.get(f"/fail/{name}")
    assert answer.status_code == ERRORS[name][1]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert CANARY not in answer.text


def test_a_refused_field_is_named_by_its_pointer_and_not_by_its_value(client: TestClient) -> None:
    answer = client.post("/bodies", json={"number": CANARY})
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("#/number", "int_parsing")]
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'"\xff"', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"number": 1e999}', "application/json", 422),
        (b'{"number": NaN}', "application/json", 400),
        (b" " * 201, "application/json", 413),
        (b'{"number": 7}', "application/merge-patch+json", 200),
    ],
)
def test_a_body_that_is_none_is_refused(client: TestClient, body: bytes, kind: str, status: int) -> None:
    answer = client.post("/bodies", content=body, headers={"content-type": kind})
    assert answer.status_code == status


def test_a_parameter_that_is_wrong_is_not_repeated(client: TestClient) -> None:
    answer = client.get(f"/things/{CANARY}?limit={CANARY}")
    assert answer.status_code == 422
    assert CANARY not in answer.text


def test_an_address_that_is_unknown_is_a_problem_too(client: TestClient) -> None:
    answer = client.get(f"/{CANARY}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text


def test_a_correlation_id_comes_back_only_if_it_is_harmless(client: TestClient) -> None:
    assert client.get("/x", headers={"x-correlation-id": "a-1"}).headers["x-correlation-id"] == "a-1"
    for given_id in ("a b", "x" * 65, "<b>"):
        assert client.get("/x", headers={"x-correlation-id": given_id}).headers["x-correlation-id"] != given_id


@given(st.lists(st.text(max_size=6) | st.integers(), max_size=4))
def test_a_pointer_is_ascii_and_has_a_part_for_each_place(location: list[Any]) -> None:
    if any("\ud800" <= letter <= "\udfff" for place in location for letter in str(place)):
        return
    found = pointer(tuple(location))
    assert found.isascii()
    assert found.count("/") == len(location)
