"""The stored parts of an event: their digests, their hash in the chain, and the document that carries them."""

from __future__ import annotations

import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

GENESIS = bytes(32)
"""The previous hash of the first event of a partition."""
CONTENT_TYPE = "application/cloudevents+json"
_DATA = ',"data":{'


class Undecodable(ValueError):
    """A message's bytes are no event. The event itself is refetched from its source's feed."""


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
