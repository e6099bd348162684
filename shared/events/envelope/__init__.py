"""The envelope: how a fact is laid out, hashed, encrypted and carried.

An event has four parts. *Header*: CloudEvents 1.0 attributes in the clear (ids, type, organisation). *Counts*: figures
that stay when a person is erased. *Payload*: encrypted. *Sealed*: readable by one service alone.
The bytes of each part are stored, hashed, published and fed exactly as recorded.

`facts` says what an event is, `encoding` makes its parts, `wire` hashes and carries them, `logged` reads them again.
"""

from shared.events.envelope.encoding import MAX_EVENT_BYTES, EventTooLarge, encode
from shared.events.envelope.facts import PARTITIONS, Event, partition_of
from shared.events.envelope.logged import Erased, Logged, UnknownEventVersion, readable
from shared.events.envelope.wire import (
    CONTENT_TYPE,
    GENESIS,
    Parts,
    Undecodable,
    chain_hash,
    counts_digest,
    payload_digest,
    sealed_digest,
)

__all__ = [
    "CONTENT_TYPE",
    "GENESIS",
    "MAX_EVENT_BYTES",
    "PARTITIONS",
    "Erased",
    "Event",
    "EventTooLarge",
    "Logged",
    "Parts",
    "Undecodable",
    "UnknownEventVersion",
    "chain_hash",
    "counts_digest",
    "encode",
    "partition_of",
    "payload_digest",
    "readable",
    "sealed_digest",
]
