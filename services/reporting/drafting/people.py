"""Who was reached: by sex and age, by disability, nationality, legal status and place, with what may not be shown
withheld. All tables are of the same people and share their total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel import Locale
from babel.core import get_global

from services.reporting.disclosure import (
    OTHER,
    TOTAL,
    UNKNOWN,
    At,
    is_small,
    merged,
    with_totals,
    withheld_in_all,
    withheld_of_lists_in_all,
)
from services.reporting.drafting.cells import count, row
from services.reporting.drafting.figures import Counted, whole
from services.reporting.drafting.issues import SEX_AGE
from services.reporting.drafting.told import ToldBeside, differs_by_few
from services.reporting.indicators import PEOPLE_REACHED, ages
from services.reporting.indicators.indicator import Dimension
from services.reporting.queries.figures import Cells
from services.reporting.rendering.issue import Chart, Column, Table, TableRow

SEXES = {"female": "Female", "male": "Male", OTHER: "Other", UNKNOWN: "Unknown"}
OTHER_OR_UNKNOWN = "other_or_unknown"
_FEW_BANDS = 0.25
"""The part of the cells that may be small before ages are put together in broad bands."""
_LISTS: Sequence[tuple[Dimension, str, str]] = (
    ("disability", "people_disability", "People reached by disability"),
    ("nationality", "people_nationality", "People reached by nationality"),
    ("legal_status", "people_legal_status", "People reached by legal status"),
    ("place", "people_place", "People reached by place"),
    ("modality", "people_modality", "People reached by how services were delivered"),
)
_ALPHA_3 = 3
_SAID = {UNKNOWN: "Unknown", OTHER: "Other", "with": "With a disability", "without": "Without a disability"}


@dataclass(frozen=True)
class People:
    """Tables and charts; `hidden`: the total of the people reached cannot be shown either."""

    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]
    hidden: bool


def people_reached(found: Counted, told: Sequence[ToldBeside], *, hidden: bool) -> People:
    """The tables of one period. A list in which everything is unknown says nothing, and is left out. `hidden`: the
    total is withheld for another reason. `told`: what issues of other grants tell of the same period.

    Where other grants paid for a part of the same services, whoever reads all of their reports knows the differences:
    what is withheld in one of them is withheld in each, by all rows and columns alike, and the differences are tables
    of people too. Where facts came between two of these reports, the later one has no such table.
    """
    every = [found.period[PEOPLE_REACHED.code], *(one.period[PEOPLE_REACHED.code] for one in found.sharing.values())]
    total = whole(every[0].total)
    matrices, scheme = _matrices(every, _scheme(found), found.least)
    shut = withheld_in_all(matrices, found.least)
    lists = {key: _lists(every, dimension, found.least) for dimension, key, _ in _LISTS}
    closed = {key: withheld_of_lists_in_all(of, found.least) for key, of in lists.items()}
    hidden = hidden or (TOTAL, TOTAL) in shut or any(TOTAL in one for one in closed.values())
    hidden = hidden or is_small(total, found.least)

    def tables() -> list[Table]:
        made = [_sex_age(matrices[0], shut, scheme)]
        made += [
            _listed(key, title, lists[key][0], closed[key], total)
            for _, key, title in _LISTS
            if set(lists[key][0]) - {UNKNOWN}
        ]
        return made

    if hidden or _tells_what_came_between(tables(), told, found.least):
        hidden = True
        shut = frozenset(at for at, figure in matrices[0].items() if figure)
        closed = {key: frozenset({TOTAL, *(at for at, figure in of[0].items() if figure)}) for key, of in lists.items()}
    shown = tables()
    return People(tuple(shown), _charts(shown[0], total), hidden)


def _tells_what_came_between(ours: Sequence[Table], told: Sequence[ToldBeside], least: int) -> bool:
    return any(
        differs_by_few(one, beside.tables[one.key], least)
        for beside in told
        if beside.shares
        for one in ours
        if one.key in beside.tables
    )


def _scheme(found: Counted) -> Mapping[str, str]:
    """The grant's own ages; broad ones where another grant counts the same people by others."""
    own = found.scope.age_scheme
    return ages.SCHEMES[own] if all(one.age_scheme == own for one in found.sharing.values()) else ages.BROAD


def _matrices(
    every: Sequence[Cells], scheme: Mapping[str, str], least: int
) -> tuple[list[dict[At, int]], Mapping[str, str]]:
    """The people of each grant by band and sex with totals, in the bands of the scheme, or in broad ones where many
    cells would be small; other and unknown sex stand together where they are few."""
    made = [_bands(cells, scheme) for cells in every]
    inside = [figure for table in made for at, figure in table.items() if TOTAL not in at and figure]
    if sum(is_small(figure, least) for figure in inside) > _FEW_BANDS * len(inside):
        scheme = ages.BROAD
        made = [_bands(cells, scheme) for cells in every]
    if any(is_small(table[TOTAL, sex], least) for table in made for sex in (OTHER, UNKNOWN)):
        made = [_joined(table) for table in made]
    return made, scheme


