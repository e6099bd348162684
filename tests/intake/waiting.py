"""Two at once, where the second waits for the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.database import transaction


@contextmanager
def overtaken(engine: Engine, second: Callable[[], Any]) -> Iterator[tuple[Session, Future[Any]]]:
    """A transaction, which commits once `second` has begun and waits for it; and what comes of `second`."""
    with ThreadPoolExecutor(1) as threads:
        with transaction(engine) as session:
            later: Future[Any] = Future()
            yield session, later
            asked = threads.submit(second)
            assert not wait([asked], 0.5).done, "it waits"
        later.set_result(asked.result(30))
