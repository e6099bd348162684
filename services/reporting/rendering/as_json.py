"""The issue for programs: the very bytes that were hashed."""

from __future__ import annotations

import json

from services.reporting.rendering.issue import Issue
from services.reporting.rendering.snapshot import IncidentReport


def render_json(issue: Issue) -> bytes:
    """Return the issue's canonical JSON, UTF-8. Its SHA-256 is the digest that every other rendering shows, so
    `sha256sum` alone checks a file; `Issue.model_validate_json` gives the issue back."""
    return issue.canonical


def render_incidents_json(report: IncidentReport) -> bytes:
    """Return the snapshot as indented UTF-8 JSON, one newline at the end.

    Keys stand in the order of the models, so equal snapshots give equal bytes. Counts are integers, dates and
    times ISO 8601. `IncidentReport.model_validate_json` gives the snapshot back.
    """
    return (json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n").encode()
