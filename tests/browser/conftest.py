"""Intake's pages served on this machine, and Debian's chromium to look at them."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser
from sqlalchemy import Engine

from services.intake import app
from shared.crypto import KeyRing
from tests.browser.visitor import AXE, Site, Window, chromium
from tests.servers import require_or_skip
from tests.staff import Staff


@pytest.fixture(scope="session")
def program() -> Iterator[Browser]:
    """Chromium, started once."""
    why_not = None
    if shutil.which("chromium") is None:
        why_not = "chromium is not installed: `apt-get install chromium fonts-noto-core`"
    elif not AXE.exists():
        why_not = "axe-core is not there: `make .venv/assets`"
    require_or_skip("browser", why_not)
    with chromium() as started:
        yield started


@pytest.fixture
def site(sqlite: Callable[[str], Engine], keys: KeyRing) -> Iterator[Site]:
    """The pages at an address of this machine, with an organisation's staff."""
    engine = sqlite("intake")
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app.build(engine, keys), log_config=None, lifespan="off", server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield Site(
        f"http://127.0.0.1:{listener.getsockname()[1]}",
        engine,
        Staff(engine, "red-cross-marenia", "Red Cross of Marenia"),
    )
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def partner(site: Site) -> Site:
    """The same pages, for the staff of a second organisation."""
    return Site(site.address, site.engine, Staff(site.engine, "harbour-clinic", "Clinic of the Harbour"))


@pytest.fixture
def window(program: Browser, site: Site) -> Iterator[Callable[..., Window]]:
    """`window(360, "ar")` opens a new browser of that width and language; with `scripts=False`, JavaScript is off."""
    opened: list[Window] = []

    def made(width: int = 1280, language: str = "en", *, scripts: bool = True) -> Window:
        opened.append(Window(program, site, width, language, scripts=scripts))
        return opened[-1]

    yield made
    for one in opened:
        one.close()
