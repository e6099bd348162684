"""Kinbridge: intake's real application under uvicorn, one worker process."""

from __future__ import annotations

from bench.child import settings_of_child, wait_for_release
from bench.facts import KEYS
from services.intake.app import build
from shared.database import open_engine
from shared.garbage import calm_garbage_collector
from shared.messaging.log import open_ledger
from shared.service import web_server


def main() -> None:
    settings = settings_of_child()
    engine = open_engine(settings["database"])
    open_ledger(engine, "intake", KEYS)
    app = build(engine, KEYS)
    calm_garbage_collector()  # as `serve_web` does
    wait_for_release()
    web_server(app, "127.0.0.1", settings["port"]).run()


if __name__ == "__main__":
    main()
