"""The words of these pages in sixteen languages: gettext catalogues beside the code, as of the messages.

They are approved together with the messages (`wording.CATALOGUE_FOLDERS`): a draft is never shown.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import negotiate_locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from services.notify.wording import LANGUAGES

CATALOGUES = Path(__file__).parent / "locale"
_MOST_ACCEPTED = 20
_IN_FIGURES = frozenset({"ti"})
"""Where the months have names in two calendars, their number is written."""


@cache
def translations(tag: str) -> GNUTranslations:
    """The catalogue of a language."""
    with (CATALOGUES / f"{tag}.po").open("rb") as stream:
        entries = read_po(stream, locale=tag)
    compiled = io.BytesIO()
    write_mo(compiled, entries)
    compiled.seek(0)
    return GNUTranslations(compiled)


def every_text(tag: str) -> Iterator[tuple[str, str]]:
    """Each English text of the pages, and what stands there in this language: for whoever approves it."""
    with (CATALOGUES / f"{tag}.po").open("rb") as stream:
        for entry in read_po(stream, locale=tag):
            if isinstance(entry.id, str) and entry.id:
                yield entry.id, str(entry.string or entry.id)


def day(at: datetime, tag: str, zone: str) -> str:
    """A day in words, in the family's zone, Gregorian in every language."""
    local = at.astimezone(ZoneInfo(zone)).date()
    return format_date(local, "d/M/y" if tag in _IN_FIGURES else "long", locale=LANGUAGES[tag].locale)


def best_of(offered: list[str], wanted: list[str], accepted: str) -> str:
    """The first wanted language that is offered, else the best of `Accept-Language`, else the first offered one."""
    for tag in wanted:
        if tag.partition("-")[0].lower() in offered:
            return tag.partition("-")[0].lower()
    named = [part.partition(";")[0].strip() for part in accepted.split(",")][:_MOST_ACCEPTED]
    return negotiate_locale([tag for tag in named if tag], offered, sep="-") or offered[0]
