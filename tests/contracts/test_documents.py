"""The documents made from the contracts are valid and fresh."""

from __future__ import annotations

import json

import jsonschema
import yaml

from kinbridge import contracts, life_cycles
from shared.events import CATALOGUE
from tests.samples import sample_data


def test_the_committed_documents_are_what_the_code_says() -> None:
    assert (contracts.DOCS / "events.md").read_text() == contracts.events_page()
    assert (contracts.DOCS / "life-cycles.md").read_text() == life_cycles.page()
    committed = yaml.safe_load((contracts.DOCS / "asyncapi.yaml").read_text())
    assert committed == json.loads(json.dumps(contracts.asyncapi()))


def test_the_asyncapi_document_is_valid() -> None:
    schema = json.loads(sample_data("asyncapi/3.0.0.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    document = yaml.safe_load((contracts.DOCS / "asyncapi.yaml").read_text())
    assert [error.message for error in validator.iter_errors(document)] == []


def test_every_fact_of_the_catalogue_is_described_once() -> None:
    names = [contracts.message_name(kind) for kind in CATALOGUE]
    assert len(set(names)) == len(names)
    assert set(contracts.asyncapi()["components"]["messages"]) == set(names)
