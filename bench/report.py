"""What a row found: its figures, its targets, and whether they are met; as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

RUNS = 3


@dataclass(frozen=True)
class Check:
    """One target: what was found, against what was wanted."""

    what: str
    found: float
    target: float
    unit: str
    at_most: bool = False

    @property
    def passed(self) -> bool:
        return self.found <= self.target if self.at_most else self.found >= self.target

    def wanted(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {_figure(self.target, self.unit)}"

    def got(self) -> str:
        return _figure(self.found, self.unit)


@dataclass(frozen=True)
class Row:
    """One row of the table. `figures` are all runs of each side, in their order; `sizes` says what was done."""

    name: str
    sizes: str
    unit: str
    figures: Mapping[str, list[float]]
    checks: list[Check] = field(default_factory=list)

    def as_json(self, scale: float) -> dict[str, Any]:
        return {
            "row": self.name,
            "scale": scale,
            "sizes": self.sizes,
            "unit": self.unit,
            "runs": dict(self.figures),
            "medians": medians(self.figures),
            "checks": [
                {"what": c.what, "found": c.found, "target": c.target, "unit": c.unit, "passed": c.passed}
                for c in self.checks
            ],
        }


def interleaved(sides: Mapping[str, Callable[[], float]], runs: int = RUNS) -> dict[str, list[float]]:
    """Run each side in turn, `runs` times: a slow moment of the machine hits them alike."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, run in sides.items():
            figures[name].append(run())
    return figures


def medians(figures: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: median(runs) for name, runs in figures.items()}


def write_json(rows: list[Row], scale: float, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"scale": scale, "runs": RUNS, "rows": [row.as_json(scale) for row in rows]}
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def print_table(rows: list[Row], scale: float) -> None:
    """The table: absolute figures, then each target with what was found."""
    table = Table(title=f"Kinbridge bench, SCALE={scale:g}, medians of {RUNS} interleaved runs", show_lines=True)
    for heading in ("row", "sizes", "figures (median)", "check", "found", "target", ""):
        table.add_column(heading)
    for row in rows:
        figures = "\n".join(f"{name}: {_figure(at, row.unit)}" for name, at in medians(row.figures).items())
        columns = ("what", lambda c: c.what), ("got", Check.got), ("wanted", Check.wanted)
        cells = ["\n".join(show(c) if callable(show) else "" for c in row.checks) for _, show in columns]
        verdicts = "\n".join("[green]pass[/]" if c.passed else "[red]MISS[/]" for c in row.checks)
        table.add_row(row.name, row.sizes, figures, *cells, verdicts)
    Console(width=190).print(table)


def _figure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"
