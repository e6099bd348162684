"""What may not be published: small figures about people, and whatever would give them away.

The first disclosure rule. A cell about people served that is 1 to threshold − 1 is withheld; 0 is shown. So that
nobody works a withheld cell out from the others of its table, further cells are withheld (complementary suppression)
until each could be greater by a whole threshold, whatever else the table says. That is exact, not a heuristic: a table
with its totals is a network in which every alternative that fits the published cells is a circulation (Kelly, Golden &
Assad, *Cell suppression: disclosure protection for sensitive tabular data*, Networks 22, 1992; Cox, JASA 90, 1995), so
a cell may rise by δ where δ can flow from its head to its tail through cells that are withheld. Each small cell is
protected by the cheapest such way. Withheld cells are known to be at least 1, for 0 is shown.

Tables of one set of people share nothing but their grand total. Where that cannot be shown, none of their cells is.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TypeVar

THRESHOLD = 5
SENSITIVE_THRESHOLD = 10
"""Detention, unaccompanied children, mental health."""
TOTAL = "total"
OTHER = "other"
UNKNOWN = "unknown"
_OF_TOTALS = 100
"""A total is worth as much more to a reader than a cell inside."""

At = tuple[str, str]
"""(row, column) of a cell; `TOTAL` names the margins."""
Grid = Mapping[At, int]
Key = TypeVar("Key", At, str)


def threshold(*, sensitive: bool) -> int:
    """The smallest figure about people that is shown, beside 0."""
    return SENSITIVE_THRESHOLD if sensitive else THRESHOLD


def is_small(figure: int, least: int) -> bool:
    """Whether a figure about people is withheld for its size alone."""
    return 0 < figure < least


def merged(figures: Mapping[str, int], least: int) -> dict[str, int]:
    """Categories of which some are small, put together as `other` before any is withheld: the small ones, and the next
    smallest until they are enough. `unknown` stays by itself. Only one small category is left for `with_totals` and
    `withheld` to deal with, where nothing is there to join it."""
    known = {key: figure for key, figure in figures.items() if figure and key not in (UNKNOWN, OTHER)}
    together = [key for key, figure in known.items() if is_small(figure, least)]
    rest = sorted((key for key in known if key not in together), key=lambda key: (known[key], key))
    if not together and not is_small(figures.get(OTHER, 0), least):
        return {key: figure for key, figure in figures.items() if figure}
    total = figures.get(OTHER, 0) + sum(known[key] for key in together)
    while rest and (total < least or len(together) < 2):
        total += known[rest[0]]
        together.append(rest.pop(0))
    made = {key: known[key] for key in known if key in rest} | {OTHER: total}
    if figures.get(UNKNOWN):
        made[UNKNOWN] = figures[UNKNOWN]
    return made


def with_totals(cells: Grid) -> dict[At, int]:
    """The table with a total of each row, of each column, and of all."""
    made: defaultdict[At, int] = defaultdict(int, cells)
    for (row, column), figure in cells.items():
        for at in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            made[at] += figure
    made[TOTAL, TOTAL] += 0
    return dict(made)


def withheld(table: Grid, least: int, *, also: Iterable[At] = (), shut: Iterable[At] = ()) -> frozenset[At]:
    """The cells of a table with its totals (`with_totals`) that may not be shown. `also`: cells that are to be
    protected like small ones; `shut`: cells that are withheld anyway, to hide others. Where the grand total cannot be
    shown, no figure but 0 is."""
    return _withheld(_Network(table, _ends), least, also, shut)


def withheld_of_list(
    figures: Mapping[str, int], least: int, *, also: Iterable[str] = (), shut: Iterable[str] = ()
) -> frozenset[str]:
    """The same for one list of categories that add up to a total; where that is withheld, `TOTAL` is in the answer."""
    table = {(key, "figure"): figure for key, figure in figures.items()}
    table[TOTAL, TOTAL] = sum(figures.values())
    network = _Network(table, _ends_of_list)
    hidden = _withheld(network, least, [_item(key) for key in also], [_item(key) for key in shut])
    return frozenset(row for row, _ in hidden)


def _item(key: str) -> At:
    return (TOTAL, TOTAL) if key == TOTAL else (key, "figure")


def _withheld(network: _Network, least: int, also: Iterable[At], shut: Iterable[At]) -> frozenset[At]:
    table = network.table
    small = {at for at, figure in table.items() if is_small(figure, least)} | (set(also) & table.keys())
    hidden = network.protect(sorted(small), least, set(shut) & table.keys())
    return frozenset(table) if (TOTAL, TOTAL) in hidden else frozenset(hidden)


def differing(ours: Mapping[At, int], theirs: Mapping[At, int], least: int) -> frozenset[At]:
    """Cells that differ from those of another grant, which paid for a part of the same services, by a few people:
    whoever reads both reports would know of these few."""
    return frozenset(at for at, figure in ours.items() if is_small(abs(figure - theirs.get(at, 0)), least))


def withheld_in_all(tables: Sequence[Grid], least: int) -> frozenset[At]:
    """What is withheld alike in each of these tables with their totals, of grants that paid for a part of the same
    services: what is small in one, or differs by a few, and what hides that. By how much two differ is a table of
    people as well: where one grant paid for all that the other did, of those whom it paid for alone."""
    near = frozenset(at for one, other in combinations(tables, 2) for at in differing(one, other, least))
    apart = [with_totals(_difference(one, other)) for one, other in combinations(tables, 2)]
    return _until_alike(lambda shut: (withheld(one, least, also=near, shut=shut) for one in (*tables, *apart)), near)


def withheld_of_lists_in_all(lists: Sequence[Mapping[str, int]], least: int) -> frozenset[str]:
    """The same of lists of categories that add up to a total each."""
    apart = [_difference(one, other) for one, other in combinations(lists, 2)]
    near = frozenset(key for one in apart for key, figure in one.items() if is_small(figure, least))
    return _until_alike(
        lambda shut: (withheld_of_list(one, least, also=near, shut=shut) for one in (*lists, *apart)), near
    )


def _until_alike(more_of: Callable[[frozenset[Key]], Iterable[frozenset[Key]]], shut: frozenset[Key]) -> frozenset[Key]:
    while True:
        more = shut.union(*more_of(shut))
        if more == shut:
            return shut
        shut = more


def _difference(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    """By how much each cell inside differs."""
    inside = (at for at in one.keys() | other.keys() if isinstance(at, str) or TOTAL not in at)
    return {at: abs(one.get(at, 0) - other.get(at, 0)) for at in inside}


def tells_of_few(ours: frozenset[str], others: Iterable[frozenset[str]], parts: Mapping[str, int], least: int) -> bool:
    """Whether sums are worked out from those of others by adding and subtracting so that a few people are left: exactly
    the unions of parts of which the marks lie in the span of the sums' marks. Each sum is told by the parts that it
    adds up; only what needs `ours` counts."""
    there = sorted(part for part, figure in parts.items() if figure)
    marks = [[Fraction(part in of) for part in there] for of in (*others, ours)]
    without_ours, known = worked_out(marks[:-1]), worked_out(marks)
    small = [part for part in there if parts[part] < least]
    unions = (some for size in range(1, min(least, len(small) + 1)) for some in combinations(small, size))
    wanted = ([Fraction(part in some) for part in there] for some in unions if sum(parts[one] for one in some) < least)
    return any(known(mark) and not without_ours(mark) for mark in wanted)


def worked_out(marks: Iterable[list[Fraction]]) -> Callable[[list[Fraction]], bool]:
    """Whether a sum is known to who knows these: its marks lie in what theirs span (Gauß)."""
    basis: dict[int, list[Fraction]] = {}

    def left_of(row: list[Fraction]) -> list[Fraction]:
        for first in sorted(basis):
            factor = row[first]
            row = [number - factor * of for number, of in zip(row, basis[first], strict=True)] if factor else row
        return row

    for mark in marks:
        left = left_of(mark)
        first = next((at for at, number in enumerate(left) if number), None)
        if first is not None:
            basis[first] = [number / left[first] for number in left]
    return lambda mark: not any(left_of(mark))


@dataclass(frozen=True)
class Range:
    """What a reader of the published cells knows of one that is withheld: both ends are possible."""

    least: int
    most: int | None
    """None: any figure."""


def known_of(table: Grid, shut: frozenset[At], at: At) -> Range:
    """What the other cells give away of a withheld one. For tests and auditors: nothing calls it to decide."""
    network = _Network(table, _ends)
    up, down = network.slack(at, shut, rising=True), network.slack(at, shut, rising=False)
    falls = table[at] - 1 if down is None else min(down, table[at] - 1)
    return Range(table[at] - falls, None if up is None else table[at] + up)


class _Network:
    """Cells are arcs: inside from row to column, a column's total on to the totals' row, the grand total on to the
    totals' column, a row's total back to its row. Only cells that are not 0 are there."""

    def __init__(self, table: Grid, ends: Callable[[At], tuple[str, str]]) -> None:
        self.table = {at: figure for at, figure in table.items() if figure}
        self.ends = {at: ends(at) for at in self.table}
        self.steps: defaultdict[str, list[tuple[str, At, bool]]] = defaultdict(list)
        for at, (tail, head) in self.ends.items():
            self.steps[tail].append((head, at, True))
            self.steps[head].append((tail, at, False))

    def protect(self, small: Sequence[At], room: int, shut: set[At]) -> set[At]:
        """`small` and `shut`, and beside them the cheapest cells that leave each of the small so much room above."""
        shut = shut.union(small)
        for at in small:
            shut |= self._way(at, shut, room)
        return shut

    def _way(self, at: At, shut: set[At], room: int) -> set[At]:
        """The cells on the cheapest way by which `room` more can flow through `at` (Dijkstra)."""
        tail, head = self.ends[at]
        best: dict[str, int] = {head: 0}
        came: dict[str, tuple[str, At]] = {}
        queue = [(0, head)]
        while queue:
            cost, node = heapq.heappop(queue)
            if node == tail:
                break
            if cost > best[node]:
                continue
            for to, through, forward in self.steps[node]:
                if through == at or not (forward or self.table[through] > room):
                    continue
                whole = cost + (0 if through in shut else self._worth(through))
                if whole < best.get(to, whole + 1):
                    best[to], came[to] = whole, (node, through)
                    heapq.heappush(queue, (whole, to))
        return set(_followed(came, head, tail))

    def _worth(self, at: At) -> int:
        return self.table[at] * (_OF_TOTALS if TOTAL in at else 1) * (_OF_TOTALS if at == (TOTAL, TOTAL) else 1)

    def slack(self, at: At, shut: frozenset[At], *, rising: bool) -> int | None:
        """By how much the cell may rise (None: without end) or fall, by withheld cells alone (Edmonds–Karp)."""
        tail, head = self.ends[at]
        start, goal = (head, tail) if rising else (tail, head)
        changed: defaultdict[At, int] = defaultdict(int)
        found = 0
        while way := self._augmenting(start, goal, at, shut, changed):
            rooms = [self.table[one] + changed[one] - 1 for one, forward in way if not forward]
            if not rooms:
                return None
            for one, forward in way:
                changed[one] += min(rooms) if forward else -min(rooms)
            found += min(rooms)
        return found

    def _augmenting(
        self, start: str, goal: str, leaving: At, shut: frozenset[At], changed: Mapping[At, int]
    ) -> list[tuple[At, bool]]:
        came: dict[str, tuple[str, At, bool]] = {start: ("", leaving, True)}
        queue = [start]
        for node in queue:
            for to, at, forward in self.steps[node]:
                room = forward or self.table[at] + changed[at] > 1
                if to not in came and at in shut and at != leaving and room:
                    came[to] = (node, at, forward)
                    queue.append(to)
        if goal not in came:
            return []
        way = []
        while goal != start:
            goal, at, forward = came[goal]
            way.append((at, forward))
        return way


def _ends(at: At) -> tuple[str, str]:
    row, column = at
    if at == (TOTAL, TOTAL):
        return "totals' row", "totals' column"
    if row == TOTAL:
        return f"column {column}", "totals' row"
    if column == TOTAL:
        return "totals' column", f"row {row}"
    return f"row {row}", f"column {column}"


def _ends_of_list(at: At) -> tuple[str, str]:
    return ("total", "items") if at == (TOTAL, TOTAL) else ("items", "total")


def _followed(came: Mapping[str, tuple[str, At]], start: str, goal: str) -> Iterator[At]:
    while goal != start:
        goal, at = came[goal]
        yield at
