"""The incident report for programs."""

from __future__ import annotations

import json

from services.reporting.rendering.incidents.report import IncidentReport


def render_json(report: IncidentReport) -> bytes:
    """Return the snapshot as indented UTF-8 JSON, one newline at the end.

    Keys stand in the order of the models, so equal snapshots give equal bytes. Counts are integers, dates and
    times ISO 8601. `IncidentReport.model_validate_json` gives the snapshot back.
    """
    return (json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n").encode()
