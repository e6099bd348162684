"""The languages of the pages: gettext catalogues beside the code, plural rules and dates by Babel (CLDR)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Language:
    """One language of the pages, named in itself."""

    tag: str
    name: str

    @property
    def locale(self) -> str:
        """How days and numbers are written: English as most of the world writes it."""
        return "en_GB" if self.tag == "en" else self.tag

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return Locale.parse(self.tag).text_direction


LANGUAGES = {
    one.tag: one
    for one in (
        Language("en", "English"),
        Language("fr", "Français"),
        Language("es", "Español"),
        Language("ar", "العربية"),
    )
}


def language_of(chosen: str | None, accepted: str = "") -> Language:
    """The language somebody chose, else the best of `Accept-Language`, else English."""
    if chosen in LANGUAGES:
        return LANGUAGES[chosen]
    wanted = [part.partition(";")[0].strip() for part in accepted.split(",")][:20]
    found = negotiate_locale([tag for tag in wanted if tag], list(LANGUAGES), sep="-")
    return LANGUAGES[found or "en"]


@cache
def translations(tag: str) -> NullTranslations:
    """The catalogue of a language; English is the text itself."""
    file = CATALOGUES / f"{tag}.po"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=tag)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def say(language: Language, text: str | None) -> str:
    """A text of the code or a declaration in a language; itself where no catalogue has it. Nothing is formatted."""
    return translations(language.tag).gettext(text) if text else ""


def marked(text: str) -> str:
    """Marks a text for the catalogues where it is declared; it is translated where it is shown."""
    return text
