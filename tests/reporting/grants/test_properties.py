"""Whatever stands in a ledger, and whenever a grant runs."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.commands.ledger import MESSAGES, Entry, read_ledger
from services.reporting.domain import Grant, Schedule
from services.reporting.domain.grant import CENT
from services.reporting.domain.schedule import MONTHS
from shared.errors import InvalidInput

GRANT = Grant(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), currency="EUR")
TODAY = date(2026, 12, 31)
LINES = ("staff", "kits")
CELLS = st.one_of(
    st.sampled_from(["staff", "kits", "2026-07-01", "2026-13-01", "1", "-2.50", "0", "EUR", "ETB", "0.0075", ""]),
    st.text(max_size=12),
)
ROWS = st.lists(st.lists(CELLS, min_size=4, max_size=6), max_size=8)


def written(rows: list[list[str]]) -> bytes:
    text = "\n".join(",".join(row) for row in (["line", "date", "amount", "currency", "rate"], *rows))
    return text.encode(errors="replace")


@given(st.one_of(st.binary(max_size=200), ROWS.map(written)))
def test_every_row_is_understood_or_refused_and_no_bytes_do_anything_else(content: bytes) -> None:
    try:
        read = list(read_ledger(content, GRANT, LINES, TODAY))
    except InvalidInput:
        return
    for one in read:
        if isinstance(one, Entry):
            assert one.line in LINES
            assert GRANT.starts_on <= one.spent_on <= GRANT.ends_on
            assert one.converted == one.converted.quantize(CENT)
            assert abs(one.converted - one.amount * one.rate) <= CENT / 2
        else:
            assert one.message == MESSAGES[one.reason]


AMOUNTS = st.decimals(Decimal("-99999"), Decimal("99999"), places=2).filter(bool)


@given(st.lists(st.tuples(st.sampled_from(LINES), AMOUNTS), max_size=12), st.integers(0, 12))
def test_a_longer_export_begins_with_rows_that_are_known(said: list[tuple[str, Decimal]], kept: int) -> None:
    rows = [[line, "2026-07-01", str(amount), "EUR", "1"] for line, amount in said]

    def fingerprints(some: list[list[str]]) -> list[str]:
        return [one.fingerprint for one in read_ledger(written(some), GRANT, LINES, TODAY) if isinstance(one, Entry)]

    whole = fingerprints(rows)
    assert len(whole) == len(set(whole)) == len(rows)
    assert fingerprints(rows[:kept]) == whole[:kept]


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 1500), st.sampled_from(sorted(MONTHS)))
def test_periods_cover_every_day_of_a_grant_once(starts_on: date, days: int, every: str) -> None:
    ends_on = starts_on + timedelta(days=days)
    spans = list(Schedule(every=every, periods=[]).spans(starts_on, ends_on))
    assert (spans[0][0], spans[-1][1]) == (starts_on, ends_on)
    for before, after in itertools.pairwise(spans):
        assert after[0] == before[1] + timedelta(days=1)
        assert before[1].month % MONTHS[every] == 0
        assert (before[1] + timedelta(days=1)).day == 1
    assert all(first <= last for first, last in spans)
