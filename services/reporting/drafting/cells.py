"""Cells of a table, from figures."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from services.reporting.rendering.issue import Cell, TableRow

WITHHELD = Cell(mark="withheld")
UNKNOWN = Cell(mark="unknown")
NOT_APPLICABLE = Cell(mark="not_applicable")
TENTH = Decimal("0.1")
CENT = Decimal("0.01")


def words(text: str) -> Cell:
    """A name or a sentence."""
    return Cell(value=text)


def count(figure: int, *, shut: bool = False) -> Cell:
    """How many; or that it is withheld."""
    return WITHHELD if shut else Cell(value=figure)


def decimal(figure: Decimal | None, *, shut: bool = False) -> Cell:
    """To one decimal, halves away from zero; whole figures without one. None: nothing was measured."""
    if figure is None:
        return UNKNOWN
    if shut:
        return WITHHELD
    rounded = figure.quantize(TENTH, ROUND_HALF_UP)
    return Cell(value=str(rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded))


def money(amount: Decimal) -> Cell:
    """With two decimals."""
    return Cell(value=str(amount.quantize(CENT, ROUND_HALF_UP)))


def per_cent(part: Decimal, of: Decimal, *, shut: bool = False) -> Cell:
    """The share, to one decimal; of nothing there is none."""
    return NOT_APPLICABLE if not of else decimal(100 * part / of, shut=shut)


def row(key: str, label: str, *cells: Cell, total: bool = False) -> TableRow:
    """A row that begins with its name."""
    return TableRow(key=key, cells=(words(label), *cells), total=total)
