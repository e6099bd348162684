"""Alembic's entry to intake's history."""

from services.intake.domain import Base
from shared.migrations import run_migrations

run_migrations(Base.metadata)
