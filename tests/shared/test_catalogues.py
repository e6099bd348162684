"""The catalogues: every text of the pages in every language, and none that nothing shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from services.intake.casework import CASE_TYPES
from services.intake.casework.words import phrases
from services.intake.matching import REASONS
from shared.pages import LANGUAGES, say, translations
from shared.pages.languages import CATALOGUES
from tests.sentences import sentences, untranslatable

ROOT = Path(__file__).parents[2]
PAGES = (
    "shared/pages",
    "services/intake/pages",
    "services/notify/pages/leaving",
    "services/notify/pages/staff",
    "services/notify/wording/reports",
    "services/reporting/pages",
)
TRANSLATED = sorted(set(LANGUAGES) - {"en"})


def texts() -> set[str]:
    """What pages show: in templates, marked in code, declared for case work, and said by what refuses something."""
    found = set(phrases(CASE_TYPES)) | set(sentences()) | set(REASONS.values())
    for folder in PAGES:
        for file in (ROOT / folder).rglob("*.html"):
            found |= set(_of_template(file))
        for file in (ROOT / folder).rglob("*.py"):
            with file.open("rb") as stream:
                found |= {
                    text for _, text, _, _ in extract("python", stream, {"marked": None}) if isinstance(text, str)
                }
    return found


def _of_template(file: Path) -> Iterator[str]:
    with file.open("rb") as stream:
        options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
        for _, _, text, _ in babel_extract(stream, ("_",), [], options):
            yield text if isinstance(text, str) else text[0]


def catalogue(tag: str) -> Catalog:
    with (CATALOGUES / f"{tag}.po").open("rb") as stream:
        return read_po(stream, locale=tag)


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_text_is_in_every_language_and_nothing_is_left_over(tag: str) -> None:
    known = {str(message.id) for message in catalogue(tag) if message.id and message.string}
    asked = texts()
    assert sorted(asked - known) == [], "without a translation"
    assert sorted(known - asked) == [], "in the catalogue, but on no page"


def test_no_refusal_that_a_page_may_show_is_put_together() -> None:
    assert untranslatable() == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_a_translation_has_the_same_parts_to_fill_in(tag: str) -> None:
    for message in catalogue(tag):
        if message.id:
            parts = r"%\(\w+\)s|\{\w+\}"
            assert sorted(re.findall(parts, str(message.id))) == sorted(re.findall(parts, str(message.string)))


@pytest.mark.parametrize("tag", TRANSLATED)
def test_a_draft_says_that_it_is_one(tag: str) -> None:
    assert "draft" in catalogue(tag).header_comment.lower()


def test_a_text_is_said_in_the_language() -> None:
    assert say(LANGUAGES["ar"], "Sign out") == "تسجيل الخروج"
    assert say(LANGUAGES["en"], "Sign out") == "Sign out"
    assert translations("fr").gettext("Cases") == "Cas"
