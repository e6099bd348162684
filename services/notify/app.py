"""Notify's web process: `python -m services.notify.app`."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy import Engine

from services.notify import api, api_reports, providers
from services.notify.domain import Base
from services.notify.opening import family_page, open_channels
from services.notify.pages import family, leaving, staff
from services.notify.senders import MailboxSender, open_receivers
from services.notify.settings import SERVICE
from services.notify.subscribers import erase_again
from shared.crypto import KeyRing
from shared.pages import ASSETS_PATH, assets_app
from shared.service import open_service_engine, serve_web
from shared.settings import Settings
from shared.web import add_health, add_routes, create_app


def build(engine: Engine, keys: KeyRing, settings: Settings | None = None) -> FastAPI:
    """The application on an open database. With settings it also hears providers, and answers by their channels."""
    app = create_app("Kinbridge notify", prefix="/notify")
    add_routes(app, api.router(engine, keys))
    add_routes(app, api_reports.router(engine, keys))
    add_routes(app, leaving.router(engine))
    add_routes(app, family.router(engine, keys))
    mailbox: MailboxSender | None = None
    if settings is not None:
        senders, receivers = open_channels(settings), open_receivers(settings)
        called = (settings.public_url or settings.notify_base).strip().rstrip("/")  # as `receives_at` tells providers
        add_routes(app, providers.router(engine, receivers, senders, called, family_page(settings)))
        text_messages = senders.get("sms")
        mailbox = text_messages if isinstance(text_messages, MailboxSender) else None
    add_routes(app, staff.router(engine, keys, mailbox))
    app.mount(ASSETS_PATH, assets_app())
    add_health(app, "/notify", engine)
    return app


def main() -> None:
    """Serve until asked to end."""
    settings = Settings()
    engine, keys = open_service_engine(settings, SERVICE, erase_again, Base.metadata)
    app = build(engine, keys, settings)
    app.state.intake_address = settings.intake_address
    serve_web(app, settings, SERVICE)


if __name__ == "__main__":
    main()
