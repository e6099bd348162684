"""How matches went: how many were proposed to whom, and what became of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.domain import MatchFact
from services.reporting.queries import Period, name_of, positions_covered
from services.reporting.schemas import MatchFigures, MatchReport
from shared.access import Actor, counted_for


def match_report(session: Session, actor: Actor, period: Period, *, now: datetime) -> MatchReport:
    """The matches that the actor's organisation holds the found person of, and those of its tracing requests, that it
    learnt of in the period (UTC): of the latter none before its release.

    Figures of an organisation's own work, for itself: not suppressed, and so not to be published. An operator gets
    those of every organisation. To be read in one snapshot: the report names the positions that it covers.
    """
    return MatchReport(
        organisation=name_of(session, actor),
        date_from=period.first,
        date_to=period.last,
        generated_at=now,
        as_holder=_figures(session, actor, "holder", period),
        as_enquirer=_figures(session, actor, "enquirer", period),
        covers=tuple(positions_covered(session)),
    )


def _figures(session: Session, actor: Actor, side: str, period: Period) -> MatchFigures:
    begins = datetime.combine(period.first, time(), UTC)
    ends = datetime.combine(period.last, time(), UTC) + timedelta(days=1)
    rows = session.execute(
        select(MatchFact.state, MatchFact.band, MatchFact.released_at, MatchFact.rejected_for).where(
            counted_for(actor, MatchFact.organisation_id),
            MatchFact.side == side,
            MatchFact.begun_at >= begins,
            MatchFact.begun_at < ends,
        )
    ).all()
    states = Counter(row.state for row in rows)
    reasons = Counter(row.rejected_for or "unknown" for row in rows if row.state == "rejected")
    return MatchFigures(
        begun=len(rows),
        released=sum(row.released_at is not None for row in rows),
        confirmed=states["confirmed"],
        rejected=states["rejected"],
        rejected_for=dict(sorted(reasons.items())),
        withdrawn=states["withdrawn"],
        waiting=states["proposed"] + states["released"],
        by_band=dict(sorted(Counter(row.band for row in rows).items())),
    )
