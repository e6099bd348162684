"""The status of every service, as an operator wants to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.operators.status import is_healthy, positions_of, service_status

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem


def system_status(system: EmbeddedSystem) -> dict[str, Any]:
    """The status of every service, as JSON."""
    positions = {part.name: positions_of(part.engine) for part in system.parts.values()}
    services = {part.name: service_status(part, positions[part.name], positions) for part in system.parts.values()}
    return {"healthy": all(is_healthy(one) for one in services.values()), "services": services}
