"""Women and girls to the left, men and boys to the right, the oldest on top."""

from __future__ import annotations

from dataclasses import dataclass

from services.reporting.rendering.charts.series import Entry, highest_of, share


@dataclass(frozen=True)
class Step:
    """One age: the widths are percent of one side."""

    label: str
    told: str
    left: float
    right: float
    left_shown: str
    right_shown: str


@dataclass(frozen=True)
class Pyramid:
    """From the oldest to the youngest."""

    steps: tuple[Step, ...]


def pyramid(found: list[Entry]) -> Pyramid | None:
    """Lay out the first two series, or return None where neither has a figure above 0 or there is only one.

    Rows stand in the table from the youngest; what is unknown, at its end, stays at the bottom.
    """
    rows = [entry for entry in found if len(entry.figures) >= 2]
    longest = highest_of(figure for entry in rows for figure in entry.figures[:2])
    if not longest:
        return None
    steps = [
        Step(
            entry.label,
            entry.told,
            share(entry.figures[0], longest),
            share(entry.figures[1], longest),
            entry.shown[0],
            entry.shown[1],
        )
        for entry in rows
    ]
    unknown = [step for step, entry in zip(steps, rows, strict=True) if entry.key == "unknown"]
    return Pyramid((*(step for step in reversed(steps) if step not in unknown), *unknown))
