"""How a report's fixed words, numbers and days are written in its language, the same on every machine."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.dates import format_date, get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from services.reporting.rendering.issue import MARKS, Cell, Column, Kind, Mark, read

CATALOGUES = Path(__file__).parent / "locale"
LANGUAGES = ("en", "fr", "es", "ar", "am")
MEANINGS: dict[Mark, str] = {
    "withheld": "withheld, so that nobody can be recognised",
    "unknown": "not known, or not available",
    "not_applicable": "does not apply here",
}
"""What the legend says of each mark."""
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Wording:
    """The words of one language. Figures have the digits 0–9 in every language, so that all renderings read alike."""

    tag: str

    @property
    def locale(self) -> Locale:
        """CLDR's; English as most of the world writes it."""
        return Locale.parse("en_GB" if self.tag == "en" else self.tag)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction

    def say(self, text: str, /, **parts: str) -> str:
        """A fixed text in this language, its `{gaps}` filled. Its English is its name; what has no entry stays so."""
        said = _catalogue(self.tag).gettext(text)
        return said.format(**parts) if parts else said

    def cell(self, column: Column, cell: Cell) -> str:
        """What a cell shows: the value as people write it, or its mark."""
        return MARKS[cell.mark] if cell.mark else self.value(column.kind, cell.value)

    def value(self, kind: Kind, value: int | str | None) -> str:
        """A value of a column of this kind. Raises ValueError where it is none."""
        found = read(kind, value if value is not None else "")
        if isinstance(found, str):
            return found
        if isinstance(found, date):
            return self.day(found)
        if kind == "per_cent":
            return self.say("{figure}%", figure=self.number(found))
        return self.number(found, decimals=2 if kind == "money" else None)

    def number(self, figure: int | Decimal, decimals: int | None = None) -> str:
        """12345 → 12,345. A decimal keeps the decimals that it has."""
        if decimals is None:
            decimals = max(0, -int(figure.as_tuple().exponent)) if isinstance(figure, Decimal) else 0
        pattern = "#,##0" + (f".{'0' * decimals}" if decimals else "")
        return format_decimal(figure, pattern, locale=self.locale, numbering_system="latn")

    def share(self, part: Decimal, whole: Decimal) -> str:
        """A whole percentage that never rounds something down to nothing, nor up to everything. `whole` is not 0."""
        percent = 100 * part / whole
        if 0 < percent < 1:
            return self.say("less than {figure}%", figure="1")
        if 99 < percent < 100:
            return self.say("more than {figure}%", figure="99")
        return self.say("{figure}%", figure=f"{percent:.0f}")

    def day(self, when: date) -> str:
        """3 January 2019."""
        return format_date(when, "d MMMM y", locale=self.locale)

    def minute(self, when: datetime) -> str:
        """3 January 2019, 08:05 UTC. `when` is in UTC."""
        return self.say("{day}, {time} UTC", day=self.day(when.date()), time=f"{when:%H:%M}")

    def month(self, key: str) -> str:
        """`2015-04` → April 2015."""
        return format_date(date.fromisoformat(f"{key}-01"), "MMMM y", locale=self.locale)

    def month_short(self, number: int) -> str:
        """4 → Apr."""
        names = get_month_names("abbreviated", context="stand-alone", locale=self.locale)
        return str(names[number]).rstrip(".")


def wording_of(tag: str) -> Wording:
    """The words of a language of BCP 47 (`fr-CH` reads French); English where there are none of it."""
    primary = tag.replace("_", "-").partition("-")[0].lower()
    return Wording(primary if primary in LANGUAGES else "en")


def is_month(key: str) -> bool:
    """Whether a row's key names a month: 2014-01."""
    return bool(_MONTH.fullmatch(key))


def readable(text: str) -> str:
    """The text with what no page, sheet or print can hold replaced: control characters but tab and line ends."""
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text)


@cache
def _catalogue(tag: str) -> NullTranslations:
    if tag == "en":
        return NullTranslations()
    file = CATALOGUES / f"{tag}.po"
    with file.open("rb") as stream:
        entries = read_po(stream, locale=tag)
    compiled = io.BytesIO()
    write_mo(compiled, entries)
    compiled.seek(0)
    return GNUTranslations(compiled)


_UNREADABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
