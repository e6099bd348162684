"""Errors with a meaning in the domain. `shared.web` maps each to an HTTP status in one table.

A message names the place and the way out; it never repeats a value that was sent in.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class FieldError:
    """One field that was refused: a JSON pointer or column name, a code for programs, a sentence for people."""

    field: str
    code: str
    message: str


def pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901) as a URI fragment."""
    return "#" + "".join("/" + quote(str(part).replace("~", "~0").replace("/", "~1"), safe="~") for part in location)


class KinbridgeError(Exception):
    """Base of everything raised on purpose: a sentence, and what stands in its `{gaps}`, so that pages can say it in
    another language."""

    def __init__(self, sentence: str = "", /, **parts: str) -> None:
        super().__init__(sentence.format(**parts) if parts else sentence)
        self.sentence = sentence
        self.parts = parts


class DomainError(KinbridgeError):
    """A rule of case work says no. Raised by a handler, it holds the event's case and nothing else."""

    code = "refused"


class InvalidInput(DomainError):
    """The input is malformed. Carries one `FieldError` for each field."""

    code = "invalid"

    def __init__(self, message: str, fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class Conflict(DomainError):
    """The request contradicts what is already recorded."""

    code = "conflict"


class NotFound(DomainError):
    """There is no such record, or the actor may not see it: the two are never told apart."""

    code = "not_found"


class NotAuthenticated(KinbridgeError):
    """No valid credentials came with the request."""


class NotAllowed(DomainError):
    """The record may be seen, but the actor's role may not do this with it. Never said of another organisation's."""

    code = "not_allowed"


class Stale(DomainError):
    """The record has changed since the actor read it (`If-Match`)."""

    code = "stale"


class NotYet(KinbridgeError):
    """A handler needs a fact of another source that has not arrived: the case is held and retried by itself."""


class MisconfiguredError(KinbridgeError):
    """The installation's settings contradict each other or the data they point to. The message says what to change."""
