"""The languages in which families are written to, and how each writes days and times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_time


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its tag (BCP 47), its name in itself, the direction in which it is written."""

    tag: str
    name: str
    direction: Literal["ltr", "rtl"] = "ltr"

    @property
    def locale(self) -> Locale:
        """CLDR's; English as most of the world writes it."""
        return Locale.parse("en_GB" if self.tag == "en" else self.tag)


def language_for(wanted: str) -> Language | None:
    """The language that somebody with a tag of BCP 47 reads (`pt-BR`, `zh-Hans`, `prs`), or None: we have no texts."""
    primary = wanted.replace("_", "-").partition("-")[0].lower()
    return LANGUAGES.get(_ALSO.get(primary, primary))


def when(at: datetime, tag: str) -> str:
    """A day with its weekday and a time of 24 hours, in the zone of `at`, Gregorian in every language.

    Amharic and Tigrinya name the part of the day as well: who counts hours from sunrise would read 09:00 as 15:00.
    Tigrinya writes the month as a number: its names of months are those of two calendars.
    """
    locale = LANGUAGES[tag].locale
    day = format_date(at, _DAYS.get(tag, "full"), locale=locale)
    comma = _COMMAS.get(tag, ", ")
    return f"{day}{comma}{format_time(at, _TIMES.get(tag, 'HH:mm'), tzinfo=at.tzinfo, locale=locale)}"


LANGUAGES: dict[str, Language] = {
    one.tag: one
    for one in (
        Language("en", "English"),
        Language("fr", "Français"),
        Language("es", "Español"),
        Language("pt", "Português"),
        Language("ar", "العربية", "rtl"),
        Language("zh", "中文"),
        Language("ru", "Русский"),
        Language("de", "Deutsch"),
        Language("it", "Italiano"),
        Language("am", "አማርኛ"),
        Language("ti", "ትግርኛ"),
        Language("so", "Soomaali"),
        Language("bn", "বাংলা"),
        Language("fa", "فارسی", "rtl"),
        Language("uk", "Українська"),
        Language("my", "မြန်မာ"),
    )
}
"""Tag → language."""

_DAYS = {"ti": "EEEE d/M/y"}
_TIMES = {"am": "B HH:mm", "ti": "B HH:mm"}
_COMMAS = {"ar": "، ", "fa": "، ", "zh": " ", "am": "፣ ", "ti": "፣ ", "my": "၊ "}
_ALSO = {"prs": "fa", "pes": "fa"}
"""Dari and Iranian Persian by their own codes (ISO 639-3)."""
