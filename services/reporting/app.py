"""Reporting's web process: `python -m services.reporting.app`."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy import Engine

from services.reporting import api, pages
from services.reporting.domain import Base
from services.reporting.settings import SERVICE
from services.reporting.subscribers import erase_again
from shared.crypto import KeyRing
from shared.service import open_service_engine, serve_web
from shared.settings import Settings
from shared.web import add_health, add_routes, create_app


def build(engine: Engine, keys: KeyRing) -> FastAPI:
    """The application on an open database."""
    app = create_app("Kinbridge reporting", prefix="/reporting")
    add_routes(app, api.router(engine, keys))
    add_routes(app, pages.router(engine, keys))
    add_health(app, "/reporting", engine)
    return app


def main() -> None:
    """Serve until asked to end."""
    settings = Settings()
    engine, keys = open_service_engine(settings, SERVICE, erase_again, Base.metadata)
    app = build(engine, keys)
    app.state.intake_address = settings.intake_address
    serve_web(app, settings, SERVICE)


if __name__ == "__main__":
    main()
