"""What is intake's own in an operator's commands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select

from services.intake.admin.keys import RENEWALS
from services.intake.audit import verify_views
from services.intake.commands.protection import erase_again
from services.intake.domain import Base, Erasure
from services.intake.queries import protection
from services.intake.settings import LISTENS_TO, SERVICE
from services.intake.subscribers import PROJECTED, PROJECTIONS, REACTIONS
from shared.database import reading
from shared.messaging.consumer import Subscriptions
from shared.operators.erasure_check import Told
from shared.operators.operations import Service


def check_audit(engine: Engine) -> dict[str, Any]:
    """The trail of who read whose data."""
    seen = verify_views(engine)
    return {"views": seen.views, "faults": [vars(one) for one in seen.faults]}


def told_of(engine: Engine, person_id: UUID) -> Told:
    """What intake knows of a person's erasure."""
    proposed = select(Erasure.id).where(Erasure.person_id == person_id, Erasure.declined_at.is_(None))
    with reading(engine) as session:
        return Told(
            proposed=session.scalar(proposed.limit(1)) is not None,
            cases=frozenset(case.id for case in protection.cases_of(session, [person_id])),
            confirmed=frozenset((one.service, one.case_id) for one in protection.confirmations(session, person_id)),
        )


OPERATED = Service(
    SERVICE,
    LISTENS_TO,
    Subscriptions(PROJECTIONS, REACTIONS),
    PROJECTED,
    Base.metadata,
    erase_again,
    RENEWALS,
    check_audit,
    told_of,
)
