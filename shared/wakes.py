"""What a commit wakes, and what is done at the end of a transaction: composition roots bind, commands only name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.logging import describe_error

log = logging.getLogger(__name__)

Waker = Callable[[], object]
Finish = Callable[[Session], Waker | None]
_wakers: WeakKeyDictionary[Engine, dict[str, Waker]] = WeakKeyDictionary()
_finishes: WeakKeyDictionary[Engine, dict[str, Finish]] = WeakKeyDictionary()


def bind_wake(engine: Engine, name: str, waker: Waker) -> None:
    """Have `waker()` called after each commit in which `wake(session, name)` was asked for."""
    _wakers.setdefault(engine, {})[name] = waker


def bind_finish(engine: Engine, name: str, finish: Finish) -> None:
    """Have `finish(session)` called at the end of each transaction in which `wake(session, name)` was asked for.

    It is part of the transaction: its error rolls everything back. What it returns is called after the commit.
    """
    _finishes.setdefault(engine, {})[name] = finish


def wake(session: Session, name: str) -> None:
    """Ask that `name` (a job queue, or "sequencer") be woken once this transaction has committed.

    A hint: what must happen is in the database, and a sweep finds it.
    """
    session.info.setdefault("wakes", {})[name] = None


def finish_work(engine: Engine, session: Session) -> list[tuple[str, Waker]]:
    """The last work of a transaction; returns what is to be called after its commit."""
    wakes = []
    for name in session.info.get("wakes", ()):
        finish = _finishes.get(engine, {}).get(name)
        waker = _wakers.get(engine, {}).get(name) if finish is None else finish(session)
        if waker is not None:
            wakes.append((name, waker))
    return wakes


def give_wake(name: str, waker: Waker) -> None:
    """Call a waker after the commit; its error changes nothing."""
    try:
        waker()
    except Exception as error:  # noqa: BLE001 - what is done is committed; a sweep finds what was not woken
        log.warning("wake failed", extra={"wake": name, "error": describe_error(error)})


def is_finished(engine: Engine) -> bool:
    """True where something is bound to finish transactions."""
    return engine in _finishes
