"""The catalogues of the pages: whole, true to the templates, and as silent as the messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

import services.notify.commands.family
import services.notify.pages.family
from services.notify.pages.family import every_text
from services.notify.wording import LANGUAGES
from tests.notify.pages.visiting import Pages
from tests.notify.wording.test_render import said_words

PAGES = Path(services.notify.pages.family.__file__).parent
COMMANDS = Path(services.notify.commands.family.__file__).parent
NAMES = {"From", "Until", "Error", "More"}
"""Words that another language may share."""


def shown() -> Iterator[str]:
    """What templates and code say in the visitor's language."""
    for file in (PAGES / "templates").glob("*.html"):
        with file.open("rb") as stream:
            for _, _, text, _ in babel_extract(stream, ("_",), [], {"trim_blocks": "true", "silent": "false"}):
                yield from [text] if isinstance(text, str) else []
    for file in PAGES.glob("*.py"):
        with file.open("rb") as stream:
            for _, text, _, _ in extract("python", stream, {"marked": None}):
                yield str(text)
    for file in COMMANDS.glob("*.py"):
        yield from re.findall(r'(?:_refused|super\(\).__init__)\((?:"?\w*"?, )?"([^"]* [^"]*)"', file.read_text())


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_text_is_there_in_every_language_and_no_other(tag: str) -> None:
    texts = dict(every_text(tag))
    assert set(texts) == set(shown())
    for english, said in texts.items():
        assert said.strip() == said
        assert said
        assert not re.search(r"[{}%<>]|\s{2}", said)
        assert tag == "en" or said != english or english in NAMES


def test_a_page_that_lies_open_says_no_more_than_a_message(pages: Pages) -> None:
    """On the way in, and what is seen first: what may be told by a reply is asked a page further on."""
    _, code = pages.family()
    outside, inside = pages.browser(), pages.inside(code)
    for tag in LANGUAGES:
        for browser, path in ((outside, ""), (outside, "?closed=1"), (inside, "/case"), (inside, "/stop")):
            browser.open(f"{path}{'&' if '?' in path else '?'}l={tag}")
            (main,) = re.findall(r"<main>(.*)</main>", browser.text, re.DOTALL)
            assert said_words(re.sub(r"<[^>]*>", " ", main).casefold(), tag) == []


def test_texts_that_english_lacks_are_seen(pages: Pages) -> None:
    assert "Please write your message." in set(shown())
    assert "Too many attempts. Please wait 15 minutes, then try again." in set(shown())
    assert len(set(shown())) > 60
    assert pages.browser().open().count("<h1>") == 1
