"""The envelope: how a fact is laid out, hashed, encrypted and carried.

An event has four parts. *Header*: CloudEvents 1.0 attributes in the clear (ids, type, organisation). *Counts*: figures
that stay when a person is erased. *Payload*: encrypted. *Sealed*: readable by one service alone.
The bytes of each part are stored, hashed, published and fed exactly as recorded.
"""

from __future__ import annotations

import binascii
import hashlib
import json
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json, to_json

from shared.crypto import KeyRing, Undecipherable
from shared.errors import DomainError

PARTITIONS = 8
GENESIS = bytes(32)
"""The previous hash of the first event of a partition."""
MAX_EVENT_BYTES = 256 * 1024
CONTENT_TYPE = "application/cloudevents+json"
_DATA = ',"data":{'


class EventTooLarge(DomainError):
    """An event is over 256 KiB: send a reference to the large part instead."""

    code = "event_too_large"


class UnknownEventVersion(DomainError):
    """A subscribed type came in a version that this release does not know: upgrade, then replay."""

    code = "unknown_event_version"


class Undecodable(ValueError):
    """A message's bytes are no event. The event itself is refetched from its source's feed."""


class Erased(DomainError):
    """The payload was erased; only header and counts are left."""

    code = "erased"


class Event(BaseModel):
    """Base of all facts. Frozen and versioned; optional fields may be added, nothing is ever repurposed.

    `SUBJECT` names the field whose id is the event's subject: events of one subject are applied in order.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1
    SOURCES: ClassVar[tuple[str, ...]]
    SUBJECT: ClassVar[str] = "case_id"
    SEALED_TO: ClassVar[str | None] = None
    """The one service that may read the field `sealed`, if the event has one."""
    PROTECTIVE: ClassVar[bool] = False
    """Overtakes a hold and cannot be discarded (an erasure, a withdrawal, an objection, an opt-out)."""
    PURPOSES: ClassVar[tuple[str, ...]] = ()
    """The purposes of use that a protective event ends or an ordinary event serves; empty means every purpose."""

    organisation_id: UUID

    @property
    def subject(self) -> str:
        """`case/…`, `import/…`, `organisation/…` or `grant/…`."""
        return f"{self.SUBJECT.removesuffix('_id')}/{getattr(self, self.SUBJECT)}"


E = TypeVar("E", bound=Event)


def partition_of(subject: str) -> int:
    """The partition of a subject: fixed for ever, on every machine."""
    return int.from_bytes(hashlib.sha256(subject.encode()).digest(), "big") % PARTITIONS


def counts_digest(counts: str) -> bytes:
    return hashlib.sha256(counts.encode()).digest()


def payload_digest(nonce: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(nonce + payload).digest()


def sealed_digest(sealed: bytes | None) -> bytes:
    return _NOTHING_SEALED if sealed is None else hashlib.sha256(sealed).digest()


_NOTHING_SEALED = hashlib.sha256(b"").digest()


def chain_hash(previous: bytes, header: str, counts: bytes, payload: bytes, sealed: bytes) -> bytes:
    """The hash of an event in its partition's chain; the last three arguments are the parts' digests."""
    return hashlib.sha256(previous + header.encode() + counts + payload + sealed).digest()


@dataclass(slots=True, unsafe_hash=True)
class Parts:
    """The stored parts of one event. `nonce`, `payload` and `sealed` are None once erased.

    Never changed once made; not declared frozen, which would triple the cost of making one.
    """

    header: str
    counts: str
    nonce: bytes | None
    payload: bytes | None
    sealed: bytes | None
    payload_digest: bytes
    sealed_digest: bytes

    def hash_after(self, previous: bytes) -> bytes:
        """This event's hash behind `previous`, from the stored digests."""
        return chain_hash(previous, self.header, counts_digest(self.counts), self.payload_digest, self.sealed_digest)

    def to_wire(self) -> bytes:
        """The CloudEvents JSON document that is published and fed."""
        if self.payload is None or self.nonce is None:
            digests = f'{{"payload":"{self.payload_digest.hex()}","sealed":"{self.sealed_digest.hex()}"}}'
            rest = f'"erased":{digests}'
        else:
            rest = f'"nonce":"{_base64(self.nonce)}","payload":"{_base64(self.payload)}"'
            if self.sealed is not None:
                rest += f',"sealed":"{_base64(self.sealed)}"'
        return f'{self.header[:-1]}{_DATA}"counts":{json.dumps(self.counts)},{rest}}}}}'.encode()

    @classmethod
    def from_wire(cls, body: bytes) -> Parts:
        """The parts of a document made by `to_wire`; raises `Undecodable` for anything else."""
        try:
            header, found, rest = body.decode().partition(_DATA)
            if not found or not rest.endswith("}}"):
                raise Undecodable("no data member")
            tail = from_json("{" + rest[:-1])
            return _with_digests(header + "}", tail)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Undecodable("not an event") from error


