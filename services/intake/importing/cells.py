"""What one cell of a file says. Cells come stripped; a blank one is the caller's business."""

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

from services.intake.casework.forms import FIRST_YEAR, LAST_YEAR
from services.intake.importing.refusals import Reason
from services.intake.schemas import INCIDENT_KINDS


class BadCell(Exception):
    """The cell cannot be understood; only the reason is kept, never the text."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def count_in(cell: str) -> int:
    """A whole number, written in decimal digits of any one script.

    '12.0' is 12, since programs write whole numbers so once a column has gaps; '1.000' and '1,234' are
    refused, for they mean 1 or 1000 depending on the country, and so is '1e3'. May be negative: the range
    is the model's to check. Raises BadCell `not_a_whole_number`; for more than nine digits at once
    `too_large` or `negative_count`.
    """
    if len(cell) < 10 and cell.isdecimal():
        return int(cell)
    number = _WHOLE_NUMBER.fullmatch(cell)
    if number is None:
        raise BadCell("not_a_whole_number")
    sign, digits = number.groups()
    if len(digits) > 9:
        raise BadCell("negative_count" if sign else "too_large")
    return -int(digits) if sign else int(digits)


def degrees_in(cell: str) -> float:
    """Decimal degrees, with a point or a comma. Raises BadCell `not_a_number`."""
    if not _DEGREES.fullmatch(cell):
        raise BadCell("not_a_number")
    return float(cell.replace(",", ".").replace("\u2212", "-"))


def year_in(cell: str) -> int:
    """A year of four digits. Raises BadCell `not_a_year`, or `out_of_range` for another one than the
    model takes."""
    if not _YEAR.fullmatch(cell):
        raise BadCell("not_a_year")
    year = int(cell[:4])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadCell("out_of_range")
    return year


def month_in(cell: str) -> int:
    """1 to 12, from an English name (June), its abbreviation (Jun, Sept.) or a number. Raises BadCell
    `unknown_month`."""
    month = _MONTHS.get(cell.casefold().removesuffix("."))
    if month is None:
        raise BadCell("unknown_month")
    return month


def day_in(cell: str) -> date:
    """A day written as 2018-06-30 (midnight may follow) or 'June 30, 2018'; nothing where day and month
    could be swapped.

    Raises BadCell `unknown_date`.
    """
    if found := _ISO_DAY.fullmatch(cell):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _ENGLISH_DAY.fullmatch(cell):
        return _day(int(found[3]), _MONTHS.get(found[1].casefold(), 0), int(found[2]))
    raise BadCell("unknown_date")


def kind_in(cell: str) -> str:
    """One of the model's kinds, from its name here or in IOM's files. Raises BadCell `unknown_kind`."""
    kind = "_".join(cell.casefold().replace("_", " ").split())
    if kind not in INCIDENT_KINDS:
        raise BadCell("unknown_kind")
    return kind


@lru_cache(maxsize=2048)
def whole_month(year: int, month: int) -> tuple[date, date]:
    """First and last day of the month."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        pass  # raised below, so that nothing hangs on to the text
    raise BadCell("unknown_date")


_WHOLE_NUMBER = re.compile(r"([-\u2212])?(\d+)(?:\.0)?")
_DEGREES = re.compile(r"[-\u2212]?\d{1,3}(?:[.,]\d{1,20})?")
_YEAR = re.compile(r"\d{4}(?:\.0)?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?")
_ENGLISH_DAY = re.compile(r"([A-Za-z]+)\.? (\d{1,2}),? (\d{4})")

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = {
    **{name: number for number, name in enumerate(_MONTH_NAMES, 1)},
    **{name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1)},
    **{str(number): number for number in range(1, 13)},
    **{f"0{number}": number for number in range(1, 10)},
    "sept": 9,
}
