"""What stands at a report's end, as tables: definitions, earlier issues and what changed, and the positions covered."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from services.reporting.rendering.grid import Grid, Line
from services.reporting.rendering.issue import Change, Column, Issue, Revision, Table, read
from services.reporting.rendering.wording import Wording


def definitions_of(issue: Issue, said: Wording) -> Grid:
    """Each indicator: what it counts, in which unit, by whose rule, for which frameworks."""
    heads = ("Indicator", "Unit", "What is counted", "Source", "Frameworks")
    rows = (
        Line((one.label, said.say(one.unit.replace("_", " ")), one.text, one.source, ", ".join(one.tags)))
        for one in issue.definitions
    )
    return _grid("_definitions", said.say("Definitions"), heads, said, tuple(rows))


def revisions_of(issue: Issue, said: Wording) -> Grid:
    """Each issue before this one, and why there was another."""
    heads = ("Issue", "Why it was replaced", "Figures that changed", "SHA-256")
    rows = (
        Line((str(one.number), one.why, said.number(len(one.changes)), one.digest)) for one in reversed(issue.revisions)
    )
    return _grid("_revisions", said.say("Earlier issues"), heads, said, tuple(rows))


def changes_of(issue: Issue, said: Wording) -> Iterator[Grid]:
    """For each earlier issue, newest first, the figures that are different now, with the difference."""
    heads = ("Table", "Row", "Figure", "Before", "Now", "Difference")
    for revision in changing(issue):
        rows = tuple(_changed(change, issue, said) for change in revision.changes)
        title = said.say("What changed since issue {number}", number=str(revision.number))
        yield Grid(
            f"_changes-{revision.number}",
            title,
            tuple(map(said.say, heads)),
            (False, False, False, True, True, True),
            rows,
        )


def changing(issue: Issue) -> list[Revision]:
    """The earlier issues of which figures are different now, newest first."""
    return sorted((one for one in issue.revisions if one.changes), key=lambda one: -one.number)


def covers_of(issue: Issue, said: Wording) -> Grid:
    """For each source one position (or none) for each partition."""
    found = {(one.source, one.partition): one.position for one in issue.covers}
    partitions = sorted({partition for _, partition in found})
    rows = (
        Line(
            (
                source,
                *(said.number(found[source, at]) if (source, at) in found else said.say("none") for at in partitions),
            )
        )
        for source in sorted({source for source, _ in found})
    )
    heads = (said.say("Source"), *(said.say("Partition {number}", number=str(at)) for at in partitions))
    title = said.say("Last position counted, by source and partition")
    return Grid("_covers", title, heads, (False, *(True for _ in partitions)), tuple(rows))


def _grid(key: str, title: str, heads: tuple[str, ...], said: Wording, rows: tuple[Line, ...]) -> Grid:
    return Grid(key, title, tuple(map(said.say, heads)), tuple(False for _ in heads), rows)


def newest(issue: Issue) -> Revision | None:
    """The issue that this one replaces."""
    return max(issue.revisions, key=lambda one: one.number, default=None)


def _changed(change: Change, issue: Issue, said: Wording) -> Line:
    table, column = _table(change, issue), column_of(change, issue)
    row = next((one for one in table.rows if one.key == change.row), None) if table else None
    return Line(
        (
            table.title if table else change.table,
            said.cell(table.columns[0], row.cells[0]) if table and row else change.row,
            column.label,
            said.cell(column, change.was),
            said.cell(column, change.now),
            difference(change, column, said),
        )
    )


def column_of(change: Change, issue: Issue) -> Column:
    """The column of this issue; of one that only an earlier issue had, what its values look like."""
    table = _table(change, issue)
    found = next((one for one in table.columns if one.key == change.column), None) if table else None
    if found:
        return found
    value = change.was.value if change.was.value is not None else change.now.value
    return Column(key=change.column, label=change.column, kind="whole" if isinstance(value, int) else "text")


def _table(change: Change, issue: Issue) -> Table | None:
    return next((one for one in issue.tables if one.key == change.table), None)


def difference(change: Change, column: Column, said: Wording) -> str:
    """+2; nothing where one of the two is not given, or is no figure."""
    if change.was.value is None or change.now.value is None or column.kind in ("text", "date"):
        return ""
    was, now = (Decimal(str(read(column.kind, cell.value or 0))) for cell in (change.was, change.now))
    sign = "+" if now > was else "\N{MINUS SIGN}" if now < was else ""
    return sign + said.number(abs(now - was), decimals=2 if column.kind == "money" else None)