def _base64(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).decode()


def _with_digests(header: str, tail: dict[str, Any]) -> Parts:
    erased = tail.get("erased")
    if not isinstance(tail["counts"], str):
        raise Undecodable("counts are no text")
    if erased is not None:
        payload, sealed = bytes.fromhex(erased["payload"]), bytes.fromhex(erased["sealed"])
        return Parts(header, tail["counts"], None, None, None, payload, sealed)
    nonce, cipher = binascii.a2b_base64(tail["nonce"]), binascii.a2b_base64(tail["payload"])
    box = binascii.a2b_base64(tail["sealed"]) if "sealed" in tail else None
    return Parts(header, tail["counts"], nonce, cipher, box, payload_digest(nonce, cipher), sealed_digest(box))


@dataclass(unsafe_hash=True)
class Logged(Generic[E]):
    """One event at its place in a source's log, as a consumer receives it and a handler reads it. Never changed."""

    source: str
    partition: int
    position: int
    previous_hash: bytes
    hash: bytes
    parts: Parts
    keys: KeyRing | None = None
    kind: type[E] | None = None

    @cached_property
    def header(self) -> dict[str, Any]:
        """The CloudEvents attributes; raises `Undecodable`."""
        try:
            header = from_json(self.parts.header)
            if not isinstance(header, dict) or not isinstance(header.get("subject"), str):
                raise Undecodable("no subject")
        except ValueError as error:
            raise Undecodable("not a header") from error
        return header

    @property
    def id(self) -> UUID:
        return UUID(self.header["id"])

    @property
    def type(self) -> str:
        return str(self.header["type"])

    @property
    def version(self) -> int:
        return int(self.header["version"])

    @property
    def subject(self) -> str:
        return str(self.header["subject"])

    @property
    def seq(self) -> int:
        """The event's number within its subject, 1, 2, 3 … without gaps."""
        return int(self.header["seq"])

    @property
    def organisation_id(self) -> UUID:
        return UUID(self.header["organisation"])

    @property
    def person_id(self) -> UUID | None:
        return UUID(self.header["person"]) if "person" in self.header else None

    @property
    def time(self) -> str:
        """When it was recorded, RFC 3339 in UTC."""
        return str(self.header["time"])

    @property
    def erased(self) -> bool:
        return self.parts.payload is None

    @property
    def counts(self) -> dict[str, Any]:
        """The figures, there even when the payload is erased."""
        figures: dict[str, Any] = from_json(self.parts.counts)
        return figures

    @cached_property
    def event(self) -> E:
        """The fact. Raises `Erased`, `Undecipherable`, or Pydantic's `ValidationError` without input values."""
        if self.kind is None or self.keys is None:
            raise UnknownEventVersion(f"Nothing here reads {self.type} in version {self.version}.")
        if self.parts.nonce is None or self.parts.payload is None:
            raise Erased("The payload of this event was erased.")
        plain = self.keys.decrypt(
            self.header["keyid"], self.parts.nonce, self.parts.payload, self.parts.header.encode()
        )
        fields = from_json(plain)
        if self.parts.counts != "{}":
            fields["counts"] = from_json(self.parts.counts)
        fields[self.kind.SUBJECT] = self.subject.partition("/")[2]
        fields["organisation_id"] = self.header["organisation"]
        if "person" in self.header:
            fields["person_id"] = self.header["person"]
        return self.kind.model_validate(fields)

    def fits(self, previous: bytes) -> bool:
        """True when this event follows `previous` in the chain and its bytes are the hashed ones."""
        return self.previous_hash == previous and self.parts.hash_after(previous) == self.hash


def readable(event: Logged[Any], kind: type[E], keys: KeyRing) -> Logged[E]:
    """The same event, for a handler to read its fact; its header is not parsed again."""
    opened: Logged[E] = Logged(
        event.source, event.partition, event.position, event.previous_hash, event.hash, event.parts, keys, kind
    )
    opened.__dict__["header"] = event.header
    return opened


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


__all__ = [
    "CONTENT_TYPE",
    "GENESIS",
    "PARTITIONS",
    "Erased",
    "Event",
    "EventTooLarge",
    "Logged",
    "Parts",
    "Undecipherable",
    "Undecodable",
    "UnknownEventVersion",
    "encode",
    "partition_of",
    "readable",
]
