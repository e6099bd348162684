"""Laying out and encrypting a fact."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from pydantic_core import to_json

from shared.crypto import KeyRing
from shared.errors import DomainError
from shared.events.envelope.facts import Event
from shared.events.envelope.wire import Parts, payload_digest, sealed_digest

MAX_EVENT_BYTES = 256 * 1024


class EventTooLarge(DomainError):
    """An event is over 256 KiB: send a reference to the large part instead."""

    code = "event_too_large"


def encode(
    event: Event,
    *,
    source: str,
    event_id: UUID,
    seq: int,
    time: str,
    keys: KeyRing,
    sealed: bytes | None = None,
    nonce: bytes | None = None,
) -> Parts:
    """Lay out and encrypt a fact; raises `EventTooLarge` over 256 KiB. `nonce`: see `KeyRing.encrypt`."""
    fields = event.__dict__
    attributes: dict[str, object] = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": source,
        "type": event.TYPE,
        "version": event.VERSION,
        "subject": event.subject,
        "seq": seq,
        "time": time,
        "organisation": str(event.organisation_id),
        "keyid": keys.current,
        "datacontenttype": "application/json",
    }
    person = fields.get("person_id")
    if person is not None:
        attributes["person"] = str(person)
    header = to_json(attributes).decode()
    figures = fields.get("counts")
    counts = "{}" if figures is None else figures.model_dump_json()
    plain = event.__pydantic_serializer__.to_json(event, exclude=_in_the_clear(event.SUBJECT))
    nonce, cipher = keys.encrypt(plain, header.encode(), nonce)
    if len(header) + len(counts) + len(cipher) + len(sealed or b"") > MAX_EVENT_BYTES:
        raise EventTooLarge("An event may have 256 KiB at most: record a reference to the large part instead.")
    return Parts(header, counts, nonce, cipher, sealed, payload_digest(nonce, cipher), sealed_digest(sealed))


@cache
def _in_the_clear(subject: str) -> set[str]:
    """The fields that stand outside the payload."""
    return {"counts", "organisation_id", "person_id", "sealed", subject}
