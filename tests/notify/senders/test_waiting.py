"""How long a provider asks us to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.notify.senders.gateway import waiting


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("99999999999999999999", 6 * 3600),
        ("Sun, 29 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 29 Nov 2026 12:00:30", 30),
        ("Sun, 29 Nov 2020 12:00:00 GMT", 0),
        ("Sun, 29 Nov 2099 12:00:00 GMT", 6 * 3600),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_six_hours(header: str, seconds: int) -> None:
    assert waiting(header, datetime(2026, 11, 29, 12, tzinfo=UTC)) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "１２", "1e9", "Sun, 99 Nov 2026", "é"])
def test_a_retry_after_that_says_nothing_is_left_out(header: str | None) -> None:
    assert waiting(header) is None
