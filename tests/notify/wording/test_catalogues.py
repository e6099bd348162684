"""Sixteen languages, each complete, each within three segments; a changed text makes an approval void."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from services.notify.wording import CATALOGUE_FOLDERS, LANGUAGES, check_catalogues, digest_of, language_for
from services.notify.wording.catalogues import MESSAGES, read
from services.notify.wording.render import check_sizes
from services.notify.wording.texts import ENTRIES
from shared.errors import MisconfiguredError

EVERY_TAG = ["en", "fr", "es", "pt", "ar", "zh", "ru", "de", "it", "am", "ti", "so", "bn", "fa", "uk", "my"]
MONEY = 'msgstr "Wir bitten nie um Geld."'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MESSAGES, tmp_path / "locale"))


def change(folder: Path, tag: str, was: str, becomes: str) -> None:
    file = folder / f"{tag}.po"
    text = file.read_text(encoding="utf-8")
    assert text.count(was) >= 1
    file.write_text(text.replace(was, becomes), encoding="utf-8")


def test_the_sixteen_languages_are_all_there_and_pass_the_checks() -> None:
    assert list(LANGUAGES) == EVERY_TAG
    assert sorted(file.stem for file in MESSAGES.glob("*.po")) == sorted(EVERY_TAG)
    check_catalogues()


@pytest.mark.parametrize("tag", EVERY_TAG)
def test_a_language_is_named_in_itself_and_runs_in_its_direction(tag: str) -> None:
    locale = Locale.parse(tag)
    assert LANGUAGES[tag].direction == locale.text_direction
    assert LANGUAGES[tag].name.casefold() == str(locale.get_language_name()).casefold()


@pytest.mark.parametrize(
    ("wanted", "tag"),
    [("pt-BR", "pt"), ("zh-Hans-CN", "zh"), ("AR_sy", "ar"), ("prs", "fa"), ("fa-AF", "fa"), ("am", "am")],
)
def test_a_regional_tag_finds_its_language(wanted: str, tag: str) -> None:
    assert language_for(wanted) is LANGUAGES[tag]


@pytest.mark.parametrize("wanted", ["", "xx", "tr", "-", "english"])
def test_a_language_without_texts_is_none(wanted: str) -> None:
    assert language_for(wanted) is None


@pytest.mark.parametrize("tag", EVERY_TAG)
def test_a_catalogue_has_all_entries_and_no_other_and_its_language_s_plurals(tag: str) -> None:
    with (MESSAGES / f"{tag}.po").open("rb") as stream:
        entries = read_po(stream)
    said = [entry.id if isinstance(entry.id, str) else entry.id[0] for entry in entries if entry.id]
    assert len(said) == len(ENTRIES)
    assert set(said) == {text.one for text in ENTRIES}
    assert (entries.num_plurals, entries.plural_expr) == tuple(get_plural(tag))[:2]


@pytest.mark.parametrize("tag", EVERY_TAG[1:])
def test_nothing_is_left_in_english(tag: str) -> None:
    catalogue = read(tag)
    for text in ENTRIES[1:]:
        assert catalogue.translations.gettext(text.one) != text.one or text.many


@pytest.mark.parametrize("becomes", ['msgstr ""', 'msgstr "Wir bitten {alias} nie um Geld."', 'msgstr "Nie {um Geld."'])
def test_a_missing_text_or_another_placeholder_is_refused_by_name(folder: Path, becomes: str) -> None:
    change(folder, "de", MONEY, becomes)
    with pytest.raises(MisconfiguredError, match=r"Language de.*We never ask for money"):
        read("de", folder)


@pytest.mark.parametrize(
    "becomes", ["{when}\\n{page}\\n", "{code}\\n{page}\\n{page}\\nCode: {code}\\n", "{}", "{page!r}"]
)
def test_a_lost_doubled_or_formatted_placeholder_is_refused(folder: Path, becomes: str) -> None:
    change(folder, "de", "Ihre Seite:\\n{page}\\nCode: {code}", f"Ihre Seite:\\n{becomes}")
    with pytest.raises(MisconfiguredError, match="Language de: other placeholders"):
        read("de", folder)


def test_a_fuzzy_translation_is_none(folder: Path) -> None:
    change(folder, "de", 'msgid "We never ask for money."', '#, fuzzy\nmsgid "We never ask for money."')
    with pytest.raises(MisconfiguredError, match="no finished translation"):
        read("de", folder)


def test_a_plural_form_left_empty_is_refused(folder: Path) -> None:
    file = folder / "de.po"
    file.write_text(re.sub(r"(?m)^msgstr\[1\] .*$", 'msgstr[1] ""', file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(MisconfiguredError, match=r"Language de.*There is"):
        read("de", folder)


def test_an_entry_that_is_not_there_is_refused(folder: Path) -> None:
    change(folder, "de", 'msgid "Hello."', 'msgid "Hallo."')
    with pytest.raises(MisconfiguredError, match=r"Language de.*Hello"):
        read("de", folder)


def test_a_text_of_four_segments_is_refused_with_language_kind_and_number(folder: Path) -> None:
    change(folder, "am", "የእርስዎ ገጽ፦", "የእርስዎ ገጽ፦" * 12)
    with pytest.raises(MisconfiguredError, match="Language am: receipt needs 4 segments"):
        check_sizes(read("am", folder))


def test_every_changed_text_changes_the_digest_of_its_language_alone(folder: Path) -> None:
    before = {tag: digest_of(tag, (folder,)) for tag in EVERY_TAG}
    change(folder, "de", MONEY, 'msgstr "Wir bitten niemals um Geld."')
    after = {tag: digest_of(tag, (folder,)) for tag in EVERY_TAG}
    assert {tag for tag in EVERY_TAG if before[tag] != after[tag]} == {"de"}


def test_comments_and_the_order_of_entries_leave_the_digest_as_it_was(folder: Path) -> None:
    before = digest_of("de", (folder,))
    file = folder / "de.po"
    head, *entries = file.read_text(encoding="utf-8").split("\n\n")
    file.write_text("\n\n".join(["# Another comment.\n" + head, *reversed(entries)]) + "\n", encoding="utf-8")
    assert digest_of("de", (folder,)) == before


def test_another_folder_becomes_part_of_what_is_approved(folder: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "de.po").write_text(
        'msgid ""\nmsgstr "Language: de\\n"\n\nmsgid "Stop"\nmsgstr "Ende"\n', encoding="utf-8"
    )
    both = digest_of("de", (folder, pages))
    assert both != digest_of("de", (folder,))
    change(pages, "de", "Ende", "Schluss")
    assert digest_of("de", (folder, pages)) != both


def test_digests_are_hexadecimal_and_of_each_language_its_own() -> None:
    digests = {digest_of(tag) for tag in EVERY_TAG}
    assert len(digests) == len(EVERY_TAG)
    assert all(len(bytes.fromhex(one)) == 32 for one in digests)
    assert MESSAGES in CATALOGUE_FOLDERS
