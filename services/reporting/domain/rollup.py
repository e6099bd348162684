"""Sums of services kept as they are delivered, so that a month costs a report the same whatever lies behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

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
Key = tuple[UUID, str, date, str, str]
"""Organisation, grant, month, category, cell."""


def added(kept: dict[Any, Sums], key: Any, sums: Sequence[int]) -> None:
    """Add to what is kept under the key."""
    before = kept.get(key)
    kept[key] = Sums(*sums) if before is None else Sums(*map(int.__add__, before, sums))


def contributions(fact: Mapping[str, Any], sign: int = 1) -> Iterator[tuple[Key, Sums]]:
    """What a row of `served_fact` adds to the rollups; with `sign` −1, what it takes away again."""
    organisation, month, category = fact["organisation_id"], fact["delivered_on"].replace(day=1), fact["category"]
    cells = cells_of(fact, sign)
    counted = sign, sign * fact["quantity"], sign * fact["people"], sign * fact["unlinked"]
    paid = shares.read(fact["shares"])
    for grant, share in {WHOLE: 0, **paid}.items():
        yield (
            (organisation, grant, month, category, WHOLE),
            Sums(*counted, counted[0] * share, counted[1] * share, counted[2] * share),
        )
        for cell, sums in cells:
            yield (organisation, grant, month, category, cell), sums
        for other in paid:
            if grant not in (WHOLE, other):
                yield (organisation, grant, month, category, f"{OTHER_GRANT}|{other}"), Sums(services=sign)


def cells_of(fact: Mapping[str, Any], sign: int = 1) -> list[tuple[str, Sums]]:
    """The cells of one delivery, but for its totals."""
    found: dict[str, Sums] = {}
    for sex, age, disability, nationality, legal_status, people, unlinked in json.loads(fact["cells"]):
        sums = Sums(people=sign * people, unlinked=sign * unlinked)
        if (sex, age, disability) != (UNKNOWN, UNKNOWN, UNKNOWN):
            added(found, f"{PERSON}|{sex}|{age}|{disability}", sums)
        if nationality is not None:
            added(found, f"{NATIONALITY}|{nationality}", sums)
        if legal_status is not None:
            added(found, f"{LEGAL_STATUS}|{legal_status}", sums)
    whole = Sums(sign, sign * fact["quantity"], sign * fact["people"], sign * fact["unlinked"])
    for letter, code in ((PLACE, fact["place"]), (MODALITY, fact["modality"])):
        if code is not None:
            found[f"{letter}|{code}"] = whole
    return list(found.items())
