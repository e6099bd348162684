"""Types of columns: sums of money and other decimals exactly as they are, on SQLite too, and JSON documents."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import JSON, BigInteger, Dialect, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

JSON_DOCUMENT = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Hundredths(TypeDecorator[Decimal]):
    """Money with two decimals, kept as a whole number of hundredths: a database sums it exactly."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        hundredths = value * 100
        if hundredths != hundredths.to_integral_value():
            raise ValueError("money with more than two decimals: round it first")
        return int(hundredths)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(int(value)).scaleb(-2)


class Exact(TypeDecorator[Decimal]):
    """A decimal as it was written, however many places it has. Not for sums and comparisons inside a database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value)
