"""Alembic's entry to reporting's history."""

from services.reporting.domain import Base
from shared.migrations import run_migrations

run_migrations(Base.metadata)
