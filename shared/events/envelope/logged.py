"""One event at its place in a log: what of it stands in the clear, and the fact that its payload holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic_core import from_json

from shared.crypto import KeyRing
from shared.errors import DomainError
from shared.events.envelope.facts import Event
from shared.events.envelope.wire import Parts, Undecodable

E = TypeVar("E", bound=Event)


class UnknownEventVersion(DomainError):
    """A subscribed type came in a version that this release does not know: upgrade, then replay."""

    code = "unknown_event_version"


class Erased(DomainError):
    """The payload was erased; only header and counts are left."""

    code = "erased"


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
    def subject_id(self) -> UUID:
        """Of the case, grant …, without the kind before it."""
        return UUID(self.subject.partition("/")[2])

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
        header, parts = self.header, self.parts
        if parts.nonce is None or parts.payload is None:
            raise Erased("The payload of this event was erased.")
        fields = from_json(self.keys.decrypt(header["keyid"], parts.nonce, parts.payload, parts.header.encode()))
        if parts.counts != "{}":
            fields["counts"] = from_json(parts.counts)
        fields[self.kind.SUBJECT] = self.subject.partition("/")[2]
        fields["organisation_id"] = header["organisation"]
        if "person" in header:
            fields["person_id"] = header["person"]
        opened: E = self.kind.__pydantic_validator__.validate_python(fields)
        return opened

    def unsealed(self) -> bytes | None:
        """The bytes that were sealed to the one service that may read them, which this process must be; None without
        any. Raises `Undecipherable`."""
        if self.parts.sealed is None or self.kind is None or self.keys is None or self.kind.SEALED_TO is None:
            return None
        return self.keys.open_sealed(self.kind.SEALED_TO, self.parts.sealed)

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
