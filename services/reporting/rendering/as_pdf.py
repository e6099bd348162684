"""The issue for print: a tagged PDF that screen readers follow (PDF/UA-1), set by typst.

Every text goes in as data, none as markup. The fonts are those that set-up brought: `fonts/`, from pinned packages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import typst

from services.reporting.rendering.charts import Drawing
from services.reporting.rendering.covering import newest
from services.reporting.rendering.document import Document, Part, Picture, document_of
from services.reporting.rendering.grid import Grid
from services.reporting.rendering.issue import Issue
from services.reporting.rendering.wording import readable
from shared.errors import FieldError, InvalidInput, MisconfiguredError

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
TEMPLATE = HERE / "templates" / "report.typ"
_WITHOUT_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_NAMED_AT_MOST = 5
_LETTERS = (
    "Write it in Latin, Greek, Cyrillic, Devanagari, Arabic or Ethiopic letters: the report is printed as well as read."
)


class UnprintableText(InvalidInput):
    """The fonts of the print have no sign for a character: nothing is printed with a gap in it. A `FieldError` for
    each place in the issue."""

    code = "unprintable_text"


def render_pdf(issue: Issue) -> bytes:
    """Return a PDF/UA-1 file; equal issues give equal bytes.

    Raises `UnprintableText`, naming the characters and where they stand, where the fonts have no sign for one, and
    `MisconfiguredError` where set-up brought no fonts.
    """
    document = document_of(issue)
    shown = _readable(_pages_of(document))
    compiler = typst.Compiler(
        TEMPLATE.read_bytes(), font_paths=_fonts(), ignore_system_fonts=True, root=FONTS, sys_inputs={}
    )
    try:
        made = compiler.compile(
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=int(issue.made_at.timestamp()),
            sys_inputs={"document": json.dumps(shown, ensure_ascii=False)},
        )
    except typst.TypstError as refused:
        raise _named(refused, issue) from None
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single file")
    return made


@cache
def _fonts() -> typst.Fonts:
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    if "Noto Sans" not in found.families():
        raise MisconfiguredError(
            "The fonts of printed reports were not brought: run `make run`, or `make .venv/assets`."
        )
    return found


def _named(refused: typst.TypstError, issue: Issue) -> Exception:
    """What to tell of a refusal; typst's own error where it is none of a text."""
    found = [_unescaped(text) for text in _WITHOUT_GLYPH.findall(f"{refused.message}\n{refused.diagnostic}")]
    characters = sorted({character for text in found for character in text})
    if not characters:
        return refused
    named = ", ".join(f"U+{ord(one):04X}" for one in characters[:_NAMED_AT_MOST])
    places = sorted({place for place, text in _texts(issue.model_dump(mode="json"), "") if set(text) & set(characters)})
    told = f"The print's fonts have no sign for {named}"
    where = ", ".join(places[:_NAMED_AT_MOST]) or "the report"
    return UnprintableText(
        f"{told}, in {where}. {_LETTERS}",
        tuple(FieldError(place, UnprintableText.code, f"{told}. {_LETTERS}") for place in places),
    )


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _texts(part: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each text of the issue with its place: tables/2/rows/0/cells/1/value."""
    if isinstance(part, str):
        yield place, part
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in inner:
        yield from _texts(value, f"{place}/{name}".lstrip("/"))


def _readable(part: Any) -> Any:
    if isinstance(part, str):
        return readable(part)
    if isinstance(part, dict):
        return {name: _readable(value) for name, value in part.items()}
    return [_readable(one) for one in part] if isinstance(part, list | tuple) else part


def _pages_of(document: Document) -> dict[str, Any]:
    """All that the template is given."""
    said, issue = document.said, document.issue
    return {
        "language": said.tag,
        "direction": said.direction,
        "title": issue.title,
        "organisation": issue.organisation,
        "draft": said.say("DRAFT") if issue.draft else "",
        "digest": issue.digest,
        "identity": document.identity,
        "about": [
            (said.say("Period"), document.period),
            *document.about,
            (said.say("Made on"), said.minute(issue.made_at)),
        ],
        "replaces": _replaces(document),
        "empty": said.say("No incidents are recorded for this period") if document.is_empty else "",
        "key_figures": [asdict(figure) for figure in document.key_figures],
        "parts": [_part(part, document) for part in document.parts],
        "ends": [*_ends(document)],
        "words": {
            name: said.say(text)
            for name, text in (
                ("key_figures", "Key figures"),
                ("page", "Page {page} of {pages}"),
            )
        },
    }


def _replaces(document: Document) -> str:
    """Which issue this one stands for, and why; empty of a first one."""
    before, say = newest(document.issue), document.said.say
    return say("This issue replaces issue {number}: {why}", number=str(before.number), why=before.why) if before else ""


def _part(part: Part, document: Document) -> dict[str, Any]:
    return {
        "title": part.title,
        "paragraphs": part.paragraphs,
        "signed": part.signed,
        "pictures": [_picture(one, document) for one in part.pictures],
        "tables": [_grid(one) for one in part.tables],
    }


def _picture(picture: Picture, document: Document) -> dict[str, Any]:
    see = document.said.say("Its figures stand in the table “{title}”.", title=picture.elsewhere)
    return {
        "title": picture.title,
        "alternative": picture.alternative,
        "series": [asdict(one) for one in picture.series],
        "drawing": _drawing(picture.drawing),
        "table": _grid(picture.behind) if picture.behind else None,
        "see": "" if picture.behind else see,
    }


def _drawing(drawing: Drawing | None) -> dict[str, Any] | None:
    if drawing is None:
        return None
    shown = json.loads(json.dumps(asdict(drawing), default=str))
    return {**shown, "kind": type(drawing).__name__.lower()}


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "title": grid.title,
        "heads": grid.heads,
        "numeric": grid.numeric,
        "rows": [{"cells": line.cells, "total": line.total} for line in grid.rows],
        "notes": grid.notes,
    }


def _ends(document: Document) -> Iterator[dict[str, Any]]:
    """What stands after the figures: a heading each, then sentences and tables."""
    said = document.said
    checked = said.say("The JSON file of this issue has this SHA-256: {digest}", digest=document.issue.digest)
    for title, sentences, tables in (
        (said.say("Data quality"), document.quality, ()),
        (said.say("What is withheld"), (document.suppression,), ()),
        (said.say("Symbols"), (), ()),
        (said.say("Definitions"), (), (document.definitions,)),
        (said.say("Earlier issues"), (), (document.revisions, *document.changes)),
        (said.say("What this report covers"), (checked,), (document.covers,)),
    ):
        told = [text for text in sentences if text]
        filled = [_grid(grid) for grid in tables if grid.rows]
        pairs = document.legend if title == said.say("Symbols") else ()
        if told or filled or pairs:
            yield {"title": title, "sentences": told, "pairs": pairs, "tables": filled}
