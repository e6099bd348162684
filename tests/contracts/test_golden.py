"""Bytes that were ever published parse for ever, to the same fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.crypto import Undecipherable
from shared.events import CATALOGUE, Event
from shared.events.envelope import GENESIS, Logged, Parts, partition_of
from tests.contracts.samples import GOLDEN, KEYS, SAMPLES, expected_fields, expected_sealed, golden_name, texts_in

FILES = sorted(GOLDEN.glob("*.json"))
KINDS = {golden_name(kind): kind for kind in CATALOGUE}


def parsed(document: dict[str, Any], kind: type[Event]) -> Logged[Any]:
    parts = Parts.from_wire(document["wire"].encode())
    return Logged("intake", 0, 1, GENESIS, bytes.fromhex(document["hash"]), parts, KEYS, kind)


def within(fields: Any, read: Any) -> Any:
    """What was read, but for fields that were added since the file was made, however deep."""
    if isinstance(fields, dict) and isinstance(read, dict):
        return {name: within(value, read[name]) for name, value in fields.items() if name in read}
    if isinstance(fields, list) and isinstance(read, list) and len(fields) == len(read):
        return [within(*each) for each in zip(fields, read, strict=True)]
    return read


def test_every_event_of_the_catalogue_has_a_golden_file_and_none_is_left_over() -> None:
    assert {path.name for path in FILES} == set(KINDS)


def test_every_event_of_the_catalogue_has_a_sample_with_all_its_fields_filled() -> None:
    assert {type(sample) for sample in SAMPLES} == set(CATALOGUE)
    for sample in SAMPLES:
        assert sample.model_fields_set == set(type(sample).model_fields), type(sample).__name__


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_file_parses_to_the_fields_it_was_made_of(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    kind = KINDS[path.name]
    logged = parsed(document, kind)
    assert (logged.type, logged.version, logged.subject) == (kind.TYPE, kind.VERSION, document["subject"])
    assert logged.seq == 3
    assert logged.time == "2026-01-02T03:04:05.678901Z"
    assert within(document["fields"], expected_fields(logged.event)) == document["fields"]
    assert logged.event.subject == document["subject"]
    opened = logged.unsealed()
    assert (None if opened is None else json.loads(opened)) == document.get("sealed")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_file_keeps_its_bytes_and_its_hash(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    logged = parsed(document, KINDS[path.name])
    assert logged.parts.to_wire() == document["wire"].encode()
    assert logged.fits(GENESIS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_but_attributes_and_counts_is_readable_in_a_golden_file(path: Path) -> None:
    wire = json.loads(path.read_text(encoding="utf-8"))["wire"]
    sample = next(sample for sample in SAMPLES if golden_name(type(sample)) == path.name)
    hidden = [text for text in texts_in([expected_fields(sample), expected_sealed(sample)]) if len(text) > 8]
    clear = {str(sample.organisation_id), sample.subject.partition("/")[2], str(getattr(sample, "person_id", ""))}
    assert not [value for value in hidden if value not in clear and value in wire]


def test_what_is_sealed_opens_for_the_one_service_that_it_is_sealed_to() -> None:
    sealed = [
        one for one in (parsed(json.loads(path.read_text()), KINDS[path.name]) for path in FILES) if one.parts.sealed
    ]
    assert {one.kind.SEALED_TO for one in sealed if one.kind} == {"intake", "notify"}
    for one in sealed:
        assert one.kind is not None
        assert one.parts.sealed is not None
        others = {"intake", "notify", "reporting"} - {one.kind.SEALED_TO}
        for other in others:
            with pytest.raises(Undecipherable):
                KEYS.open_sealed(other, one.parts.sealed)


def test_a_subject_stays_in_its_partition_for_ever() -> None:
    subjects = ("case/018f0000-0000-7000-8000-000000000002", "organisation/1", "import/x", "grant/é")
    assert [partition_of(subject) for subject in subjects] == PARTITIONS_FOR_EVER


PARTITIONS_FOR_EVER = [0, 2, 2, 6]
