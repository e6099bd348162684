"""Reading what a provider sent: fields of a form, a query or a JSON object, as text and nothing else."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from services.notify.senders.channel import Arrived, BadSignature, Refused

LONGEST_BODY = 64 * 1024
"""Bytes."""
MOST_FIELDS = 200
LONGEST_TEXT = 10_000
"""Characters of one message from a family: many times the longest concatenated SMS."""

Fields = Sequence[tuple[str, str]]


def query_of(request: Arrived) -> Fields:
    """The fields in the address."""
    try:
        return _form(urlsplit(request.url).query)
    except ValueError as error:
        raise Refused("The address cannot be read.") from error


def form_of(request: Arrived) -> Fields:
    """The fields of a form in the body (application/x-www-form-urlencoded, UTF-8)."""
    return _form(_text(request.body))


def json_of(request: Arrived) -> Fields:
    """The fields of a flat JSON object in the body. Numbers and truth values become their JSON text."""
    try:
        found = json.loads(_text(request.body), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused("The body is not JSON.") from error
    if not isinstance(found, dict) or len(found) > MOST_FIELDS:
        raise Refused("The body is not a flat JSON object.")
    return [(_whole(name), _scalar(value)) for name, value in found.items() if value is not None]


def header(request: Arrived, name: str) -> str:
    """A header's value whatever the case of its name; "" without one."""
    return next((value for key, value in request.headers.items() if key.lower() == name.lower()), "")


def required(fields: Mapping[str, str], name: str, longest: int = 200) -> str:
    """A field that must be there, no longer than `longest`. Raises `Refused`."""
    value = fields.get(name, "")
    if not value or len(value) > longest or "\0" in value:
        raise Refused("The field {name} is missing, too long or no text.", name=name)
    return value


def text_in(fields: Mapping[str, str], name: str) -> str:
    """What somebody wrote: may be empty; what no database keeps is replaced, what is too long is cut."""
    return fields.get(name, "")[:LONGEST_TEXT].replace("\0", "\ufffd")


def reference_in(fields: Mapping[str, str], name: str) -> UUID | None:
    """Our client reference, where it came back. Raises `Refused` where it is none."""
    value = fields.get(name)
    if value is None:
        return None
    try:
        return UUID(value)
    except ValueError as error:
        raise Refused("The field {name} is no reference of ours.", name=name) from error


def must_match(given: str, expected: str) -> None:
    """Raise `BadSignature` unless the two are the same; takes as long for a near miss as for any other."""
    if not expected or not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace")):
        raise BadSignature("The request is not signed by the provider.")


def _text(body: bytes) -> str:
    if len(body) > LONGEST_BODY:
        raise Refused("The body is too long.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("The body is not UTF-8.") from error


def _form(text: str) -> Fields:
    try:
        return parse_qsl(_whole(text), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Refused("The form cannot be read.") from error


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise Refused("The body is not a flat JSON object.")


def _whole(value: str) -> str:
    """JSON and an address can hold half a character (a lone surrogate); nothing of ours can."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused("The text is not Unicode.") from error
    return value


def _no_number(_constant: str) -> float:
    raise ValueError("not a number of JSON")
