"""The pages that families meet: on a small telephone, in every language and script, by keyboard, for everybody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import uvicorn
from playwright.sync_api import Browser
from sqlalchemy import Engine

from services.notify.wording import LANGUAGES
from shared.crypto import KeyRing
from shared.database import utc_now
from tests.browser.visitor import Site, Window
from tests.notify.pages.visiting import Pages, pages_on

pytestmark = pytest.mark.browser
RIGHT_TO_LEFT = {tag for tag, one in LANGUAGES.items() if one.direction == "rtl"}
STAFFLESS = None


@pytest.fixture
def pages(sqlite: Callable[[str], Engine], keys: KeyRing) -> Pages:
    return pages_on(sqlite, keys)


@pytest.fixture
def telephone(program: Browser, pages: Pages) -> Iterator[Callable[..., Window]]:
    """`telephone("am")` is a small one whose owner reads that language; without `scripts`, JavaScript is off."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(pages.site, log_config=None, lifespan="off", server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}", pages.engine, STAFFLESS)
    opened: list[Window] = []

    def made(language: str, *, scripts: bool = True) -> Window:
        opened.append(Window(program, site, 360, language, scripts=scripts))
        return opened[-1]

    yield made
    for one in opened:
        one.close()
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_for_everybody_in_every_language(
    pages: Pages, telephone: Callable[..., Window], language: str
) -> None:
    contact_id, code = pages.family(language=language)
    for days in (3, 12):
        pages.message(contact_id, kind="appointment", moment=utc_now() + timedelta(days))
    family = telephone(language)
    requests: list[str] = []
    family.page.on("request", lambda one: requests.append(one.url))

    def look(name: str) -> None:
        family.look(f"family-{name}")
        smallest = family.page.evaluate(SMALLEST_TARGET)
        assert smallest >= 44, (name, smallest)

    family.open("/notify/f")
    assert len(requests) == 1
    look("enter")
    family.fill("code", "7K4M-2QXD-9RTV")
    family.press()
    look("enter-refused")
    family.open("/notify/f/genuine")
    family.fill("code", code)
    family.press()
    look("genuine")
    family.open("/notify/f/complaint")
    look("complaint-outside")
    family.open("/notify/f")
    family.fill("code", code.lower().replace("-", " "))
    family.press()
    assert family.path == "/notify/f/case"
    look("case")
    for name in ("reply", "preferences", "stop", "complaint"):
        family.open(f"/notify/f/{name}")
        look(name)
    family.open("/notify/f/reply")
    family.press()
    look("reply-nothing-chosen")
    family.page.locator('[value="reply"]').check()
    family.press()
    look("reply-refused")
    family.open("/notify/f/stop")
    family.press()
    look("stopped")
    family.page.locator("header a").last.click()
    look("left")
    assert family.page.locator("html").get_attribute("lang") == language
    assert not family.found_wrong
    assert all(one.startswith((family.site.address, "data:")) for one in requests)
    assert pages.contact(contact_id).opted_out_at is not None


@pytest.mark.parametrize("language", ["am", *sorted(RIGHT_TO_LEFT)])
def test_the_page_is_mirrored_where_writing_runs_to_the_left(
    pages: Pages, telephone: Callable[..., Window], language: str
) -> None:
    _, code = pages.family(language=language)
    family = telephone(language)
    family.open("/notify/f")
    family.fill("code", code)
    family.press()
    left, right = (family.page.locator("header a").nth(number).bounding_box() for number in (0, 1))
    assert left
    assert right
    mirrored = language in RIGHT_TO_LEFT
    assert (left["x"] > right["x"]) is mirrored
    family.open("/notify/f/reply")
    radio, words = (family.page.locator(one).first.bounding_box() for one in (".r input", ".r"))
    assert radio
    assert words
    assert (radio["x"] > words["x"] + words["width"] / 2) is mirrored


def test_everything_is_done_by_keyboard_and_without_scripts(pages: Pages, telephone: Callable[..., Window]) -> None:
    contact_id, code = pages.family(language="am", fallbacks="en")
    family = telephone("am", scripts=False)
    keyboard = family.page.keyboard
    family.open("/notify/f")
    keyboard.press("Tab")
    keyboard.type("wrong")
    keyboard.press("Enter")
    family.page.locator("#code[autofocus]:focus").wait_for()
    keyboard.type(code)
    keyboard.press("Enter")
    family.page.wait_for_url("**/notify/f/case")
    for _ in range(3):
        keyboard.press("Tab")
    keyboard.press("Enter")
    family.page.wait_for_url("**/notify/f/reply")
    for _ in range(3):
        keyboard.press("Tab")
    keyboard.press("ArrowDown")
    keyboard.press("Tab")
    keyboard.type("ሰላም")
    keyboard.press("Tab")
    keyboard.press("Enter")
    family.page.wait_for_url("**/notify/f/case?done=written")
    ((fact, said),) = pages.told()
    assert fact.intent == "reply"
    assert fact.contact_id == contact_id
    assert "ሰላም" in said.decode()


SMALLEST_TARGET = """
Math.min(...[...document.querySelectorAll('a, button, .t, .r')]
    .filter(one => !one.closest('.e'))
    .map(one => one.getBoundingClientRect().height))
"""
"""The height of the smallest thing to be touched; a link in the sentence of an error is none of its own."""
