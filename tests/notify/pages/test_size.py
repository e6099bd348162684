"""A page is one answer of at most 4 KB, in every language."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx2
import pytest

from services.notify.wording import LANGUAGES
from tests.notify.pages.visiting import Browser, Pages

MOST = 4096
SERVERS_OWN = len(b"date: Sun, 29 Nov 2026 10:00:00 GMT\r\nserver: uvicorn\r\n")
OUTSIDE = ("?closed=1", "/genuine", "/complaint", "/complaint?done=written")
INSIDE = (
    "/case",
    "/case?done=written",
    "/reply",
    "/preferences",
    "/stop",
    "/genuine",
    "/complaint",
)


def over_the_wire(answer: httpx2.Response) -> int:
    """Status line, headers and body as they are sent."""
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return len(b"HTTP/1.1 200 OK\r\n\r\n") + head + SERVERS_OWN + int(answer.headers["content-length"])


def every_page(pages: Pages, browser: Browser, code: str) -> list[httpx2.Response]:
    """The answer of each page, what a refused form shows included."""
    found = []
    for path in ("", *OUTSIDE):
        browser.open(path)
        found.append(browser.answer)
    for path, form in (("", {"code": "wrong"}), ("/complaint", {"text": ""})):
        browser.send(path, 422, **form)
        found.append(browser.answer)
    for typed in (code, "wrong"):
        browser.send("/genuine", 200, code=typed)
        found.append(browser.answer)
    browser.send(code=code)
    for path in INSIDE:
        browser.open(path)
        found.append(browser.answer)
    for path, form in (("/reply", {"text": ""}), ("/preferences", {"language": "am"}), ("/complaint", {"text": ""})):
        browser.send(path, 422, **form)
        found.append(browser.answer)
    browser.send("/stop")
    browser.open("/case")
    return [*found, browser.answer]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_page_is_small_in_every_language(pages: Pages, tag: str) -> None:
    _, code = pages.family(language=tag)
    browser = pages.browser(language=tag)
    for answer in every_page(pages, browser, code):
        assert answer.headers["content-language"] == tag
        assert answer.headers["content-encoding"] == "gzip"
        assert over_the_wire(answer) <= MOST, (str(answer.url), over_the_wire(answer))


def test_a_page_asks_for_nothing_more(pages: Pages) -> None:
    _, code = pages.family()
    for answer in every_page(pages, pages.browser(), code):
        assert not re.findall(
            r"<(?:script|img|iframe|object|audio|video|link (?!rel=\"icon\" href=\"data:,\"))", answer.text
        )
        assert not re.findall(r"(?:url\(|@import|\son[a-z]+=|\sstyle=)", answer.text)
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]


def test_a_browser_that_takes_no_gzip_gets_the_plain_page(pages: Pages) -> None:
    for taken in ("identity", "gzip;q=0", "br"):
        browser = pages.browser(**{"Accept-Encoding": taken})
        browser.open()
        assert "content-encoding" not in browser.answer.headers
        assert browser.heading == "Enter your code"
