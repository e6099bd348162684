"""Organisations, their users and their clients: intake's own operations, on the system that owns the data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from services.intake.admin.operations import OPERATIONS

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem

Step = dict[str, Any]
LOCAL = "local"
"""The organisation for which this machine's own commands act, unless they name another one."""
ANNOUNCED = "org add"
"""The other services learn of it: it is done when they have."""


def _operate(name: str, system: EmbeddedSystem, /, **arguments: Any) -> Iterator[Step]:
    answer = OPERATIONS[name](system.engine("intake"), **arguments)
    if name == ANNOUNCED:
        system.wait_until_arrived()
    yield {"kind": "result", **answer}


ADMINISTRATION: dict[str, Callable[..., Iterator[Step]]] = {name: partial(_operate, name) for name in OPERATIONS}
