from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from services.reporting import rendering
from services.reporting.rendering import RENDERINGS, as_issue
from services.reporting.rendering.wording import CATALOGUES, LANGUAGES, Wording, readable, wording_of
from tests.reporting.rendering.issues import grant_issue
from tests.reporting.rendering.reports import Incident, five_years, report_of, routes

TRANSLATED = [tag for tag in LANGUAGES if tag != "en"]
SOURCES = Path(rendering.__file__).parent
GAP = re.compile(r"{\w+}")


def catalogue(tag: str) -> Catalog:
    with (CATALOGUES / f"{tag}.po").open("rb") as stream:
        return read_po(stream, locale=tag)


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Every fixed text: what the sources name, and what rendering each kind of report says."""
    files = [*SOURCES.rglob("*.py"), *SOURCES.rglob("*.html")]
    found = {text for file in files for text in re.findall(r'\bsay\(\s*"([^"]+)"', file.read_text())}
    heard = Wording.say

    def listen(self: Wording, text: str, /, **parts: str) -> str:
        found.add(text)
        return heard(self, text, **parts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Wording, "say", listen)
        tie = report_of(Incident(), Incident(month="2018-05"))
        for issue in (grant_issue(), *map(as_issue, (five_years(), routes(30), report_of(), tie))):
            for each in RENDERINGS.values():
                each.render(issue)
    return found - {"People dead and missing"}  # the title that the tests' own report has


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_fixed_text_is_said_in_every_language_with_its_gaps(tag: str, said: set[str]) -> None:
    entries = {str(entry.id): str(entry.string) for entry in catalogue(tag) if entry.id}

    assert said - {text for text, translated in entries.items() if translated} == set()
    for text, translated in entries.items():
        assert sorted(GAP.findall(text)) == sorted(GAP.findall(translated)), text


def test_figures_are_written_with_the_digits_0_to_9_in_every_language() -> None:
    for tag in LANGUAGES:
        wording = Wording(tag)
        shown = (wording.number(1234567), wording.value("money", "1234.50"), wording.day(date(2026, 7, 3)))
        assert all(re.sub(r"[^0-9]", "", text).isascii() for text in shown)
        assert re.sub(r"[^0-9]", "", "".join(shown)).startswith("1234567123450")
        assert not re.search("[\u0660-\u0669]", "".join(shown))


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("whole", 1234567, "1,234,567"),
        ("decimal", "9.50", "9.50"),
        ("decimal", "12345.678", "12,345.678"),
        ("money", "-1234.50", "-1,234.50"),
        ("per_cent", "12.5", "12.5%"),
        ("date", "2026-07-03", "3 July 2026"),
        ("text", "a", "a"),
        ("text", "", ""),
    ],
)
def test_a_value_is_written_as_english_readers_write_it(kind: str, value: int | str, shown: str) -> None:
    assert Wording("en").value(kind, value) == shown  # type: ignore[arg-type] # a kind


def test_a_share_never_rounds_to_nothing_or_to_all() -> None:
    english = Wording("en")

    shares = [english.share(Decimal(part), Decimal(1000)) for part in (0, 1, 500, 996, 1000)]
    assert shares == ["0%", "less than 1%", "50%", "more than 99%", "100%"]


def test_moments_and_months() -> None:
    assert Wording("en").minute(datetime(2019, 1, 3, 8, 5, tzinfo=UTC)) == "3 January 2019, 08:05 UTC"
    assert (Wording("fr").month("2015-08"), Wording("en").month_short(4)) == ("août 2015", "Apr")


@pytest.mark.parametrize(("tag", "reads"), [("fr-CH", "fr"), ("ar_EG", "ar"), ("AM", "am"), ("sw", "en"), ("", "en")])
def test_a_language_without_words_reads_english(tag: str, reads: str) -> None:
    assert wording_of(tag).tag == reads


def test_only_what_nothing_can_hold_is_replaced() -> None:
    assert readable("a\tb\nc\u200d\u202b é አ") == "a\tb\nc\u200d\u202b é አ"
    assert readable("\0\x1b\x7f\ufffe") == "\N{REPLACEMENT CHARACTER}" * 4
