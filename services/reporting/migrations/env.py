"""Alembic's entry to reporting's history."""

from services.reporting.domain import Base
from shared.histories import run_migrations

run_migrations(Base.metadata)
