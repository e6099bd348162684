"""An issue as people read it: every word and figure as it is written, in the order in which it is shown.

The page and the print are made of this alone, so they say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.reporting.rendering.charts import Drawing, Series, draw, series
from services.reporting.rendering.covering import changes_of, covers_of, definitions_of, revisions_of
from services.reporting.rendering.grid import Grid, grid_of
from services.reporting.rendering.issue import MARKS, Chart, Issue, KeyFigure, Mark, Section
from services.reporting.rendering.wording import MEANINGS, Wording, wording_of


@dataclass(frozen=True)
class Shown:
    """One of the figures at the top; `main`: the first."""

    label: str
    shown: str
    main: bool


@dataclass(frozen=True)
class Picture:
    """A chart, or None where there is nothing to draw, and the table behind it: here, or named where it stands."""

    key: str
    title: str
    alternative: str
    series: tuple[Series, ...]
    drawing: Drawing | None
    behind: Grid | None
    elsewhere: str


@dataclass(frozen=True)
class Part:
    """A section: words, then pictures, then tables that no picture of it has behind itself."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    signed: str
    pictures: tuple[Picture, ...]
    tables: tuple[Grid, ...]


@dataclass(frozen=True)
class Document:
    """All of an issue. `identity` tells it apart in one line, on each sheet and page."""

    issue: Issue
    said: Wording
    identity: str
    period: str
    about: tuple[tuple[str, str], ...]
    key_figures: tuple[Shown, ...]
    parts: tuple[Part, ...]
    quality: tuple[str, ...]
    suppression: str
    legend: tuple[tuple[str, str], ...]
    definitions: Grid
    revisions: Grid
    changes: tuple[Grid, ...]
    covers: Grid

    @property
    def is_empty(self) -> bool:
        """Whether the period has no figures at all: an incident report without incidents."""
        return self.issue.report == "incidents" and not self.parts

    @property
    def legend_lines(self) -> tuple[str, ...]:
        """The legend, a line for each mark."""
        return tuple(f"{sign} {meaning}" for sign, meaning in self.legend)


def document_of(issue: Issue) -> Document:
    """Write an issue out in its language."""
    said = wording_of(issue.language)
    return Document(
        issue=issue,
        said=said,
        identity=_identity(issue, said),
        period=said.say("{first} to {last}", first=said.day(issue.date_from), last=said.day(issue.date_to)),
        about=tuple(_about(issue, said)),
        key_figures=tuple(_figure(at, figure, said) for at, figure in enumerate(issue.key_figures)),
        parts=tuple(_parts(issue, said)),
        quality=issue.quality,
        suppression=issue.suppression,
        legend=tuple((sign, said.say(MEANINGS[mark])) for mark, sign in MARKS.items() if mark in _marks(issue)),
        definitions=definitions_of(issue, said),
        revisions=revisions_of(issue, said),
        changes=tuple(changes_of(issue, said)),
        covers=covers_of(issue, said),
    )


def _identity(issue: Issue, said: Wording) -> str:
    number = said.say("Issue {number}", number=str(issue.number))
    state = f" · {said.say('DRAFT')}" if issue.draft else ""
    return f"{number}{state} · SHA-256 {issue.digest}"


def _about(issue: Issue, said: Wording) -> Iterator[tuple[str, str]]:
    """What stands in the heading beside title and period."""
    if grant := issue.grant:
        yield said.say("Grant"), f"{grant.number}: {grant.title}"
        yield said.say("Donor"), f"{grant.donor} ({grant.donor_group})" if grant.donor_group else grant.donor
        for named, listed in (
            ("Countries", grant.countries),
            ("Themes", grant.themes),
            ("Frameworks", grant.frameworks),
        ):
            if listed:
                yield said.say(named), ", ".join(listed)
        runs = said.say("{first} to {last}", first=said.day(grant.starts_on), last=said.day(grant.ends_on))
        yield said.say("Grant period"), runs
        yield said.say("Currency"), grant.currency
        yield said.say("Time zone"), grant.time_zone
    yield said.say("Issue"), str(issue.number)


def _figure(at: int, figure: KeyFigure, said: Wording) -> Shown:
    shown = MARKS[figure.cell.mark] if figure.cell.mark else said.value(figure.kind, figure.cell.value)
    unit = f" {figure.unit}" if figure.kind in ("money", "decimal") and figure.unit else ""
    return Shown(figure.label, shown + ("" if figure.cell.mark else unit), main=not at)


def _marks(issue: Issue) -> set[Mark | None]:
    cells = {cell.mark for table in issue.tables for row in table.rows for cell in row.cells}
    changed = {c.mark for revision in issue.revisions for change in revision.changes for c in (change.was, change.now)}
    return cells | changed | {figure.cell.mark for figure in issue.key_figures}


def _parts(issue: Issue, said: Wording) -> Iterator[Part]:
    """The sections; then what no section names. A table is shown once, behind its first picture if it has one."""
    grids = {table.key: grid_of(table, said) for table in issue.tables}
    charts = {chart.key: chart for chart in issue.charts}
    placed: set[str] = set()
    for section in issue.sections:
        yield _part(section, issue, said, grids, placed)
        for key in section.charts:
            charts.pop(key, None)
    tables = tuple(key for key in grids if key not in placed and not (issue.report == "incidents" and key == "totals"))
    if tables or charts:
        rest = Section(key="all-tables", title=said.say("Tables"), tables=tables, charts=tuple(charts))
        yield _part(rest, issue, said, grids, placed)


def _part(section: Section, issue: Issue, said: Wording, grids: dict[str, Grid], placed: set[str]) -> Part:
    charts = {chart.key: chart for chart in issue.charts}
    pictures = tuple(_picture(charts[key], issue, said, grids, placed) for key in section.charts)
    tables = [key for key in section.tables if key not in placed]
    placed.update(tables)
    signed = section.signed
    by = {"role": signed.role, "organisation": signed.organisation, "day": said.day(signed.on)} if signed else {}
    return Part(
        section.key,
        section.title,
        section.paragraphs,
        said.say("Signed off by {role}, {organisation}, {day}", **by) if by else "",
        pictures,
        tuple(grids[key] for key in tables),
    )


def _picture(chart: Chart, issue: Issue, said: Wording, grids: dict[str, Grid], placed: set[str]) -> Picture:
    table = next(one for one in issue.tables if one.key == chart.table)
    first = chart.table not in placed
    placed.add(chart.table)
    return Picture(
        chart.key,
        chart.title,
        chart.alternative,
        series(chart, table),
        draw(chart, table, (issue.date_from, issue.date_to), said),
        grids[chart.table] if first else None,
        "" if first else table.title,
    )
