"""What came of an attempt is written down, also where the database is away for a moment: nobody else knows it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.notify.settings import OUTCOME_PATIENCE, OUTCOME_PAUSE
from shared.database import transaction
from shared.logging import describe_error

log = logging.getLogger(__name__)


def record(engine: Engine, write: Callable[[Session], object]) -> None:
    """Write in a transaction of its own; again, until the database takes it. Raises `OperationalError` where it stays
    away."""
    until = time.monotonic() + OUTCOME_PATIENCE
    while True:
        try:
            with transaction(engine) as session:
                write(session)
        except OperationalError as error:
            if time.monotonic() > until:
                raise
            log.warning("outcomes wait", extra={"error": describe_error(error)})
            time.sleep(OUTCOME_PAUSE)
        else:
            return