def _bands(cells: Cells, scheme: Mapping[str, str]) -> dict[At, int]:
    made: dict[At, int] = {(band, sex): 0 for band in ages.bands(scheme) for sex in SEXES}
    for key, figure in cells.by.get("sex_age_disability", {}).items():
        sex, age, _ = key.split("|")
        made[scheme[age], sex] += whole(figure)
    table = with_totals(made)
    return {
        (row, column): table.get((row, column), 0) for row in (*ages.bands(scheme), TOTAL) for column in (*SEXES, TOTAL)
    }


def _joined(table: Mapping[At, int]) -> dict[At, int]:
    made: defaultdict[At, int] = defaultdict(int)
    for (band, sex), figure in table.items():
        if TOTAL not in (band, sex):
            made[band, OTHER_OR_UNKNOWN if sex in (OTHER, UNKNOWN) else sex] += figure
    return with_totals(made)


def _lists(every: Sequence[Cells], dimension: Dimension, least: int) -> list[dict[str, int]]:
    """The same categories of each grant: those that are too small in one stand under `other` in all."""
    figures = [{key: whole(figure) for key, figure in cells.by.get(dimension, {}).items()} for cells in every]
    kept = set.intersection(*({*merged(of, least)} for of in figures)) if all(figures) else set[str]()
    made = []
    for of in figures if len(figures) > 1 else ():
        apart = {key: figure for key, figure in of.items() if key in kept and key != OTHER}
        rest = sum(figure for key, figure in of.items() if key not in apart)
        made.append(apart | ({OTHER: rest} if rest else {}))
    return made or [merged(figures[0], least)]


def _sex_age(matrix: Mapping[At, int], shut: frozenset[At], scheme: Mapping[str, str]) -> Table:
    said = {**SEXES, OTHER_OR_UNKNOWN: "Other or unknown", TOTAL: "Total"}
    sexes = [sex for sex in said if (TOTAL, sex) in matrix]
    rows: list[TableRow] = []
    for band in (*ages.bands(scheme), TOTAL):
        shown = [count(matrix.get((band, sex), 0), shut=(band, sex) in shut) for sex in sexes]
        rows.append(row(_key(band), "Total" if band == TOTAL else ages.label(band), *shown, total=band == TOTAL))
    return Table(
        key=SEX_AGE,
        title="People reached by sex and age",
        about="people",
        columns=(
            Column(key="age", label="Age in years", kind="text"),
            *(Column(key=sex, label=said[sex], unit="people") for sex in sexes),
        ),
        rows=tuple(rows),
        notes=("Each person is counted once in the period, as at the latest service.",),
    )


def _listed(key: str, title: str, figures: Mapping[str, int], shut: frozenset[str], total: int) -> Table:
    order = sorted(figures, key=lambda one: (one in (OTHER, UNKNOWN), one == UNKNOWN, -figures[one], one))
    if shut:  # the order of figures would tell of those that are withheld
        order = sorted(figures, key=lambda one: (one in (OTHER, UNKNOWN), one == UNKNOWN, one))
    rows = [row(_key(one), _said(one), count(figures[one], shut=one in shut)) for one in order]
    rows.append(row(TOTAL, "Total", count(total, shut=TOTAL in shut), total=True))
    return Table(
        key=key,
        title=title,
        about="people",
        columns=(Column(key="of", label="Category", kind="text"), Column(key="people", label="People", unit="people")),
        rows=tuple(rows),
    )


def _said(category: str) -> str:
    """A country by its name (CLDR), another code in words; a p-code stays as it is."""
    if category.isupper():
        known = get_global("territory_aliases").get(category, [category])[0] if len(category) == _ALPHA_3 else category
        return str(Locale("en").territories.get(known, category))
    return _SAID.get(category) or category.replace("_", " ").capitalize()


def _key(category: str) -> str:
    """60+ is written as `60plus` where programs read it."""
    return category.replace("+", "plus")


def _charts(table: Table, total: int) -> tuple[Chart, ...]:
    if not total:
        return ()
    shown = [
        f"{one.cells[0].value}: {female.value} female, {male.value} male"
        for one in table.rows
        if not one.total
        for female, male in [one.cells[1:3]]
        if female.mark is None and male.mark is None and (female.value or male.value)
    ]
    said = "; ".join(shown) or "no group is large enough to be shown"
    return (
        Chart(
            key="pyramid",
            title=table.title,
            kind="pyramid",
            table=table.key,
            series=("female", "male"),
            alternative=f"People reached by age and sex. {said}.",
        ),
    )
