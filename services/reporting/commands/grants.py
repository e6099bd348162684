"""Donors and grants are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.reporting.domain import (
    BudgetLine,
    Donor,
    Expenditure,
    Grant,
    OrganisationName,
    ReportIssue,
    Schedule,
    Target,
)
from services.reporting.indicators import INDICATORS
from services.reporting.queries import grants as found
from services.reporting.schemas.grants import (
    BudgetLineIn,
    DonorIn,
    GrantFile,
    GrantIn,
    GrantTerms,
    ScheduleIn,
    TargetIn,
)
from shared.access import Act, Actor, require, visible_to
from shared.database import utc_now, uuid7
from shared.errors import Conflict, FieldError, InvalidInput, Stale, pointer

_PLAIN = (
    "number",
    "title",
    "kind",
    "donor_organisation_id",
    "starts_on",
    "ends_on",
    "time_zone",
    "currency",
    "age_scheme",
)
_LISTS = ("themes", "countries", "frameworks", "sections")


def add_donor(session: Session, actor: Actor, asked: DonorIn) -> Donor:
    """Keep a donor. Raises `Conflict` where one of this name is kept."""
    require(actor, Act.KEEP_GRANTS)
    if _donor_named(session, actor, asked.name) is not None:
        raise Conflict("A donor of this name is kept already: change that one.")
    row = Donor(id=uuid7(), organisation_id=actor.organisation_id, version=1, made_at=utc_now(), **_of_donor(asked))
    session.add(row)
    session.flush()
    return row


def change_donor(session: Session, actor: Actor, donor_id: UUID, asked: DonorIn, expected: int | None) -> Donor:
    """Its words from now on. Raises `NotFound`, `Stale`, and `Conflict` where another donor has this name."""
    require(actor, Act.KEEP_GRANTS)
    row = found.donor(session, actor, donor_id, lock=True)
    check_version(row.version, expected)
    other = _donor_named(session, actor, asked.name)
    if other is not None and other.id != row.id:
        raise Conflict("Another donor has this name.")
    for name, value in _of_donor(asked).items():
        setattr(row, name, value)
    row.version += 1
    session.flush()
    return row


def add_grant(session: Session, actor: Actor, asked: GrantIn) -> Grant:
    """Keep a grant with its budget and targets. Raises `Conflict` where its number is taken, `InvalidInput`."""
    require(actor, Act.KEEP_GRANTS)
    _check_donor(session, actor, asked)
    _check_number(session, actor, asked.number, None)
    row = Grant(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        donor_id=asked.donor_id,
        version=1,
        made_at=utc_now(),
        **_of_grant(asked),
    )
    session.add(row)
    session.flush()
    _write_budget(session, row, asked.budget)
    _write_targets(session, row, asked.targets)
    return row


def add_grant_of_file(session: Session, actor: Actor, asked: GrantFile) -> Grant:
    """Keep a grant, its donor, which may be known by name, and its schedule. Raises as `add_grant`."""
    donor = _donor_named(session, actor, asked.donor.name) or add_donor(session, actor, asked.donor)
    terms = {name: getattr(asked, name) for name in GrantTerms.model_fields}
    row = add_grant(session, actor, GrantIn(donor_id=donor.id, **terms))
    if asked.schedule is not None:
        add_schedule(session, actor, row.id, asked.schedule)
    return row


def change_grant(session: Session, actor: Actor, grant_id: UUID, asked: GrantIn, expected: int | None) -> Grant:
    """Its terms, budget and targets from now on, as a whole. Raises `NotFound`, `Stale`, `InvalidInput`, and `Conflict`
    for what published reports, or expenditures that were brought in, rest upon."""
    require(actor, Act.KEEP_GRANTS)
    row = found.grant(session, actor, grant_id, lock=True)
    check_version(row.version, expected)
    _check_donor(session, actor, asked)
    _check_number(session, actor, asked.number, row.id)
    now = _of_grant(asked)
    changed = frozenset(name for name, value in now.items() if getattr(row, name) != value)
    row.refuse_change(changed, published=_is_published(session, row.id))
    _keep_what_is_spent(session, row, asked)
    for name, value in now.items():
        setattr(row, name, value)
    row.donor_id, row.version = asked.donor_id, row.version + 1
    _write_budget(session, row, asked.budget)
    _write_targets(session, row, asked.targets)
    session.flush()
    return row


def add_schedule(session: Session, actor: Actor, grant_id: UUID, asked: ScheduleIn) -> Schedule:
    """From now on reports of the grant become due by it. Raises `NotFound`, `InvalidInput`."""
    require(actor, Act.KEEP_GRANTS)
    grant = found.grant(session, actor, grant_id)
    row = Schedule(
        id=uuid7(),
        grant_id=grant.id,
        organisation_id=grant.organisation_id,
        version=1,
        **_of_schedule(grant, asked),
    )
    session.add(row)
    session.flush()
    return row


def change_schedule(
    session: Session, actor: Actor, schedule_id: UUID, asked: ScheduleIn, expected: int | None
) -> Schedule:
    """It says so from now on; reports that are due stay. Raises `NotFound`, `Stale`, `InvalidInput`."""
    require(actor, Act.KEEP_GRANTS)
    row = found.schedule(session, actor, schedule_id, lock=True)
    check_version(row.version, expected)
    for name, value in _of_schedule(found.grant(session, actor, row.grant_id), asked).items():
        setattr(row, name, value)
    row.version += 1
    session.flush()
    return row


def check_version(version: int, expected: int | None) -> None:
    """Raises `Stale` where another version was read."""
    if expected is not None and expected != version:
        raise Stale("Somebody changed this meanwhile: read it again, and repeat what you did.")


def _donor_named(session: Session, actor: Actor, name: str) -> Donor | None:
    return session.scalar(select(Donor).where(Donor.name == name, visible_to(actor, Donor.organisation_id)))


def _of_donor(asked: DonorIn) -> dict[str, Any]:
    return {"name": asked.name, "donor_group": asked.group, "kind": asked.kind, "country": asked.country}


def _of_grant(asked: GrantTerms) -> dict[str, Any]:
    lists = {name: list(dict.fromkeys(getattr(asked, name))) for name in _LISTS}
    return {name: getattr(asked, name) for name in _PLAIN} | lists


def _of_schedule(grant: Grant, asked: ScheduleIn) -> dict[str, Any]:
    for first, last in asked.periods:
        grant.holds(first, last)
    return {
        "every": asked.every,
        "periods": [[first.isoformat(), last.isoformat()] for first, last in asked.periods],
        "due_days": asked.due_days,
        "remind_days": sorted(set(asked.remind_days), reverse=True),
        "active": asked.active,
    }


def _check_donor(session: Session, actor: Actor, asked: GrantIn) -> None:
    known = select(Donor.id).where(Donor.id == asked.donor_id, visible_to(actor, Donor.organisation_id))
    if session.scalar(known) is None:
        unknown = FieldError(pointer(("donor_id",)), "unknown_donor", "Your organisation keeps no such donor.")
        raise InvalidInput("This donor is not kept: add it first.", (unknown,))
    theirs = asked.donor_organisation_id
    if theirs is not None and session.get(OrganisationName, theirs) is None:
        where = pointer(("donor_organisation_id",))
        no_member = FieldError(where, "unknown_organisation", "The hub has no such organisation.")
        raise InvalidInput("The donor's organisation must be one of the hub, or left out.", (no_member,))


def _check_number(session: Session, actor: Actor, number: str, own: UUID | None) -> None:
    taken = session.scalar(select(Grant.id).where(Grant.number == number, visible_to(actor, Grant.organisation_id)))
    if taken is not None and taken != own:
        raise Conflict("A grant of this number is kept already: change that one, or give this one another number.")


def _is_published(session: Session, grant_id: UUID) -> bool:
    return session.scalar(select(ReportIssue.number).where(ReportIssue.grant_id == grant_id).limit(1)) is not None


def _keep_what_is_spent(session: Session, row: Grant, asked: GrantIn) -> None:
    used = set(session.scalars(select(Expenditure.line).where(Expenditure.grant_id == row.id).distinct()))
    if used and asked.currency != row.currency:
        raise Conflict("Expenditures were brought in at rates to this grant's currency: it can no longer change.")
    if not used <= {one.code for one in asked.budget}:
        raise Conflict("Expenditures stand on a line that this budget leaves out: keep the line.")


def _write_budget(session: Session, row: Grant, lines: Iterable[BudgetLineIn]) -> None:
    session.execute(delete(BudgetLine).where(BudgetLine.grant_id == row.id))
    session.add_all(
        BudgetLine(
            grant_id=row.id,
            organisation_id=row.organisation_id,
            code=one.code,
            title=one.title,
            amount=one.amount,
            order=order,
        )
        for order, one in enumerate(lines)
    )
    session.flush()


def _write_targets(session: Session, row: Grant, targets: Iterable[TargetIn]) -> None:
    asked = list(targets)
    _check_indicators(asked)
    session.execute(delete(Target).where(Target.grant_id == row.id))
    session.add_all(
        Target(
            grant_id=row.id,
            organisation_id=row.organisation_id,
            indicator=one.indicator,
            baseline=one.baseline,
            target=one.target,
            order=order,
        )
        for order, one in enumerate(asked)
    )
    session.flush()


def _check_indicators(asked: Iterable[TargetIn]) -> None:
    unknown = tuple(
        FieldError(
            pointer(("targets", number, "indicator")), "unknown_indicator", "There is no indicator of this code."
        )
        for number, one in enumerate(asked)
        if one.indicator not in INDICATORS
    )
    if unknown:
        raise InvalidInput("Some indicators are not known; each is named in `errors`.", unknown)
