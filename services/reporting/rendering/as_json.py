"""The issue for programs: the very bytes that were hashed."""

from __future__ import annotations

from services.reporting.rendering.issue import Issue


def render_json(issue: Issue) -> bytes:
    """Return the issue's canonical JSON, UTF-8. Its SHA-256 is the digest that every other rendering shows, so
    `sha256sum` alone checks a file; `Issue.frozen` gives the issue back."""
    return issue.canonical
