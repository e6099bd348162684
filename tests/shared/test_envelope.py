"""An event's bytes: what is hashed, hidden, kept and refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.crypto import KeyRing, Undecipherable
from shared.events import IncidentRecorded
from shared.events.envelope import (
    GENESIS,
    MAX_EVENT_BYTES,
    Erased,
    Event,
    EventTooLarge,
    Logged,
    Parts,
    Undecodable,
    UnknownEventVersion,
    encode,
    partition_of,
)
from tests.factories import Factory, NoteTaken

KEYS = KeyRing((b"k" * 32,))


def laid_out(event: Event, keys: KeyRing = KEYS) -> Parts:
    return encode(event, source="intake", event_id=Factory(9).id(), seq=1, time="2026-01-02T03:04:05Z", keys=keys)


def logged(parts: Parts, kind: type[Event] | None = NoteTaken, keys: KeyRing | None = KEYS) -> Logged[Any]:
    return Logged("intake", 0, 1, GENESIS, parts.hash_after(GENESIS), parts, keys, kind)


def test_an_event_comes_back_from_the_wire_as_it_was(factory: Factory) -> None:
    incident = factory.incident(place='Zuwara — \u202e " \\ ,"data":{ 🛟')
    parts = Parts.from_wire(laid_out(incident).to_wire())
    found = logged(parts, IncidentRecorded)
    assert found.event == incident
    assert found.counts["dead"] == 3
    assert found.fits(GENESIS)


@given(text=st.text(max_size=200))
def test_any_text_survives_the_wire(text: str) -> None:
    factory = Factory(3)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return
    parts = laid_out(factory.note(factory.id(), text))
    assert Parts.from_wire(parts.to_wire()) == parts
    assert logged(parts).event.text == text


def test_the_wire_document_is_one_cloud_event_in_json(factory: Factory) -> None:
    document = json.loads(laid_out(factory.incident()).to_wire())
    assert document["specversion"] == "1.0"
    assert {"id", "source", "type", "subject", "time", "data"} <= set(document)


@given(body=st.binary(max_size=300))
@example(b'{"a":1,"data":{"counts":5,"nonce":"","payload":""}}')
@example(b'{"a":1,"data":{"counts":"{}","erased":{"payload":[],"sealed":""}}}')
@example(b'{"a":1,"data":{"counts":"{}","nonce":1,"payload":null}}')
@example(b'{"a":1,"data":[]}')
@example(b'{"data":{}}')
@example(b'{"a":1,"data":{"erased":7}}')
def test_bytes_that_are_no_event_are_undecodable_and_nothing_else(body: bytes) -> None:
    try:
        parts = Parts.from_wire(body)
    except Undecodable:
        return
    parts.hash_after(GENESIS)


tails = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
members = st.sampled_from(["counts", "nonce", "payload", "sealed", "erased", "other"])


@given(tail=st.dictionaries(members, tails, max_size=6))
def test_documents_with_anything_in_their_members_are_undecodable_or_have_a_hash(tail: dict[str, Any]) -> None:
    body = ('{"id":"1","data":' + json.dumps(tail, separators=(",", ":")) + "}").encode("utf-8", "surrogatepass")
    try:
        parts = Parts.from_wire(body)
    except Undecodable:
        return
    parts.hash_after(GENESIS)
    assert not logged(parts).fits(b"other")


def test_every_part_counts_in_the_hash(factory: Factory) -> None:
    parts = laid_out(factory.note(factory.id()))
    assert logged(parts).fits(GENESIS)
    for changed in (
        replace(parts, header=parts.header.replace("intake", "notify")),
        replace(parts, counts='{"dead":1}'),
        replace(parts, payload_digest=bytes(32)),
        replace(parts, sealed_digest=bytes(32)),
    ):
        assert changed.hash_after(GENESIS) != parts.hash_after(GENESIS)
    assert not logged(parts).fits(bytes(31) + b"1")


def test_an_erased_event_keeps_its_hash_its_header_and_its_counts(factory: Factory) -> None:
    whole = laid_out(factory.incident())
    erased = Parts.from_wire(replace(whole, nonce=None, payload=None, sealed=None).to_wire())
    found = logged(erased, IncidentRecorded)
    assert found.erased
    assert found.hash == logged(whole, IncidentRecorded).hash
    assert found.fits(GENESIS)
    assert found.counts["survivors"] == 12
    with pytest.raises(Erased):
        _ = found.event


def test_a_changed_attribute_makes_the_payload_unreadable(factory: Factory) -> None:
    parts = laid_out(factory.note(factory.id()))
    changed = replace(parts, header=parts.header.replace('"seq":1', '"seq":2'))
    with pytest.raises(Undecipherable):
        _ = logged(changed).event


def test_an_event_over_the_limit_is_refused_and_one_just_under_it_is_not(factory: Factory) -> None:
    case = factory.id()
    around = len(laid_out(factory.note(case, "")).header) + 200
    laid_out(factory.note(case, "x" * (MAX_EVENT_BYTES - around)))
    with pytest.raises(EventTooLarge):
        laid_out(factory.note(case, "x" * MAX_EVENT_BYTES))


def test_what_no_handler_reads_says_so(factory: Factory) -> None:
    with pytest.raises(UnknownEventVersion):
        _ = logged(laid_out(factory.note(factory.id())), kind=None).event


def test_a_payload_that_does_not_validate_tells_no_value(factory: Factory) -> None:
    parts = laid_out(factory.note(factory.id(), "canary-7731"))
    with pytest.raises(ValidationError) as caught:
        _ = logged(parts, IncidentRecorded).event
    assert "canary" not in str(caught.value)


def test_a_header_that_is_no_header_is_undecodable() -> None:
    for header in ("{}", "[]", "{", '{"subject":7}'):
        with pytest.raises(Undecodable):
            _ = logged(Parts(header, "{}", None, None, None, b"", b"")).subject


@given(st.text(max_size=60).filter(lambda text: text.isascii()))
def test_a_subject_is_always_in_one_of_the_partitions(subject: str) -> None:
    assert 0 <= partition_of(subject) < 8
