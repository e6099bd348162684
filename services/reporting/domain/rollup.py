"""Sums of services kept as they are delivered, so that a month costs a report the same whatever lies behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain import shares
from services.reporting.domain.base import Base

UNKNOWN = "unknown"
WHOLE = ""
"""The grant of the rows that count an organisation's services whoever paid; and the cell of a category's totals."""
PERSON, NATIONALITY, LEGAL_STATUS, PLACE, MODALITY, OTHER_GRANT = "cnlpmg"
"""What a cell is of, by its first letter: `c|female|18-49|with`, `n|SYR`, `p|SY02`; `g|…`: another grant that paid for
a part. What is unknown has no cell: it is what the others leave of the total."""


class ServiceRollup(Base):
    """The sums of one organisation, grant, month, category and cell. Shares are in millionths."""

    __tablename__ = "service_rollup"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    grant: Mapped[str] = mapped_column(Text, primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day."""
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    cell: Mapped[str] = mapped_column(Text, primary_key=True)
    services: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(BigInteger)
    people: Mapped[int] = mapped_column(BigInteger)
    unlinked: Mapped[int] = mapped_column(BigInteger)
    services_share: Mapped[int] = mapped_column(BigInteger)
    quantity_share: Mapped[int] = mapped_column(BigInteger)
    people_share: Mapped[int] = mapped_column(BigInteger)


class Sums(NamedTuple):
    """What one cell adds up."""

    services: int = 0
    quantity: int = 0
    people: int = 0
    unlinked: int = 0
    services_share: int = 0
    quantity_share: int = 0
    people_share: int = 0


SUMS = Sums._fields
Group = tuple[UUID, str, date, str]
"""Organisation, grant, month, category."""
ByCell = dict[str, list[int]]
"""Cell → its sums, in the order of `Sums`."""


def sum_up(kept: dict[Group, ByCell], fact: Mapping[str, Any], sign: int = 1) -> None:
    """Add what a row of `served_fact` counts, to its organisation and to each grant that paid for a part of it; with
    `sign` −1, take it away again."""
    organisation, month, category = fact["organisation_id"], fact["delivered_on"].replace(day=1), fact["category"]
    whole = sign, sign * fact["quantity"], sign * fact["people"], sign * fact["unlinked"]
    cells = _cells(fact, sign, whole)
    paid = shares.read(fact["shares"])
    for grant, share in ((WHOLE, 0), *paid.items()):
        group = kept.setdefault((organisation, grant, month, category), {})
        add(group, WHOLE, (*whole, whole[0] * share, whole[1] * share, whole[2] * share))
        for cell, sums in cells:
            add(group, cell, sums)
        for other in paid if grant != WHOLE else ():
            if other != grant:
                add(group, f"{OTHER_GRANT}|{other}", (sign, 0, 0, 0, 0, 0, 0))


def add(group: ByCell, cell: str, sums: Sequence[int]) -> None:
    """Add the sums to the cell's."""
    kept = group.get(cell)
    if kept is None:
        group[cell] = list(sums)
    else:
        for index, more in enumerate(sums):
            kept[index] += more


def _cells(fact: Mapping[str, Any], sign: int, whole: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """The cells of one delivery, but for its totals; a cell may come twice."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for sex, age, disability, nationality, legal_status, people, unlinked in from_json(fact["cells"]):
        sums = 0, 0, sign * people, sign * unlinked, 0, 0, 0
        if not sex == age == disability == UNKNOWN:
            found.append((f"{PERSON}|{sex}|{age}|{disability}", sums))
        if nationality is not None:
            found.append((f"{NATIONALITY}|{nationality}", sums))
        if legal_status is not None:
            found.append((f"{LEGAL_STATUS}|{legal_status}", sums))
    for letter, code in ((PLACE, fact["place"]), (MODALITY, fact["modality"])):
        if code is not None:
            found.append((f"{letter}|{code}", (*whole, 0, 0, 0)))
    return found
