"""The demonstration's messages to families: only in languages that a reviewer approved, into a mailbox, once."""

from __future__ import annotations

import json

from services.notify.wording import LANGUAGES
from tests.journeys.conftest import Kinbridge


def test_the_demonstrations_families_are_written_to_once_in_an_approved_language(kinbridge: Kinbridge) -> None:
    assert kinbridge.run("demo", "--once").stdout.count("16 languages, read by its") == 3
    summary = kinbridge.json("demo", "--once")
    letters = [json.loads(file.read_text()) for file in kinbridge.folder.glob("mailbox/*/*.json")]
    assert sorted((one["to"], one["language"]) for one in letters) == [("+447700900101", "am"), ("+447700900102", "ar")]
    assert summary["languages"] == {name: list(LANGUAGES) for name in summary["cases"]}
    assert summary["families"] == {"red-cross-marenia": 1, "red-crescent-tassira": 1, "open-sea-watch": 0}
