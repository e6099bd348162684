"""Shows events as they arrive at reporting: position, type, whose, and how long they were under way."""

from __future__ import annotations

import threading
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console

from shared.database import utc_now
from shared.events.envelope import PARTITIONS

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem

LOOK_EVERY = 0.02
"""Seconds."""


class Arrivals:
    """Follows reporting's cursors over intake's log, from `with` to its end."""

    def __init__(self, system: EmbeddedSystem, told: Console) -> None:
        self._consumer = system.parts["reporting"].consumer
        self._told = told
        self._seen = {p: at.position for p, at in self._consumer.cursors("intake").items()}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="arrivals", daemon=True)
        self.shown = 0

    def __enter__(self) -> Arrivals:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._end.wait(LOOK_EVERY):
            self._look()
        self._look()

    def _look(self) -> None:
        cursors = self._consumer.cursors("intake")
        for partition in range(PARTITIONS):
            reached = cursors[partition].position
            while self._seen[partition] < reached:
                page = self._consumer.feeds["intake"].page(partition, self._seen[partition])
                for event in page:
                    if event.position <= reached:
                        self._seen[partition] = event.position
                        self._show(event.type, event.subject, partition, event.position, event.time)

    def _show(self, type_: str, subject: str, partition: int, position: int, time: str) -> None:
        self.shown += 1
        under_way = (utc_now() - datetime.fromisoformat(time)).total_seconds() * 1000
        kind, _, number = subject.partition("/")
        self._told.print(
            f"  [green]→[/green] {type_:<24} {kind} …{number[-6:]}  partition {partition}, position {position:<4} "
            f"[dim]{under_way:.0f} ms[/dim]",
            soft_wrap=True,
        )
