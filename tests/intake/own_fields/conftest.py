"""A hub of three organisations, one of which asks more of its own about whom it meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.crypto import KeyRing
from tests.intake.people import person
from tests.intake.referrals.conftest import Hub, Person, made_on, registration

SHELTER: dict[str, Any] = {
    "type": "string",
    "title": "Where does the person sleep?",
    "x-titles": {"ar": "أين ينام الشخص؟"},
    "oneOf": [
        {"const": "tent", "title": "In a tent", "x-titles": {"ar": "في خيمة"}},
        {"const": "house", "title": "In a house"},
    ],
}
BEDS: dict[str, Any] = {"type": "integer", "title": "Beds needed", "minimum": 1, "maximum": 20}
REMARK: dict[str, Any] = {"type": "string", "title": "Remark of the shelter", "maxLength": 40}
NEEDS: dict[str, Any] = {
    "type": "array",
    "title": "What is needed?",
    "uniqueItems": True,
    "items": {"type": "string", "enum": ["blanket", "stove", "lamp"]},
}
SINCE: dict[str, Any] = {"type": "string", "title": "There since", "format": "date"}
WARM: dict[str, Any] = {"type": "boolean", "title": "Is it warm?"}
FIELDS = {"shelter": SHELTER, "beds": BEDS, "remark": REMARK, "needs": NEEDS, "since": SINCE, "warm": WARM}
ANSWERS: dict[str, Any] = {
    "shelter": "tent",
    "beds": 3,
    "remark": "Sleeps near Sara Qremark",
    "needs": ["stove", "lamp"],
    "since": "2026-01-05",
    "warm": False,
}


def schema(*required: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema of these fields."""
    asked = {"required": list(required)} if required else {}
    return {"type": "object", "properties": fields or FIELDS, **asked}


def define(who: Person, document: dict[str, Any], case_type: str = "registration", status: int = 200) -> Any:
    """Ask from now on what the document says."""
    return ask(who, "PUT", f"own-fields/{case_type}", document, status)


def ask(who: Person, method: str, path: str, body: Any = None, status: int = 200, if_match: str = "*") -> Any:
    """A request that changes what was read."""
    return who._asked(method, path, status, json=body, headers={"If-Match": if_match})


def met(**own: Any) -> dict[str, Any]:
    """A registration with answers to own fields."""
    return {**registration(person("Yonas Tekle", sex="male", birth={"year": 1990})), **({"own": own} if own else {})}


@pytest.fixture
def hub(database: Callable[[str], Engine], keys: KeyRing) -> Iterator[Hub]:
    """Runs on both databases."""
    yield from made_on(database("intake"), keys)
