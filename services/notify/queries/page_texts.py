"""What families read on their pages, in a language: approved together with its messages, so read together with them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from services.notify.wording import CATALOGUE_FOLDERS

_OF_PAGES = CATALOGUE_FOLDERS[1:]
"""The first folder holds the messages, which are shown as they go out."""


@cache
def page_texts(tag: str, folders: tuple[Path, ...] = _OF_PAGES) -> tuple[str, ...]:
    """Every text of the pages whose catalogues are part of the language's digest, with its `gaps` as they stand there,
    in the order of the pages."""
    return tuple(text for folder in folders for text in _texts(folder / f"{tag}.po", tag))


@cache
def texts_beside(tag: str, folders: tuple[Path, ...] = _OF_PAGES) -> tuple[tuple[str, str], ...]:
    """The same texts, each with the English one that it stands for."""
    return tuple(pair for folder in folders for pair in _pairs(folder / f"{tag}.po", tag))


def _texts(file: Path, tag: str) -> list[str]:
    return [text for text, _ in _pairs(file, tag)]


def _pairs(file: Path, tag: str) -> list[tuple[str, str]]:
    with file.open("rb") as stream:
        entries = [entry for entry in read_po(stream, locale=tag) if entry.id]
    return [pair for entry in entries for pair in _beside(_forms(entry.string), _forms(entry.id))]


def _beside(said: list[str], meant: list[str]) -> list[tuple[str, str]]:
    """Each form of a text with what it means: of one thing, of several."""
    return [(form, meant[min(place, len(meant) - 1)]) for place, form in enumerate(said or meant)]


def _forms(part: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """Each plural form, without those that are empty: in English the id is the text."""
    return [form for form in ([part] if isinstance(part, str) else part or ()) if form]
