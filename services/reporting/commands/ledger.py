"""Reading a file of the ledger: CSV with the columns line, date, amount, currency, rate, and perhaps reference.

Every row is understood or refused by itself; a refusal names the row, the column, a reason that never changes its
meaning, and what to do. It never repeats what a cell holds.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from services.reporting.domain.grant import Grant, converted
from shared.errors import InvalidInput

NEEDED = ("line", "date", "amount", "currency", "rate")
KNOWN = (*NEEDED, "reference")
LARGEST = Decimal(10) ** 12
Reason = Literal[
    "wrong_number_of_cells",
    "missing_value",
    "unknown_line",
    "unknown_date",
    "outside_grant",
    "day_ahead",
    "not_a_number",
    "zero",
    "out_of_range",
    "unknown_currency",
    "rate_of_own_currency",
    "too_long",
]
MESSAGES: dict[Reason, str] = {
    "wrong_number_of_cells": "This row has not as many cells as the header. Check its separators.",
    "missing_value": "This cell is empty but needed. Fill it in.",
    "unknown_line": "The grant's budget has no line of this code. Correct it, or add the line to the budget.",
    "unknown_date": "This is not a day that can be read for certain. Write it like 2026-07-31.",
    "outside_grant": "The grant does not run on this day. Book it on another grant, or change this one's days.",
    "day_ahead": "This day lies ahead. Bring the row in once the money is spent.",
    "not_a_number": (
        "This is not a number. Write digits with a point, such as 1250.50, without separators of thousands: four "
        "decimals at the most, of a rate ten."
    ),
    "zero": "An amount of zero says nothing. Leave the row out.",
    "out_of_range": "This figure is larger than can be right, or a rate is not above zero. Correct it.",
    "unknown_currency": "This is not a currency's code. Write three capital letters, such as EUR.",
    "rate_of_own_currency": "The amount is in the grant's own currency: its rate is 1, or left empty.",
    "too_long": "This text is too long. Shorten it to at most 60 characters.",
}


@dataclass(frozen=True)
class Refusal:
    """One thing that is wrong with a row. The header is row 1."""

    row: int
    field: str
    reason: Reason

    @property
    def message(self) -> str:
        """What to do."""
        return MESSAGES[self.reason]


@dataclass(frozen=True)
class Entry:
    """A row that was understood. `converted` is in the grant's currency."""

    row: int
    line: str
    spent_on: date
    amount: Decimal
    currency: str
    rate: Decimal
    converted: Decimal
    fingerprint: str


class _Bad(Exception):
    """A cell cannot be understood; only the reason is kept, never the text."""

    def __init__(self, field: str, reason: Reason) -> None:
        super().__init__(reason)
        self.field = field
        self.reason: Reason = reason


def read_ledger(content: bytes, grant: Grant, lines: Collection[str], today: date) -> Iterator[Entry | Refusal]:
    """Every row of the file, understood or refused. Raises `InvalidInput` where no row can be read.

    `lines` are the codes of the budget. Equal rows of one file are different expenditures, told apart by how many
    stand before them; a later export that begins with the same rows says nothing new with them.
    """
    rows = _rows(content)
    header = _header(next(rows, []))
    seen: Counter[tuple[str, ...]] = Counter()
    for number, cells in enumerate(rows, 2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            yield Refusal(number, "", "wrong_number_of_cells")
            continue
        try:
            entry = _entry(number, dict(zip(header, cells, strict=True)), grant, lines, today, seen)
        except _Bad as bad:
            yield Refusal(number, bad.field, bad.reason)
        else:
            yield entry


def _rows(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("The file is not text in UTF-8. Save it as 'CSV UTF-8' from your spreadsheet.") from None
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield [cell.strip() for cell in cells]
    except csv.Error:
        raise InvalidInput(
            f"The file cannot be read on near its line {reader.line_num}: its quotation marks do not fit, or a cell is "
            "far too long. Nothing was taken: save it as CSV again from your spreadsheet."
        ) from None


def _header(cells: list[str]) -> list[str]:
    names = [cell.casefold() for cell in cells]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise InvalidInput(f"The first row must name the columns {', '.join(NEEDED)}: {', '.join(missing)} is missing.")
    if len(set(names)) < len(names) or not set(names) <= set(KNOWN):
        raise InvalidInput(f"The first row must name each of these columns once, and no others: {', '.join(KNOWN)}.")
    return names


def _entry(
    number: int,
    cells: dict[str, str],
    grant: Grant,
    lines: Collection[str],
    today: date,
    seen: Counter[tuple[str, ...]],
) -> Entry:
    for field in ("line", "date", "amount", "currency"):
        if not cells[field]:
            raise _Bad(field, "missing_value")
    if cells["line"] not in lines:
        raise _Bad("line", "unknown_line")
    spent_on = _day(cells["date"], grant, today)
    amount = _amount(cells["amount"])
    currency = cells["currency"]
    if not _CURRENCY.fullmatch(currency):
        raise _Bad("currency", "unknown_currency")
    rate = _rate(cells["rate"], own=currency == grant.currency)
    reference = cells.get("reference", "")
    if len(reference) > 60:
        raise _Bad("reference", "too_long")
    said = (cells["line"], spent_on.isoformat(), _plain(amount), currency, _plain(rate), reference)
    seen[said] += 1
    fingerprint = hashlib.sha256("\0".join((*said, str(seen[said]))).encode()).hexdigest()
    in_grants_currency = converted(amount, rate)
    if abs(in_grants_currency) >= LARGEST:
        raise _Bad("rate", "out_of_range")
    return Entry(number, cells["line"], spent_on, amount, currency, rate, in_grants_currency, fingerprint)


def _day(cell: str, grant: Grant, today: date) -> date:
    if not _ISO_DAY.fullmatch(cell):
        raise _Bad("date", "unknown_date")
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        raise _Bad("date", "unknown_date") from None
    if not grant.starts_on <= day <= grant.ends_on:
        raise _Bad("date", "outside_grant")
    if day > today:
        raise _Bad("date", "day_ahead")
    return day


def _amount(cell: str) -> Decimal:
    if not _AMOUNT.fullmatch(cell):
        raise _Bad("amount", "not_a_number")
    amount = Decimal(cell)
    if not amount:
        raise _Bad("amount", "zero")
    if abs(amount) >= LARGEST:
        raise _Bad("amount", "out_of_range")
    return amount


def _rate(cell: str, *, own: bool) -> Decimal:
    if own and not cell:
        return Decimal(1)
    if not cell:
        raise _Bad("rate", "missing_value")
    if not _RATE.fullmatch(cell):
        raise _Bad("rate", "not_a_number")
    rate = Decimal(cell)
    if not rate or rate >= LARGEST:
        raise _Bad("rate", "out_of_range")
    if own and rate != 1:
        raise _Bad("rate", "rate_of_own_currency")
    return rate


def _plain(value: Decimal) -> str:
    """12.50 and 12.5 say the same."""
    return format(value.normalize(), "f")


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,4})?")
_RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,10})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
