"""How what passes between organisations went: how much was offered, what was answered, and how fast."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.reporting.domain import PassedFact
from services.reporting.queries import Period, name_of, positions_covered
from services.reporting.schemas import PassedFigures, PassedSide, ReferralReport
from shared.access import Actor, counted_for


def referral_report(session: Session, actor: Actor, period: Period, *, now: datetime) -> ReferralReport:
    """The referrals and the transfers that the actor's organisation sent, and those that it received, offered in the
    period (UTC).

    These are figures of an organisation's own work, for itself: they are not suppressed, and so are not to be published
    (DESIGN §1.8: a published figure about people served has a threshold of 5). An operator gets those of every
    organisation. To be read in one snapshot: the report names the positions that it covers.
    """
    return ReferralReport(
        organisation=name_of(session, actor),
        date_from=period.first,
        date_to=period.last,
        generated_at=now,
        sent=_side(session, actor, PassedFact.organisation_id, "referral", period),
        received=_side(session, actor, PassedFact.receiver_id, "referral", period),
        transfers_sent=_side(session, actor, PassedFact.organisation_id, "transfer", period),
        transfers_received=_side(session, actor, PassedFact.receiver_id, "transfer", period),
        covers=tuple(positions_covered(session)),
    )


@dataclass(frozen=True)
class _Passed:
    service: str | None
    answer: str | None
    declined_for: str | None
    outcome: str | None
    took: timedelta | None


def _side(
    session: Session, actor: Actor, whose: InstrumentedAttribute[UUID], family: str, period: Period
) -> PassedSide:
    rows = [_passed(row) for row in session.execute(_of(actor, whose, family, period))]
    by_service: dict[str, list[_Passed]] = defaultdict(list)
    for row in rows:
        if row.service is not None:
            by_service[row.service].append(row)
    return PassedSide(
        total=_figures(rows), by_service={service: _figures(of) for service, of in sorted(by_service.items())}
    )


def _of(actor: Actor, whose: InstrumentedAttribute[UUID], family: str, period: Period) -> Any:
    begins = datetime.combine(period.first, time(), UTC)
    ends = datetime.combine(period.last, time(), UTC) + timedelta(days=1)
    return select(
        PassedFact.service,
        PassedFact.answer,
        PassedFact.declined_for,
        PassedFact.outcome,
        PassedFact.offered_at,
        PassedFact.answered_at,
    ).where(
        counted_for(actor, whose),
        PassedFact.family == family,
        PassedFact.offered_at >= begins,
        PassedFact.offered_at < ends,
    )


def _passed(row: Any) -> _Passed:
    took = row.answered_at - row.offered_at if row.answered_at is not None else None
    return _Passed(row.service, row.answer, row.declined_for, row.outcome, took)


def _figures(rows: Sequence[_Passed]) -> PassedFigures:
    answers = Counter(row.answer for row in rows)
    unanswered = Counter(row.outcome for row in rows if row.answer is None)
    times = sorted(row.took for row in rows if row.took is not None)
    return PassedFigures(
        offered=len(rows),
        accepted=answers["accepted"],
        declined=answers["declined"],
        declined_for=dict(
            sorted(Counter(row.declined_for or "unknown" for row in rows if row.answer == "declined").items())
        ),
        returned_unanswered=unanswered["expired"],
        taken_back=unanswered["revoked"],
        waiting=unanswered[None],
        completed=sum(row.outcome == "completed" for row in rows),
        answer_seconds_median=_rank(times, 50),
        answer_seconds_p90=_rank(times, 90),
    )


def _rank(times: Sequence[timedelta], percent: int) -> int | None:
    """The smallest of these times, in seconds, that at least so many per cent of them do not exceed (nearest rank)."""
    if not times:
        return None
    return int(times[-(-len(times) * percent // 100) - 1].total_seconds())
