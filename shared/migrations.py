"""Migrations: each service has its own history, over its own tables and the backbone's."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from shared.database import reading

_SERVICES = Path(__file__).resolve().parent.parent / "services"


def folder_of(service: str) -> Path:
    """Where a service's history is."""
    return _SERVICES / service / "migrations"


def newest_revision(service: str) -> str:
    """The last revision of a service's history, by its files: `0003_what_it_does.py` is revision 0003."""
    return max(file.name for file in (folder_of(service) / "versions").glob("[0-9]*.py")).partition("_")[0]


def revisions_of(engine: Engine) -> list[str]:
    """The revision that a database is at, as Alembic notes it: none for an empty one."""
    with reading(engine) as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return []
        return list(session.scalars(text("SELECT version_num FROM alembic_version")))


def migrate(engine: Engine, service: str) -> None:
    """Bring the service's database to its newest revision; raises where it is at one that is not known here."""
    if revisions_of(engine) == [newest_revision(service)]:
        return
    from shared.histories import upgrade  # a tenth of a second, which a start with nothing to migrate need not spend

    upgrade(engine, service)
