"""Reporting's JSON interface, `/reporting/v1`: figures of the own work, and donors' reports."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Engine

from services.reporting.api import expenditures, figures, grants, issues, reports, tracing
from services.reporting.drafting import draft_issue
from shared.crypto import KeyRing


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix="/reporting/v1")
    figures.add_to(routes, engine, keys)
    grants.add_to(routes, engine, keys)
    expenditures.add_to(routes, engine, keys)
    reports.add_to(routes, engine, keys, draft_issue)
    issues.add_to(routes, engine, keys)
    tracing.add_to(routes, engine, keys)
    return routes
