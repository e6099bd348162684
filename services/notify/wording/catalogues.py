"""The translations: gettext catalogues, one folder for messages and one for each other place where families read.

A language is a draft until an organisation has approved it. What it approves is a digest over every text: with one
text changed, nothing is approved.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from gettext import GNUTranslations
from hashlib import sha256
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from services.notify.wording.languages import LANGUAGES, Language
from services.notify.wording.replies import WORDS
from services.notify.wording.texts import ENTRIES, MAILED, SPOKEN, TEXTS, Text, fill, placeholders
from shared.errors import MisconfiguredError

MESSAGES = Path(__file__).parent / "locale"

PAGES = Path(__file__).parents[1] / "pages" / "family" / "locale"
CATALOGUE_FOLDERS: tuple[Path, ...] = (MESSAGES, PAGES)
"""Every folder whose `<tag>.po` families read; a folder added here becomes part of what is approved."""


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """The messages' texts in one language."""

    language: Language
    translations: GNUTranslations

    def say(self, text: Text, number: int = 1, /, **values: str) -> str:
        """A text in this language, in the form that its grammar wants for `number`, with its placeholders filled."""
        if text.many is None:
            return fill(self.translations.gettext(text.one), values)
        return fill(self.translations.ngettext(text.one, text.many, number), values)


def read(tag: str, folder: Path = MESSAGES) -> Catalogue:
    """The catalogue of a language, its entries and placeholders checked; English is the text itself.

    Raises `MisconfiguredError`, naming language and entry, where a translation is missing, fuzzy, or does not have
    exactly the placeholders of the English text.
    """
    entries = _entries(tag, folder)
    for text in ENTRIES:
        _check(tag, text, entries.get(text.one))
    compiled = io.BytesIO()
    write_mo(compiled, entries)
    compiled.seek(0)
    return Catalogue(LANGUAGES[tag], GNUTranslations(compiled))


def digest_of(tag: str, folders: tuple[Path, ...] = CATALOGUE_FOLDERS) -> str:
    """SHA-256 (hexadecimal) over every text of a language: what an organisation approves. Raises `KeyError` for an
    unknown language. Comments, places in the code and the order of entries do not change it."""
    parts = [f"{folder.parent.name}\0{text}" for folder in folders for text in _said(_entries(tag, folder))]
    parts += [f"{kind}\0{text.one}\0{text.many or ''}" for kind, text in sorted(TEXTS.items())]
    for how, instead in (("spoken", SPOKEN), ("mailed", MAILED)):
        parts += [f"{kind} {how}\0{text.one}" for kind, text in sorted(instead.items())]
    parts += [f"{wanted}\0{words[0]}" for wanted, words in sorted(WORDS[tag].items())]
    return sha256("\1".join(parts).encode()).hexdigest()


def _entries(tag: str, folder: Path) -> Catalog:
    with (folder / f"{LANGUAGES[tag].tag}.po").open("rb") as stream:
        return read_po(stream, locale=tag)


def _forms(part: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [part or ""] if isinstance(part, str) or part is None else [form or "" for form in part]


def _check(tag: str, text: Text, entry: Message | None) -> None:
    forms = _forms(entry.string) if entry is not None and not entry.fuzzy else [""]
    if tag == "en" and entry is not None and not any(forms):
        return
    if not all(forms) or (entry and _forms(entry.id) != [text.one, *([text.many] if text.many else [])]):
        raise MisconfiguredError(f"Language {tag} has no finished translation of “{text.one}”")
    if any(_asked(form) != placeholders(text.one) for form in forms):
        raise MisconfiguredError(f"Language {tag}: other placeholders than in “{text.one}”")


def _asked(form: str) -> list[str] | None:
    try:
        return placeholders(form)
    except ValueError:
        return None


def _said(entries: Catalog) -> list[str]:
    """What each entry says, without the header; an empty translation says the English text."""
    said = [(_forms(entry.id), _forms(entry.string), entry.context or "") for entry in entries if entry.id]
    return sorted("\0".join((context, *ids, *(strings if any(strings) else ids))) for ids, strings, context in said)
