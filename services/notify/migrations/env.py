"""Alembic's entry to notify's history."""

from services.notify.domain import Base
from shared.histories import run_migrations

run_migrations(Base.metadata)
