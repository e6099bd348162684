"""The figures of a grant's quarter by DuckDB and by pandas, over the same facts in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pandas as pd

from bench.report_facts import ORGANISATIONS, QUARTER, facts, grant_of
from services.reporting.indicators import INDICATORS
from services.reporting.indicators.indicator import Services

CODES = (
    "people.reached",
    "services.delivered",
    "3w.food",
    "3w.shelter",
    "3w.health",
    "rfl.rcm_collected",
    "rfl.phone_calls",
)
COLUMNS = ("organisation", "grants", "category", "day", "token", "quantity")


def _rows(count: int, a_year: int) -> Iterator[tuple[Any, ...]]:
    for one in facts(count, a_year):
        fact = one.fact
        whose = ORGANISATIONS.index(fact["organisation_id"])
        yield whose, fact["shares"], fact["category"], fact["delivered_on"], one.person["token"].int, fact["quantity"]


def _frame(count: int, a_year: int) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(_rows(count, a_year), columns=list(COLUMNS))
    frame["day"] = pd.to_datetime(frame["day"])
    frame["token"] = frame["token"].astype("int64")
    for name in ("grants", "category"):
        frame[name] = frame[name].astype("category")
    return frame


def _measure(code: str) -> Services:
    measure = INDICATORS[code].measure
    assert isinstance(measure, Services)
    return measure


class Frames:
    """pandas."""

    def __init__(self, count: int, a_year: int) -> None:
        self.frame = _frame(count, a_year)

    def figures(self) -> dict[str, int]:
        of = self.frame
        first, last = (pd.Timestamp(day) for day in QUARTER)
        paid = of["grants"].isin([one for one in of["grants"].cat.categories if f"|{grant_of(0)}=" in one])
        mine = of[(of["organisation"] == 0) & (of["day"] >= first) & (of["day"] <= last) & paid]
        return {code: self._figure(mine, code) for code in CODES}

    def _figure(self, mine: pd.DataFrame, code: str) -> int:
        measure = _measure(code)
        some = mine[mine["category"].isin(list(measure.categories))] if measure.categories else mine
        if measure.what == "services":
            return len(some)
        return int(some["quantity"].sum() if measure.what == "quantity" else some["token"].nunique())


class Tables:
    """DuckDB."""

    def __init__(self, count: int, a_year: int) -> None:
        self.database = duckdb.connect()
        frame = _frame(count, a_year)
        self.database.register("frame", frame)
        self.database.execute("CREATE TABLE facts AS SELECT * FROM frame")
        self.database.unregister("frame")

    def figures(self) -> dict[str, int]:
        return {code: self._figure(code) for code in CODES}

    def _figure(self, code: str) -> int:
        measure = _measure(code)
        what = {"services": "count(*)", "quantity": "sum(quantity)", "people": "count(DISTINCT token)"}[measure.what]
        some = " AND category IN (SELECT unnest(?))" if measure.categories else ""
        asked: list[Any] = [*QUARTER, f"%|{grant_of(0)}=%"]
        found = self.database.execute(
            f"SELECT {what} FROM facts WHERE organisation = 0 AND day BETWEEN ? AND ? AND grants LIKE ?{some}",
            [*asked, sorted(measure.categories)] if measure.categories else asked,
        ).fetchone()
        assert found is not None
        return int(found[0] or 0)
