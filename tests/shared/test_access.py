"""Tokens: only ours, only until they end."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access import TOKEN_LIFE, Actor, issue_token, read_token
from shared.crypto import KeyRing
from shared.database import utc_now
from shared.errors import NotAuthenticated
from tests.factories import ORGANISATION

KEYS = KeyRing((b"k" * 32,))
ACTOR = Actor(ORGANISATION)


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def claims(**changed: Any) -> dict[str, Any]:
    body = issue_token(KEYS, ACTOR).split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found | changed


@pytest.mark.parametrize("operator", [True, False])
def test_a_token_tells_who_acts(operator: bool) -> None:
    actor = Actor(ORGANISATION, operator)
    assert read_token(KEYS, issue_token(KEYS, actor)) == actor


def test_a_token_ends() -> None:
    now = utc_now()
    token = issue_token(KEYS, ACTOR, now=now)
    assert read_token(KEYS, token, now=now + TOKEN_LIFE - timedelta(seconds=2)) == ACTOR
    with pytest.raises(NotAuthenticated, match="expired"):
        read_token(KEYS, token, now=now + TOKEN_LIFE)


def test_a_token_of_other_keys_is_refused() -> None:
    with pytest.raises(NotAuthenticated):
        read_token(KEYS, issue_token(KeyRing((b"o" * 32,)), ACTOR))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "EdDSA"])
def test_no_other_algorithm_is_believed(algorithm: str) -> None:
    body = part(claims(operator=True))
    signature = issue_token(KEYS, ACTOR).split(".")[2]
    for ending in ("", signature):
        with pytest.raises(NotAuthenticated):
            read_token(KEYS, f"{part({'alg': algorithm})}.{body}.{ending}")


def test_changed_claims_are_refused() -> None:
    head, _, signature = issue_token(KEYS, ACTOR).split(".")
    with pytest.raises(NotAuthenticated):
        read_token(KEYS, f"{head}.{part(claims(operator=True))}.{signature}")


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_anything_else_is_no_token(text: str) -> None:
    with pytest.raises(NotAuthenticated) as caught:
        read_token(KEYS, text)
    assert str(caught.value) == "The token is not valid: ask for a new one."
