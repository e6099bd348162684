"""Where bytes too large for a row are kept: encrypted, under names that say nothing. A folder, or a bucket.

Whoever keeps something here notes in a row that it is on its way, puts it, and only then commits the row that needs it:
what a crash leaves behind is known by that note (decision 23).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.depot.folder import FolderDepot
from shared.errors import KinbridgeError, MisconfiguredError
from shared.settings import Settings


class DepotFailed(KinbridgeError):
    """The store did not take, or did not give, what was asked of it. Nothing is half there."""

    def __init__(self) -> None:
        super().__init__(
            "The store of photos and documents did not answer as it should. Nothing was changed: try again in a moment."
        )


class Depot(Protocol):
    """Keeps bytes under a name. Its errors are `OSError`: `DepotOf` says what they mean."""

    def put(self, name: str, content: bytes) -> None:
        """Keep it: once this returns it survives a crash. Whole, or not at all."""

    def get(self, name: str) -> bytes | None:
        """What was kept; None where there is nothing of that name."""

    def remove(self, name: str) -> None:
        """Have nothing of that name from here on; not an error where there was nothing."""


class OpenDepot:
    """The depot of one database; made at its first use, so that a start pays for nothing."""

    def __init__(self, make: Callable[[], Depot], most: int) -> None:
        self._make = make
        self.most = most
        """Bytes of one photo or document, as it came in."""

    @cached_property
    def _depot(self) -> Depot:
        return self._make()

    def put(self, name: str, content: bytes) -> None:
        """See `Depot.put`. Raises `DepotFailed`: a full disk, a store that is away."""
        try:
            self._depot.put(_checked(name), content)
        except OSError as error:
            raise DepotFailed from error

    def get(self, name: str) -> bytes | None:
        """See `Depot.get`. Raises `DepotFailed`."""
        try:
            return self._depot.get(_checked(name))
        except OSError as error:
            raise DepotFailed from error

    def remove(self, name: str) -> None:
        """See `Depot.remove`. Raises `DepotFailed`."""
        try:
            self._depot.remove(_checked(name))
        except OSError as error:
            raise DepotFailed from error


def fresh_depot_name() -> str:
    """A name that nothing has, drawn at random: it says nothing of what is kept under it."""
    return secrets.token_hex(16)


def open_depot(engine: Engine, settings: Settings, service: str) -> OpenDepot:
    """Have `depot_of` find the service's depot for this database."""
    found = _depots[engine] = OpenDepot(lambda: _made(settings, service), settings.depot_most_bytes)
    return found


def depot_of(session: Session) -> OpenDepot:
    """The depot of the session's database."""
    return depot_for(session.get_bind().engine)


def depot_for(engine: Engine) -> OpenDepot:
    """The same, outside of a transaction."""
    found = _depots.get(engine)
    if found is None:
        raise MisconfiguredError("This needs a database given to open_depot().")
    return found


def _made(settings: Settings, service: str) -> Depot:
    if settings.depot_bucket is None:
        return FolderDepot(settings.depot_folder(service))
    from shared.depot.s3 import S3Depot  # its libraries are large, and few need them

    return S3Depot.open(settings, service)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("no name of a depot")
    return name


_NAME = re.compile(r"[0-9a-f]{32}")
_depots: WeakKeyDictionary[Engine, OpenDepot] = WeakKeyDictionary()
