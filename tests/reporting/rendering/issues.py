"""Issues with every kind of part: grants' tables, marks, charts, narrative, definitions and an earlier issue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from services.reporting.rendering.issue import (
    MARKS,
    Cell,
    Change,
    Chart,
    Column,
    Covered,
    Definition,
    GrantHeading,
    Issue,
    KeyFigure,
    MapPoint,
    Revision,
    Section,
    Signature,
    Table,
    TableRow,
)

AGES = ("0–4", "5–11", "12–17", "18–59", "60+")
PLACES = {"catania": (15.1, 37.5, 61), "tripoli": (13.2, 32.9, 48), "lesbos": (26.5, 39.1, 22)}


def cell(value: int | str) -> Cell:
    """The value, or the mark of that name."""
    return Cell.model_validate({"mark": value}) if value in MARKS else Cell(value=value)


def table(key: str, about: str, columns: dict[str, str], *rows: tuple[int | str, ...], **more: Any) -> Table:
    """Columns by key, with their kind and unit as `whole people`; a row that begins with `Total` is one."""
    made = [Column.model_validate(_column(name, looks)) for name, looks in columns.items()]
    lines = [
        TableRow(key=f"r{at}", cells=tuple(map(cell, row)), total=row[0] == "Total") for at, row in enumerate(rows)
    ]
    fields = {"key": key, "title": f"Table of {key}", "about": about, "columns": made, "rows": lines}
    return Table.model_validate(fields | more)


def _column(name: str, looks: str) -> dict[str, str]:
    kind, _, unit = looks.partition(" ")
    return {"key": name, "label": name.capitalize(), "kind": kind, "unit": unit}


def ages() -> Table:
    columns = {"age": "text", "female": "whole people", "male": "whole people"}
    rows = [(age, "withheld" if age == "0–4" else 12 + at, 1030 + at) for at, age in enumerate(AGES)]
    return table("ages", "people", columns, *rows, ("unknown", 0, 7), ("Total", 1234, 5678), notes=("By sex and age.",))


def months() -> Table:
    columns = {"month": "text", "opened": "whole cases", "closed": "whole cases"}
    made = table("months", "cases", columns, *((f"month {at}", 40 + at, 20 + at) for at in range(6)))
    rows = tuple(row.model_copy(update={"key": f"2026-{at:02}"}) for at, row in enumerate(made.rows, 6))
    return made.model_copy(update={"rows": rows})


def places() -> Table:
    rows = [(name.capitalize(), figure) for name, (*_, figure) in PLACES.items()]
    return table("places", "services", {"place": "text", "services": "whole services"}, *rows)


def finance() -> Table:
    columns = {"line": "text", "budget": "money EUR", "spent": "money EUR", "share": "per_cent", "signed": "date"}
    return table(
        "finance",
        "money",
        columns,
        ("Staff", "120000.50", "-5000.05", "12.5", "2026-10-05"),
        ("Travel", "not_applicable", "0.00", "unknown", "2026-10-06"),
    )


def charts() -> tuple[Chart, ...]:
    points = tuple(MapPoint(row=f"r{at}", longitude=x, latitude=y) for at, (x, y, _) in enumerate(PLACES.values()))
    return (
        _chart("trend", "trend", "months", ("opened", "closed")),
        _chart("pyramid", "pyramid", "ages", ("female", "male")),
        _chart("map", "map", "places", ("services",), points),
        _chart("bars", "bars", "places", ("services",)),
    )


def _chart(key: str, kind: str, of: str, series: tuple[str, ...], points: tuple[MapPoint, ...] = ()) -> Chart:
    words = {"title": f"Chart of {key}", "alternative": f"What the {key} shows."}
    return Chart.model_validate({"key": key, "kind": kind, "table": of, "series": series, "points": points} | words)


def grant_issue(**changes: Any) -> Issue:
    """Issue 2 of a report on a grant, a draft unless told otherwise."""
    fields: dict[str, Any] = {
        "report": "grant",
        "number": 2,
        "title": "Quarterly report on Restoring Family Links",
        "organisation": "Tracing Network",
        "grant": GrantHeading(
            number="RFL-2026/17",
            title="Restoring Family Links",
            donor="Ministry",
            donor_group="DAC",
            countries=("ITA", "LBY"),
            themes=("Restoring Family Links", "Protection"),
            frameworks=("SDG 10.7", "GCM 8"),
            currency="EUR",
            starts_on=date(2026, 1, 1),
            ends_on=date(2027, 12, 31),
            time_zone="Europe/Rome",
        ),
        "date_from": date(2026, 7, 1),
        "date_to": date(2026, 9, 30),
        "made_at": datetime(2026, 10, 9, 8, 5, tzinfo=UTC),
        "key_figures": (
            KeyFigure(key="opened", label="Cases opened", cell=cell(317)),
            KeyFigure(key="reunited", label="People reunited", cell=cell("withheld"), unit="people"),
            KeyFigure(key="spent", label="Spent", cell=cell("12345.60"), kind="money", unit="EUR"),
        ),
        "sections": (
            Section(
                key="performance",
                title="Overall performance",
                paragraphs=("We registered 317 requests.", "Of these, 130 were closed."),
                charts=("trend",),
                tables=("months",),
                signed=Signature(role="Case manager", organisation="Tracing Network", on=date(2026, 10, 5)),
            ),
            Section(
                key="people", title="People affected", charts=("pyramid", "map", "bars"), tables=("ages", "places")
            ),
        ),
        "tables": (ages(), months(), places(), finance()),
        "charts": charts(),
        "definitions": (
            Definition(
                key="opened",
                label="Cases opened",
                unit="cases",
                text="Requests registered in the period.",
                source="ICRC, 2019",
                tags=("SDG 10.7",),
            ),
        ),
        "suppression": "Figures about people under 5 are withheld.",
        "quality": ("12 people are of unknown age.",),
        "revisions": (
            Revision(
                number=1,
                digest="ab" * 32,
                why="Late facts arrived.",
                changes=(
                    Change(table="months", row="2026-07", column="opened", was=cell(39), now=cell(41)),
                    Change(table="ages", row="r0", column="female", was=cell("not_applicable"), now=cell("withheld")),
                ),
            ),
        ),
        "covers": tuple(
            Covered(source=name, partition=at, position=1000 + at) for name in ("intake", "notify") for at in range(8)
        ),
    }
    return Issue(**(fields | changes))


def long_issue(rows: int) -> Issue:
    """A table of so many rows and nothing else."""
    columns = {
        "indicator": "text",
        "place": "text",
        "target": "whole people",
        "actual": "whole people",
        "share": "per_cent",
    }
    lines = [(f"Indicator {at} of the grant", f"Place {at % 40}", at * 10, at * 7, "70.0") for at in range(rows)]
    made = table("long", "services", columns, *lines)
    return grant_issue(sections=(), charts=(), tables=(made,), definitions=(), revisions=())
