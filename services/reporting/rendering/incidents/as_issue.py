"""The incident report as an issue, so that one set of renderings serves every report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from services.reporting.rendering.incidents.report import Breakdown, Dimension, Figures, IncidentReport
from services.reporting.rendering.issue import (
    Cell,
    Chart,
    Column,
    Issue,
    KeyFigure,
    MapPoint,
    Section,
    Table,
    TableRow,
)
from services.reporting.rendering.routes import ROUTES
from services.reporting.rendering.wording import Wording, wording_of

_LOST = ("dead", "missing")
_HEADINGS: dict[str, str] = {
    "incidents": "Incidents",
    "dead": "Dead",
    "missing": "Missing",
    "survivors": "Survivors",
    "females": "Female",
    "males": "Male",
    "children": "Children",
}
_SECTIONS: tuple[tuple[str, str, tuple[Dimension, ...]], ...] = (
    ("when", "When did people die or go missing?", ("month", "year")),
    ("routes", "On which routes?", ("route",)),
    ("regions", "In which regions?", ("region",)),
    ("causes", "From which causes?", ("cause",)),
)
_NOTES = (
    "Incident figures are published, not suppressed: small numbers are shown as they are.",
    "A blank count means unknown and adds 0. The true figures can be higher.",
    "Female, male and children count people whose sex or age the source gave. "
    "A child can also be counted as female or male.",
)


def as_issue(report: IncidentReport, language: str = "en") -> Issue:
    """The same figures as tables with a total, two charts and a map of the routes whose place is known.

    Without incidents there is no table but the totals. Labels of routes, regions and causes stay as they were entered.
    """
    said = wording_of(language)
    splits = () if report.is_empty else report.breakdowns
    tables = tuple(_table(split, report.totals, said) for split in splits)
    charts = tuple(_charts(splits, said))
    return Issue(
        report="incidents",
        draft=False,
        title=said.say(report.title),
        organisation=report.organisation,
        date_from=report.date_from,
        date_to=report.date_to,
        language=said.tag,
        made_at=report.generated_at,
        key_figures=tuple(_key_figures(report.totals, said)),
        sections=tuple(_sections(splits, charts, said)),
        tables=(_totals(report.totals, said), *tables),
        charts=charts,
        quality=(*(said.say(note) for note in _NOTES), *report.notes),
        covers=report.covers,
    )


def _key_figures(totals: Figures, said: Wording) -> Iterator[KeyFigure]:
    yield KeyFigure(
        key="dead_or_missing", label=said.say("Dead or missing"), cell=Cell(value=totals.dead_or_missing), unit="people"
    )
    for name in ("dead", "missing", "survivors", "incidents", "females", "males", "children"):
        label = said.say(_HEADINGS[name])
        yield KeyFigure(key=name, label=label, cell=Cell(value=getattr(totals, name)), unit=_unit(name))


def _unit(name: str) -> str:
    return "events" if name == "incidents" else "people"


def _totals(totals: Figures, said: Wording) -> Table:
    row = TableRow(key="total", cells=(Cell(value=said.say("All incidents")), *_cells(totals)), total=True)
    return Table(
        key="totals",
        title=said.say("Incidents and people in all"),
        about="incidents",
        columns=_columns(said, ""),
        rows=(row,),
    )


def _table(split: Breakdown, totals: Figures, said: Wording) -> Table:
    rows = [
        TableRow(key=key, cells=(Cell(value=_label(split, line.key, line.label, said)), *_cells(line.figures)))
        for key, line in zip(_keys(split), split.lines, strict=True)
    ]
    total = TableRow(key="total:all", cells=(Cell(value=said.say("Total")), *_cells(totals)), total=True)
    return Table(
        key=f"by_{split.dimension}",
        title=said.say(f"Incidents and people by {split.dimension}"),
        about="incidents",
        columns=_columns(said, said.say(split.dimension.capitalize())),
        rows=(*rows, total),
    )


def _columns(said: Wording, first: str) -> tuple[Column, ...]:
    named = Column(key="label", label=first or said.say("Period"), kind="text")
    counted = (Column(key=name, label=said.say(_HEADINGS[name]), unit=_unit(name)) for name in Figures.model_fields)
    return (named, *counted)


def _cells(figures: Figures) -> Iterator[Cell]:
    return (Cell(value=getattr(figures, name)) for name in Figures.model_fields)


def _label(split: Breakdown, key: str, label: str, said: Wording) -> str:
    if split.dimension == "month":
        return said.month(key)
    return said.say("Unknown") if key == "unknown" else label


def _keys(split: Breakdown) -> list[str]:
    """Keys for programs: years and months as they are; names in the letters that a key may have, and a number."""
    if split.dimension in ("year", "month"):
        return [line.key for line in split.lines]
    plain = (re.sub(r"[^A-Za-z0-9]+", "_", line.key).strip("_").lower()[:80] for line in split.lines)
    return [f"{at}:{name}" if name else str(at) for at, name in enumerate(plain, 1)]


def _charts(splits: tuple[Breakdown, ...], said: Wording) -> Iterator[Chart]:
    for split in splits:
        if not any(line.figures.dead_or_missing for line in split.lines):
            continue
        if split.dimension == "month":
            yield _chart("trend", "trend", split, said, said.say("People dead or missing, by month"))
        elif split.dimension == "route":
            points = tuple(
                MapPoint(row=key, longitude=ROUTES[line.key][0], latitude=ROUTES[line.key][1])
                for key, line in zip(_keys(split), split.lines, strict=True)
                if line.key in ROUTES and line.figures.dead_or_missing
            )
            if points:
                yield _chart("map", "map", split, said, said.say("Where the routes lie"), points)
            yield _chart("routes", "bars", split, said, said.say("People dead or missing, by route"))


def _chart(
    key: str, kind: str, split: Breakdown, said: Wording, title: str, points: tuple[MapPoint, ...] = ()
) -> Chart:
    return Chart.model_validate(
        {
            "key": key,
            "title": title,
            "kind": kind,
            "table": f"by_{split.dimension}",
            "series": _LOST,
            "points": points,
            "alternative": _alternative(split, said),
        }
    )


def _alternative(split: Breakdown, said: Wording) -> str:
    """The line with the most people dead or missing; that several tie, where they do."""
    ranked = sorted(split.lines, key=lambda line: -line.figures.dead_or_missing)
    first = ranked[0].figures
    whole = sum(line.figures.dead_or_missing for line in ranked)
    if len(ranked) > 1 and ranked[1].figures.dead_or_missing == first.dead_or_missing:
        return said.say("Several are the highest, with {people} dead or missing each.", people=_people(first, said))
    return said.say(
        "The highest is {label} with {people} dead or missing ({share} of all): {dead} dead, {missing} missing.",
        label=_label(split, ranked[0].key, ranked[0].label, said),
        people=_people(first, said),
        share=said.share(Decimal(first.dead_or_missing), Decimal(whole)),
        dead=said.number(first.dead),
        missing=said.number(first.missing),
    )


def _people(figures: Figures, said: Wording) -> str:
    return said.number(figures.dead_or_missing)


def _sections(splits: tuple[Breakdown, ...], charts: tuple[Chart, ...], said: Wording) -> Iterator[Section]:
    given = {split.dimension for split in splits}
    for key, title, dimensions in _SECTIONS:
        tables = [f"by_{one}" for one in dimensions if one in given]
        if tables:
            shown = tuple(chart.key for chart in charts if chart.table in tables)
            yield Section(key=key, title=said.say(title), tables=tuple(tables), charts=shown)
