"""What a process tells a monitor (Prometheus), on a listener of its own that is never public: docs/operations.md.

Counts, ages and times only. A label is a service, a partition, a route's template, a kind: never an id, never a name.
"""

from shared.metrics.backbone import LogFigures, ReadingFigures
from shared.metrics.endpoint import metrics_app, new_registry, tell_metrics
from shared.metrics.figures import Figures
from shared.metrics.requests import Measured, RequestTimes

__all__ = [
    "Figures",
    "LogFigures",
    "Measured",
    "ReadingFigures",
    "RequestTimes",
    "metrics_app",
    "new_registry",
    "tell_metrics",
]
