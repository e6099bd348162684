"""A grant or pledge: what it pays for, what it is to reach, and what was spent of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base
from services.reporting.domain.columns import JSON_DOCUMENT, Exact, Hundredths
from shared.errors import Conflict, InvalidInput

GrantKind = Literal["grant", "pledge"]
AgeScheme = Literal["unhcr", "ifrc", "sphere"]
FIXED_ONCE_PUBLISHED = ("number", "currency", "time_zone", "age_scheme", "starts_on")
"""What a published figure was counted by: changed later, the next report would not go on from the last one."""
CENT = Decimal("0.01")


class Grant(Base):
    """Money for a purpose and a time. Its indicators are those that have a `Target`."""

    __tablename__ = "donor_grant"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        Index("ix_donor_grant_donor_organisation_id", "donor_organisation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    """Whose reports are made of it."""
    number: Mapped[str] = mapped_column(Text)
    """The code by which services delivered name it."""
    title: Mapped[str] = mapped_column(Text)
    donor_id: Mapped[UUID] = mapped_column(ForeignKey("donor.id"))
    donor_organisation_id: Mapped[UUID | None]
    """The donor's own organisation in the hub, whose readers are shown what is published of it; None: it has none."""
    kind: Mapped[str] = mapped_column(Text)
    """A `GrantKind`."""
    themes: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    countries: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    """ISO 3166-1 alpha-3; empty: everywhere."""
    frameworks: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    """Tags such as `SDG 10.7` and `GCM 8`."""
    sections: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    """The sections that its reports need, of `report.SECTIONS`."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    time_zone: Mapped[str] = mapped_column(Text)
    """IANA; days of moments are cut in it."""
    currency: Mapped[str] = mapped_column(Text)
    """ISO 4217; of the budget and of everything reported."""
    age_scheme: Mapped[str] = mapped_column(Text)
    """An `AgeScheme`."""
    version: Mapped[int]
    """1 when made, one more with each change: the ETag."""
    made_at: Mapped[datetime]

    def holds(self, first: date, last: date) -> None:
        """Raises `InvalidInput` for a period that is not wholly between the grant's first and last day."""
        if first > last:
            raise InvalidInput("The period ends before it begins: exchange its two days.")
        if first < self.starts_on or last > self.ends_on:
            raise InvalidInput(
                f"The grant runs from {self.starts_on} to {self.ends_on}: choose a period that lies in this time."
            )

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the grant's time zone."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def cut(self, first: date, last: date) -> tuple[date, date]:
        """What of a period lies in the grant's time; the period itself where nothing does."""
        begin, end = max(first, self.starts_on), min(last, self.ends_on)
        return (begin, end) if begin <= end else (first, last)

    def refuse_change(self, changed: frozenset[str], *, published: bool) -> None:
        """Raises `Conflict` where a change would make published figures and coming ones differ in kind."""
        fixed = sorted(changed & set(FIXED_ONCE_PUBLISHED))
        if published and fixed:
            raise Conflict(
                f"Reports of this grant are published: {', '.join(fixed)} can no longer change. "
                "Open a new grant for it."
            )


class BudgetLine(Base):
    """What is budgeted for one purpose, in the grant's currency."""

    __tablename__ = "budget_line"

    grant_id: Mapped[UUID] = mapped_column(ForeignKey("donor_grant.id"), primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    """As the ledger calls it."""
    organisation_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Hundredths)
    order: Mapped[int]


class Target(Base):
    """What a grant is to reach by one indicator."""

    __tablename__ = "target"

    grant_id: Mapped[UUID] = mapped_column(ForeignKey("donor_grant.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(Text, primary_key=True)
    """Its code."""
    organisation_id: Mapped[UUID]
    baseline: Mapped[Decimal | None] = mapped_column(Exact)
    target: Mapped[Decimal | None] = mapped_column(Exact)
    """None: it is reported without one."""
    order: Mapped[int]


class LedgerImport(Base):
    """A file of the ledger that somebody brought in. Its rows count once a second person has signed them."""

    __tablename__ = "ledger_import"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("donor_grant.id"), index=True)
    organisation_id: Mapped[UUID]
    digest: Mapped[str] = mapped_column(Text)
    """SHA-256 of the file, in hexadecimal digits."""
    imported_at: Mapped[datetime]
    imported_by: Mapped[UUID | None]
    """A user; None: the organisation's system."""
    rows: Mapped[int]
    taken: Mapped[int]
    known: Mapped[int]
    """Rows of an earlier file: a ledger is exported again as it grows."""
    refused: Mapped[int]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[UUID | None]
    signed_role: Mapped[str | None] = mapped_column(Text)

    def sign(self, user: UUID, role: str, now: datetime) -> None:
        """A finance officer answers for these rows. Raises `Conflict` for who brought them in, and a second time."""
        if self.signed_at is not None:
            raise Conflict("These expenditures are signed already.")
        if self.imported_by == user:
            raise Conflict("Two people see to expenditures: another than the one who brought them in signs them.")
        self.signed_at, self.signed_by, self.signed_role = now, user, role


class Expenditure(Base):
    """One row of the ledger. A negative amount takes an earlier one back."""

    __tablename__ = "expenditure"
    __table_args__ = (
        UniqueConstraint("grant_id", "fingerprint"),
        Index("ix_expenditure_grant_id", "grant_id", "spent_on"),
        Index("ix_expenditure_import_id", "import_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("donor_grant.id"))
    import_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_import.id"))
    organisation_id: Mapped[UUID]
    fingerprint: Mapped[str] = mapped_column(Text)
    """SHA-256 of what the row says, and of how many rows before it in its file say the same."""
    row: Mapped[int]
    """Of the file; the header is row 1."""
    line: Mapped[str] = mapped_column(Text)
    """Code of a `BudgetLine`."""
    spent_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Exact)
    currency: Mapped[str] = mapped_column(Text)
    rate: Mapped[Decimal] = mapped_column(Exact)
    """Units of the grant's currency for one of `currency`."""
    converted: Mapped[Decimal] = mapped_column(Hundredths)
    """In the grant's currency, rounded as the function `converted` says."""


def converted(amount: Decimal, rate: Decimal) -> Decimal:
    """An amount in the grant's currency: each row is rounded by itself to hundredths, halves away from zero, and sums
    are sums of these; so an auditor who adds up the rows gets the report's figure."""
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)
