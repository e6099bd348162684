"""Intake's web process: `python -m services.intake.app`."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy import Engine

from services.intake import api, pages
from services.intake.commands.protection import erase_again
from services.intake.domain import Base
from services.intake.settings import BODY_LIMIT, FORM_AROUND_A_FILE, SERVICE, UPLOADS_END
from shared.crypto import KeyRing
from shared.depot import depot_for
from shared.service import open_service_engine, serve_web
from shared.settings import Settings
from shared.web import add_health, create_app


def build(engine: Engine, keys: KeyRing) -> FastAPI:
    """The application on an open database."""

    def limit_of(path: str) -> int:
        return depot_for(engine).most + FORM_AROUND_A_FILE if path.endswith(UPLOADS_END) else BODY_LIMIT

    app = create_app("Kinbridge intake", limit_of=limit_of, prefix="/intake")
    api.add_api(app, engine, keys)
    pages.add_pages(app, engine, keys)
    add_health(app, "/intake", engine)
    return app


def main() -> None:
    """Serve until asked to end."""
    settings = Settings()
    engine, keys = open_service_engine(settings, SERVICE, erase_again, Base.metadata)
    app = build(engine, keys)
    app.state.notify_address = settings.notify_address
    app.state.reporting_address = settings.reporting_address
    serve_web(app, settings, SERVICE)


if __name__ == "__main__":
    main()
