"""The issue for statistics: one tidy CSV, a line for each cell of each table, and lines of what is not a table."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from services.reporting.rendering.issue import MARKS, Cell, Issue
from services.reporting.rendering.wording import MEANINGS, wording_of

HEADER = ("table", "row", "column", "label", "row_label", "unit", "value", "mark")
Line = tuple[str, str, str, str, str, str, str, str]


def render_csv(issue: Issue) -> bytes:
    """Return RFC 4180 CSV, UTF-8 with a byte order mark: Excel takes a file without one for the local code page.

    Of a table each cell is a line: `table`, `row` and `column` are the keys, `value` is the figure as programs write it
    (12.50), or empty where `mark` stands. What is no table has a name that begins with an underscore, which no table's
    does: `_issue`, `_key_figures`, `_narrative`, `_definitions`, `_notes`, `_revisions`, `_covers`, `_marks`. No text
    is run by a spreadsheet as a formula: `harmless` says how, `as_written` reads it back.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in _lines(issue):
        *words, value, mark = line
        writer.writerow([*map(harmless, words), value if _NUMBER.fullmatch(value) else harmless(value), mark])
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet may run (OWASP, CSV injection), and before one that is there
    already, so that `as_written` can tell."""
    return f"'{text}" if _runs(text.lstrip("'")) else text


def as_written(text: str) -> str:
    """What `harmless` was given."""
    return text[1:] if text.startswith("'") and _runs(text.lstrip("'")) else text


def _runs(text: str) -> bool:
    """Programs trim blanks and read full-width signs like plain ones, so both are looked through."""
    seen = unicodedata.normalize("NFKC", text.lstrip(_BLANKS))
    return text.startswith(("\t", "\r", "\n")) or seen.startswith(_FORMULA_SIGNS)


def _lines(issue: Issue) -> Iterator[Line]:
    yield from _heading(issue)
    for figure in issue.key_figures:
        yield _cell("_key_figures", figure.key, "figure", "", figure.label, figure.unit, figure.cell)
    for table in issue.tables:
        for row in table.rows:
            named = str(row.cells[0].value) if row.cells[0].value is not None else MARKS[row.cells[0].mark or "unknown"]
            for column, cell in zip(table.columns, row.cells, strict=True):
                yield _cell(table.key, row.key, column.key, column.label, named, column.unit, cell)
    yield from _words(issue)
    yield from _trail(issue)


def _heading(issue: Issue) -> Iterator[Line]:
    known: dict[str, object] = {
        "report": issue.report,
        "title": issue.title,
        "organisation": issue.organisation,
        "from": issue.date_from,
        "to": issue.date_to,
        "number": issue.number,
        "state": wording_of(issue.language).say("DRAFT") if issue.draft else "",
        "made_at": issue.made_at.isoformat(),
        "language": issue.language,
        "digest": issue.digest,
        "suppression": issue.suppression,
    }
    if issue.grant:
        grant = issue.grant.model_dump(mode="json") | {"countries": " ".join(issue.grant.countries)}
        grant |= {named: "; ".join(getattr(issue.grant, named)) for named in ("themes", "frameworks")}
        known |= {f"grant_{name}": value for name, value in grant.items()}
    for name, value in known.items():
        yield _text("_issue", name, "value", value)


def _words(issue: Issue) -> Iterator[Line]:
    for section in issue.sections:
        yield _text("_narrative", section.key, "title", section.title)
        for at, paragraph in enumerate(section.paragraphs, 1):
            yield _text("_narrative", section.key, f"paragraph-{at}", paragraph)
        if signed := section.signed:
            yield _text("_narrative", section.key, "signed", f"{signed.role}, {signed.organisation}, {signed.on}")
    for definition in issue.definitions:
        for column, value in definition.model_dump(exclude={"key", "tags"}).items():
            yield _text("_definitions", definition.key, column, value)
        yield _text("_definitions", definition.key, "tags", " ".join(definition.tags))
    for at, note in enumerate(issue.quality, 1):
        yield _text("_notes", "quality", str(at), note)
    for table in issue.tables:
        for at, note in enumerate(table.notes, 1):
            yield _text("_notes", table.key, str(at), note)


def _trail(issue: Issue) -> Iterator[Line]:
    for revision in issue.revisions:
        number = str(revision.number)
        yield _text("_revisions", number, "digest", revision.digest)
        yield _text("_revisions", number, "why", revision.why)
        for change in revision.changes:
            at = f"{change.table}/{change.row}/{change.column}"
            yield _cell("_revisions", number, f"{at}/was", "", "", "", change.was)
            yield _cell("_revisions", number, f"{at}/now", "", "", "", change.now)
    for covered in issue.covers:
        yield _text("_covers", covered.source, f"partition-{covered.partition}", covered.position)
    said = wording_of(issue.language)
    for mark, sign in MARKS.items():
        yield ("_marks", mark, "meaning", "", "", "", said.say(MEANINGS[mark]), sign)


def _text(table: str, row: str, column: str, value: object) -> Line:
    return (table, row, column, "", "", "", str(value), "")


def _cell(table: str, row: str, column: str, label: str, row_label: str, unit: str, cell: Cell) -> Line:
    value = "" if cell.value is None else str(cell.value)
    return (table, row, column, label, row_label, unit, value, MARKS[cell.mark] if cell.mark else "")


_BLANKS = " \t\r\n\v\f\0\u00a0\u200b\ufeff"
_FORMULA_SIGNS = ("=", "+", "-", "@")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
