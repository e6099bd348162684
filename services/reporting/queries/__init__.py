"""What may be counted, always through `counted_for(actor)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from services.reporting.domain import IncidentFact, OrganisationName
from services.reporting.rendering import Breakdown, Covered, Dimension, Figures, IncidentReport, Line
from services.reporting.settings import LISTENS_TO, SERVICE
from shared.access import Actor, counted_for
from shared.errors import FieldError, InvalidInput
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer.cursor import Place, read_cursor

FIGURES = ("dead", "missing", "survivors", "females", "males", "children")
UNKNOWN = "unknown"
LOCAL_GRANT = "local"


@dataclass(frozen=True)
class Period:
    """Both days included. Raises `InvalidInput` when it runs backwards."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise InvalidInput(
                "The period ends before it begins: exchange --from and --to.",
                (FieldError("to", "before_from", "Must not lie before `from`."),),
            )


def incident_report(session: Session, actor: Actor, period: Period, *, now: datetime) -> IncidentReport:
    """The figures of the incidents that the actor may see and that lie wholly inside the period.

    An incident known by month counts when the whole month lies inside (the month of a longer span is that of its
    last day, as IOM dates cumulative incidents). A blank figure is unknown and adds 0. Published incident figures
    are not suppressed. To be read in one snapshot: the report names the positions that it covers.
    """
    cells = _cells(session, actor, period)
    return IncidentReport(
        title="Deaths and disappearances on migration routes",
        organisation=name_of(session, actor),
        grant=LOCAL_GRANT,
        date_from=period.first,
        date_to=period.last,
        generated_at=now,
        totals=Figures.sum(cell.figures for cell in cells),
        breakdowns=(
            _breakdown("year", cells, lambda cell: f"{cell.year:04}"),
            _breakdown("month", cells, lambda cell: f"{cell.year:04}-{cell.month:02}"),
            _breakdown("route", cells, lambda cell: cell.route or UNKNOWN),
            _breakdown("region", cells, lambda cell: cell.region or UNKNOWN),
            _breakdown("cause", cells, lambda cell: cell.cause or UNKNOWN),
        ),
        covers=tuple(positions_covered(session)),
    )


def counted_period(session: Session, actor: Actor, *, today: date) -> Period:
    """From the first to the last day of the incidents that the actor may see; this year where there are none."""
    first, last = session.execute(
        select(func.min(IncidentFact.occurred_from), func.max(IncidentFact.occurred_to)).where(
            counted_for(actor, IncidentFact.organisation_id)
        )
    ).one()
    return Period(first or today.replace(month=1, day=1), last or today.replace(month=12, day=31))


@dataclass(frozen=True)
class _Cell:
    year: int
    month: int
    route: str | None
    region: str | None
    cause: str | None
    figures: Figures


def _cells(session: Session, actor: Actor, period: Period) -> list[_Cell]:
    dimensions: tuple[Any, ...] = (
        extract("year", IncidentFact.occurred_to),
        extract("month", IncidentFact.occurred_to),
        IncidentFact.route,
        IncidentFact.region,
        IncidentFact.cause,
    )
    sums = [func.coalesce(func.sum(getattr(IncidentFact, name)), 0) for name in FIGURES]
    rows = session.execute(
        select(*dimensions, func.count(), *sums)
        .where(
            counted_for(actor, IncidentFact.organisation_id),
            IncidentFact.occurred_from >= period.first,
            IncidentFact.occurred_to <= period.last,
        )
        .group_by(*dimensions)
    )
    return [
        _Cell(int(year), int(month), route, region, cause, _figures(incidents, sums))
        for year, month, route, region, cause, incidents, *sums in rows
    ]


def _figures(incidents: int, sums: Iterable[Any]) -> Figures:
    return Figures(incidents=incidents, **{name: int(value) for name, value in zip(FIGURES, sums, strict=True)})


def _breakdown(dimension: Dimension, cells: list[_Cell], key_of: Any) -> Breakdown:
    grouped: dict[str, list[Figures]] = defaultdict(list)
    for cell in cells:
        grouped[key_of(cell)].append(cell.figures)
    lines = tuple(
        Line(key=key, label=_label(dimension, key), figures=Figures.sum(figures)) for key, figures in grouped.items()
    )
    return Breakdown(dimension=dimension, lines=lines)


def _label(dimension: Dimension, key: str) -> str:
    if dimension == "month":
        return date.fromisoformat(f"{key}-01").strftime("%B %Y")
    return "Unknown" if key == UNKNOWN else key


def name_of(session: Session, actor: Actor) -> str:
    """Whom a report is about."""
    if actor.operator:
        return "All organisations"
    return name_of_organisation(session, actor.organisation_id)


def name_of_organisation(session: Session, organisation_id: UUID) -> str:
    """What an organisation is called, for headings."""
    found = session.get(OrganisationName, organisation_id)
    return found.name if found is not None else "Unknown organisation"


def positions_covered(session: Session) -> Iterable[Covered]:
    """How far the logs of others are in what is counted."""
    for source in LISTENS_TO:
        for partition in range(PARTITIONS):
            at = read_cursor(session, Place(SERVICE, source, partition))
            yield Covered(source=source, partition=partition, position=at.position)
