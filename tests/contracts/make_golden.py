"""Make the golden files that are missing: `python -m tests.contracts.make_golden`. Existing ones are never changed.

A golden file is what an event of a released version looks like on the wire, for ever. Where a test says that one
no longer parses, mend the code, not the file.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from shared.crypto import seal
from shared.events.envelope import GENESIS, Event, encode
from tests.contracts.samples import GOLDEN, KEYS, SAMPLES, expected_fields, expected_sealed, golden_name


def golden(event: Event) -> str:
    """The file's text: the wire document as it is published, its hash as a first event, the fields it carries."""
    private = expected_sealed(event)
    parts = encode(
        event,
        source=event.SOURCES[0],
        event_id=UUID("018f0000-0000-7000-8000-0000000000ff"),
        seq=3,
        time="2026-01-02T03:04:05.678901Z",
        keys=KEYS,
        sealed=sealed_to(event.SEALED_TO, private) if event.SEALED_TO else None,
    )
    document = {
        "wire": parts.to_wire().decode(),
        "hash": parts.hash_after(GENESIS).hex(),
        "subject": event.subject,
        "fields": expected_fields(event),
        **({} if private is None else {"sealed": private}),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def sealed_to(service: str, private: Any) -> bytes:
    """A sealed box, another at every call: a golden file keeps the one that it was made with."""
    return seal(KEYS.sealing_key(service).public_key, json.dumps(private).encode())


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for event in SAMPLES:
        path = GOLDEN / golden_name(type(event))
        if path.exists():
            print(f"kept {path.name}")  # noqa: T201
            continue
        with path.open("x", encoding="utf-8") as file:
            file.write(golden(event))
        print(f"made {path.name}")  # noqa: T201


if __name__ == "__main__":
    main()
