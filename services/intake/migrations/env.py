"""Alembic's entry to intake's history."""

from services.intake.domain import Base
from shared.histories import run_migrations

run_migrations(Base.metadata)
