"""What is known of an attempt is a set of words: their order, and how often they come, change nothing."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.statuses import contradictory, of_attempt

RESULTS = (
    "accepted",
    "delivered",
    "temporary-failure",
    "permanent-failure",
    "technical-failure",
    "outcome-unknown",
)


@pytest.mark.parametrize(
    ("known", "parts", "status"),
    [
        ([], 1, "outcome-unknown"),
        ([(0, "accepted")], 1, "accepted"),
        ([(0, "outcome-unknown"), (0, "delivered")], 1, "delivered"),
        ([(0, "accepted"), (1, "delivered")], 2, "accepted"),
        ([(0, "accepted"), (1, "delivered"), (2, "delivered")], 2, "delivered"),
        ([(0, "accepted"), (1, "delivered"), (2, "permanent-failure")], 2, "permanent-failure"),
        ([(0, "permanent-failure"), (0, "delivered")], 1, "delivered"),
        ([(0, "outcome-unknown"), (1, "delivered")], 2, "accepted"),
        ([(0, "temporary-failure"), (0, "permanent-failure")], 1, "permanent-failure"),
    ],
)
def test_what_providers_say_means(known: list[tuple[int, str]], parts: int, status: str) -> None:
    assert of_attempt(known, parts) == status


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(RESULTS)), max_size=12), st.integers(1, 3), st.data())
def test_order_and_repetition_change_nothing(known: list[tuple[int, str]], parts: int, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(known + known[: len(known) // 2]))
    assert of_attempt(shuffled, parts) == of_attempt(known, parts)
    assert contradictory(shuffled) == contradictory(known)


def test_a_thousand_orders_of_each_set_of_receipts_end_the_same() -> None:
    drawn = random.Random(5)
    for known in _sets(drawn, 60):
        ends = {of_attempt(drawn.sample(known, len(known)), 3) for _ in range(1_000)}
        assert len(ends) == 1, known


def _sets(drawn: random.Random, count: int) -> Iterator[list[tuple[int, str]]]:
    words = list(itertools.product(range(4), RESULTS))
    for _ in range(count):
        yield drawn.sample(words, drawn.randrange(2, 9))


@given(st.sets(st.tuples(st.integers(0, 3), st.sampled_from(RESULTS)), max_size=8), st.sampled_from(RESULTS))
def test_a_further_word_about_the_whole_never_lowers_a_status(known: set[tuple[int, str]], word: str) -> None:
    height = ("outcome-unknown", "accepted", "temporary-failure", "technical-failure", "permanent-failure", "delivered")
    before, after = of_attempt(known, 3), of_attempt(known | {(0, word)}, 3)
    assert height.index(after) >= height.index(before)
