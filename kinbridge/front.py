"""The front page of the embedded system: where everything is, and whether events flow. No case contents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from kinbridge.status import system_status
from shared.web import create_app

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape(), trim_blocks=True
)


def build(system: EmbeddedSystem) -> FastAPI:
    """The application behind `/`."""
    app = create_app("Kinbridge")

    @app.get("/", include_in_schema=False)
    def front() -> HTMLResponse:
        page = _TEMPLATES.get_template("front.html").render(status=system_status(system))
        return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
