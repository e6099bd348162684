"""What may not be published, and that nobody works it out from what is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from services.reporting.disclosure import (
    OTHER,
    THRESHOLD,
    TOTAL,
    UNKNOWN,
    At,
    differing,
    known_of,
    merged,
    tells_of_few,
    threshold,
    with_totals,
    withheld,
    withheld_in_all,
    withheld_of_list,
    withheld_of_lists_in_all,
)

SEXES = ("female", "male")


def grid(*rows: tuple[int, ...]) -> dict[At, int]:
    return {(f"r{r}", f"c{c}"): figure for r, row in enumerate(rows) for c, figure in enumerate(row)}


def test_small_figures_are_withheld_and_nought_is_shown() -> None:
    shut = withheld_of_list({"a": 0, "b": 4, "c": 30, "d": 6, "e": 90}, THRESHOLD)
    assert "b" in shut
    assert "a" not in shut
    assert threshold(sensitive=True) == 10


def test_a_small_figure_takes_the_smallest_other_with_it_that_can_hide_it() -> None:
    assert withheld_of_list({"a": 3, "b": 5, "c": 6, "d": 80}, THRESHOLD) == {"a", "c"}  # 5 cannot fall by 5


def test_where_only_the_total_could_hide_a_figure_nothing_is_shown() -> None:
    assert withheld_of_list({"a": 3, "b": 2}, THRESHOLD) == {"a", "b", TOTAL}
    table = with_totals(grid((3, 2), (1, 0)))
    assert withheld(table, THRESHOLD) == {at for at, figure in table.items() if figure}


def test_a_table_with_nothing_small_is_shown_whole() -> None:
    assert not withheld(with_totals(grid((5, 0), (7, 100))), THRESHOLD)
    assert not withheld({(TOTAL, TOTAL): 0}, THRESHOLD)


def test_one_small_cell_of_a_table_takes_a_rectangle() -> None:
    table = with_totals(grid((3, 40, 50), (60, 20, 70), (80, 90, 30)))
    assert withheld(table, THRESHOLD) == {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}


def alternatives(table: dict[At, int], shut: frozenset[At], highest: int) -> Iterator[dict[At, int]]:
    """Every table that fits what is shown, by trying all."""
    inside = [at for at in table if TOTAL not in at]
    unknown = [at for at in inside if at in shut]
    for guess in product(range(1, highest + 1), repeat=len(unknown)):
        made = with_totals({at: table[at] for at in inside} | dict(zip(unknown, guess, strict=True)))
        if all(made[at] == figure for at, figure in table.items() if at not in shut):
            yield made


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.tuples(*[st.integers(0, 4)] * 4), st.sets(st.integers(0, 8)))
def test_what_a_reader_can_know_is_what_trying_all_tables_gives(figures: tuple[int, ...], hidden: set[int]) -> None:
    table = with_totals(grid(figures[:2], figures[2:]))
    shut = frozenset(at for n, at in enumerate(sorted(table)) if n in hidden and table[at])
    assume(any(TOTAL not in at for at in shut))
    highest = 10
    found = list(alternatives(table, shut, highest))
    assert table in found
    for at in shut:
        if TOTAL in at:
            continue
        known = known_of(table, shut, at)
        assert min(one[at] for one in found) == known.least
        most = max(one[at] for one in found)
        assert most == known.most if known.most is not None and known.most < highest else most == highest


tables = st.integers(1, 7).flatmap(
    lambda columns: st.lists(
        st.lists(st.one_of(st.integers(0, 12), st.integers(0, 400)), min_size=columns, max_size=columns),
        min_size=1,
        max_size=9,
    )
)


@settings(max_examples=300, deadline=None)
@given(tables, st.sampled_from([5, 10]))
def test_no_small_cell_is_shown_or_can_be_narrowed_down(rows: list[list[int]], least: int) -> None:
    table = with_totals(grid(*map(tuple, rows)))
    shut = withheld(table, least)
    for at, figure in table.items():
        if figure == 0:
            assert at not in shut
        elif figure < least:
            assert at in shut
            known = known_of(table, shut, at)
            assert known.most is None or known.most >= figure + least


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), min_size=1), st.sampled_from([5, 10]))
def test_small_categories_are_put_together_before_any_is_withheld(figures: dict[str, int], least: int) -> None:
    made = merged({**figures, UNKNOWN: 2}, least)
    assert sum(made.values()) == sum(figures.values()) + 2
    assert made[UNKNOWN] == 2
    small = [key for key, figure in made.items() if figure < least and key != UNKNOWN]
    assert len(small) <= 1
    assert not small or set(made) == {OTHER, UNKNOWN}


def test_nothing_is_put_together_where_nothing_is_small() -> None:
    assert merged({"ETH": 12, "SOM": 5, "ERI": 0}, THRESHOLD) == {"ETH": 12, "SOM": 5}


@pytest.mark.parametrize(("theirs", "found"), [(20, False), (17, True), (23, True), (15, False), (26, False)])
def test_a_grant_that_shares_services_must_not_differ_by_a_few(theirs: int, found: bool) -> None:
    at = ("18-49", "female")
    assert (at in differing({at: 20}, {at: theirs}, THRESHOLD)) == found


two_tables = st.tuples(st.integers(1, 4), st.integers(1, 5)).flatmap(
    lambda size: st.lists(
        st.lists(
            st.tuples(st.sampled_from([0, 3, 8, 20, 60, 90]), st.sampled_from([0, 0, 0, 1, 2, 7, 30])),
            min_size=size[0],
            max_size=size[0],
        ),
        min_size=size[1],
        max_size=size[1],
    )
)


@settings(max_examples=300, deadline=None)
@given(two_tables, st.sampled_from([5, 10]))
def test_whom_one_of_two_grants_paid_for_alone_are_a_table_that_gives_nobody_away(
    rows: list[list[tuple[int, int]]], least: int
) -> None:
    both, alone = (with_totals(grid(*(tuple(cell[at] for cell in row) for row in rows))) for at in (0, 1))
    all_of_them = {at: figure + alone[at] for at, figure in both.items()}
    shut = withheld_in_all([both, all_of_them], least)
    assert shut == withheld_in_all([all_of_them, both], least)
    for table in (both, all_of_them, alone):
        for at, figure in table.items():
            if 0 < figure < least:
                assert at in shut
                known = known_of(table, shut, at)
                assert (TOTAL, TOTAL) in shut or known.most is None or known.most >= figure + least


def test_the_rest_of_two_lists_is_no_few_people() -> None:
    less, more = {"ETH": 60, "SOM": 40, "ERI": 50}, {"ETH": 70, "SOM": 42, "ERI": 50}
    assert {"ETH", "SOM"} <= withheld_of_lists_in_all([less, more], THRESHOLD)
    assert not withheld_of_lists_in_all([less, {"ETH": 70, "SOM": 46, "ERI": 50}], THRESHOLD)


@pytest.mark.parametrize(
    ("others", "found"),
    [
        (("EF", "S"), True),  # all less those of Ethiopia and of Somalia are those elsewhere
        (("E",), False),
        (("EX", "S"), False),
        (("ES", "SF", "F"), True),
        ((), False),
    ],
)
def test_sums_that_are_subtracted_leave_a_few(others: tuple[str, ...], found: bool) -> None:
    parts = {"E": 20, "S": 20, "F": 0, "X": 2}
    assert tells_of_few(frozenset("ESFX"), map(frozenset, others), parts, THRESHOLD) == found
