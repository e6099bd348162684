"""Donors, grants, budgets and what was spent: always through `visible_to(actor)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from services.reporting.domain import BudgetLine, Donor, Expenditure, Grant, LedgerImport, Schedule, Target
from shared.access import Act, Actor, require, visible_to
from shared.errors import NotFound

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])
Kept = TypeVar("Kept", Donor, Grant, Schedule, LedgerImport)
ZERO = Decimal("0.00")


def locked(statement: Rows) -> Rows:
    """The statement, whose rows stay locked until the transaction ends, and are told as they are once locked."""
    return statement.with_for_update().execution_options(populate_existing=True)


def donors(session: Session, actor: Actor) -> Sequence[Donor]:
    """The organisation's donors, by name. Raises `NotAllowed`, as all of these."""
    require(actor, Act.READ_GRANTS)
    return session.scalars(select(Donor).where(visible_to(actor, Donor.organisation_id)).order_by(Donor.name)).all()


def donor(session: Session, actor: Actor, donor_id: UUID, *, lock: bool = False) -> Donor:
    """One of them; raises `NotFound`."""
    return _one(session, actor, Donor, donor_id, lock, "donor")


def grants(session: Session, actor: Actor) -> Sequence[Grant]:
    """The organisation's grants and pledges, by number."""
    require(actor, Act.READ_GRANTS)
    return session.scalars(select(Grant).where(visible_to(actor, Grant.organisation_id)).order_by(Grant.number)).all()


def grant(session: Session, actor: Actor, grant_id: UUID, *, lock: bool = False) -> Grant:
    """One of them; raises `NotFound`."""
    return _one(session, actor, Grant, grant_id, lock, "grant")


def grant_numbered(session: Session, actor: Actor, number: str) -> Grant:
    """The one of this number; raises `NotFound`."""
    require(actor, Act.READ_GRANTS)
    found: Grant | None = session.scalar(
        select(Grant).where(Grant.number == number, visible_to(actor, Grant.organisation_id))
    )
    if found is None:
        raise NotFound("There is no grant of this number: `kinbridge grant list` shows those that there are.")
    return found


def donor_of(session: Session, grant: Grant) -> Donor:
    """Who gave a grant that was read through `grant`."""
    return session.scalars(select(Donor).where(Donor.id == grant.donor_id)).one()


def budget_of(session: Session, grant_id: UUID) -> Sequence[BudgetLine]:
    """The lines of the budget of a grant that was read through `grant`, in its order."""
    return session.scalars(
        select(BudgetLine).where(BudgetLine.grant_id == grant_id).order_by(BudgetLine.order, BudgetLine.code)
    ).all()


def targets_of(session: Session, grant_id: UUID) -> Sequence[Target]:
    """What a grant that was read through `grant` is to reach, in its order: these are its indicators."""
    return session.scalars(select(Target).where(Target.grant_id == grant_id).order_by(Target.order)).all()


def schedules_of(session: Session, grant_id: UUID) -> Sequence[Schedule]:
    """When reports of a grant that was read through `grant` are due."""
    return session.scalars(select(Schedule).where(Schedule.grant_id == grant_id).order_by(Schedule.id)).all()


def schedule(session: Session, actor: Actor, schedule_id: UUID, *, lock: bool = False) -> Schedule:
    """One schedule; raises `NotFound`."""
    return _one(session, actor, Schedule, schedule_id, lock, "schedule")


def imports_of(session: Session, grant_id: UUID) -> Sequence[LedgerImport]:
    """The files of the ledger of a grant that was read through `grant`, the newest first."""
    return session.scalars(
        select(LedgerImport).where(LedgerImport.grant_id == grant_id).order_by(LedgerImport.id.desc())
    ).all()


def ledger_import(session: Session, actor: Actor, import_id: UUID, *, lock: bool = False) -> LedgerImport:
    """One of them; raises `NotFound`."""
    return _one(session, actor, LedgerImport, import_id, lock, "import of expenditures")


def entries_of(
    session: Session, grant_id: UUID, line: str, first: date, last: date, signed_until: datetime | None
) -> Sequence[tuple[Expenditure, LedgerImport]]:
    """The signed rows of the ledger behind one figure of `finance`, in their order: those that were signed up to a
    moment, or all."""
    when = LedgerImport.signed_at.is_not(None) if signed_until is None else LedgerImport.signed_at <= signed_until
    rows = session.execute(
        select(Expenditure, LedgerImport)
        .join(LedgerImport, LedgerImport.id == Expenditure.import_id)
        .where(Expenditure.grant_id == grant_id, Expenditure.line == line, Expenditure.spent_on.between(first, last))
        .where(when)
        .order_by(Expenditure.spent_on, LedgerImport.imported_at, Expenditure.row)
    )
    return [(entry, file) for entry, file in rows]


@dataclass(frozen=True)
class LineSpent:
    """One line of a budget and what was spent of it, in the grant's currency."""

    code: str
    title: str
    budget: Decimal
    in_period: Decimal
    to_date: Decimal
    """From the grant's first entry to the period's last day."""


@dataclass(frozen=True)
class Finance:
    """What was spent of a grant: of each line, what a finance officer has signed. `unsigned` counts the rows of the
    ledger up to the period's last day that nobody has signed, and that are in no sum."""

    lines: tuple[LineSpent, ...]
    unsigned: int


def finance(session: Session, grant_id: UUID, first: date, last: date) -> Finance:
    """Of a grant that was read through `grant`, over a period of which both days are included."""
    signed = LedgerImport.signed_at.is_not(None)
    until = _spent(session, grant_id, and_(signed, Expenditure.spent_on <= last))
    within = _spent(session, grant_id, and_(signed, Expenditure.spent_on >= first, Expenditure.spent_on <= last))
    lines = tuple(
        LineSpent(one.code, one.title, one.amount, within.get(one.code, ZERO), until.get(one.code, ZERO))
        for one in budget_of(session, grant_id)
    )
    unsigned = session.scalar(
        select(func.count())
        .select_from(Expenditure)
        .join(LedgerImport, LedgerImport.id == Expenditure.import_id)
        .where(Expenditure.grant_id == grant_id, Expenditure.spent_on <= last, LedgerImport.signed_at.is_(None))
    )
    return Finance(lines, unsigned or 0)


def _spent(session: Session, grant_id: UUID, condition: Any) -> Mapping[str, Decimal]:
    rows = session.execute(
        select(Expenditure.line, func.sum(Expenditure.converted))
        .join(LedgerImport, LedgerImport.id == Expenditure.import_id)
        .where(Expenditure.grant_id == grant_id, condition)
        .group_by(Expenditure.line)
    )
    return {line: spent for line, spent in rows}


def _one(session: Session, actor: Actor, kept: type[Kept], row_id: UUID, lock: bool, called: str) -> Kept:
    require(actor, Act.READ_GRANTS)
    statement = select(kept).where(kept.id == row_id, visible_to(actor, kept.organisation_id))
    found: Kept | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound(f"There is no such {called}.")
    return found
