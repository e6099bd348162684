"""Figures that are looked up in a database whenever a monitor asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.database import reading
from shared.logging import describe_error

log = logging.getLogger(__name__)


class Figures(Collector):
    """What `look(session)` finds, and nothing of it while the database does not answer."""

    def __init__(self, service: str, engine: Engine, look: Callable[[Session], Iterable[Metric]]) -> None:
        self._service = service
        self._engine = engine
        self._look = look

    def describe(self) -> Iterable[Metric]:
        """Nothing: a registry would look into the database to learn the names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        try:
            with reading(self._engine) as session:
                found = list(self._look(session))
        except SQLAlchemyError as error:
            log.warning("no figures", extra={"service": self._service, "error": describe_error(error)})
            return
        yield from found


def gauge(name: str, told: str, labels: Iterable[str] = ()) -> GaugeMetricFamily:
    """A figure that rises and falls; `service` is always its first label."""
    return GaugeMetricFamily(name, told, labels=("service", *labels))
