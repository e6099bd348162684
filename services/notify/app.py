"""Notify's web process: `python -m services.notify.app`."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy import Engine

from services.notify import api
from services.notify.domain import Base
from services.notify.settings import SERVICE
from services.notify.subscribers import erase_again
from shared.crypto import KeyRing
from shared.service import open_service_engine, serve_web
from shared.settings import Settings
from shared.web import add_health, add_routes, create_app


def build(engine: Engine, keys: KeyRing) -> FastAPI:
    """The application on an open database."""
    app = create_app("Kinbridge notify", prefix="/notify")
    add_routes(app, api.router(engine, keys))
    add_health(app, "/notify", engine)
    return app


def main() -> None:
    """Serve until asked to end."""
    settings = Settings()
    engine, keys = open_service_engine(settings, SERVICE, erase_again, Base.metadata)
    serve_web(build(engine, keys), settings, SERVICE)


if __name__ == "__main__":
    main()
