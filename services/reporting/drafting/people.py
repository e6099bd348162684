"""Who was reached: by sex and age, by disability, nationality, legal status and place, with what may not be shown
withheld. All tables are of the same people and share their total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.core import get_global

from services.reporting.disclosure import (
    OTHER,
    TOTAL,
    UNKNOWN,
    At,
    differing,
    is_small,
    merged,
    with_totals,
    withheld,
    withheld_of_list,
)
from services.reporting.drafting.cells import count, row
from services.reporting.drafting.figures import Counted, whole
from services.reporting.indicators import PEOPLE_REACHED, ages
from services.reporting.indicators.indicator import Dimension
from services.reporting.queries.figures import Cells
from services.reporting.rendering.issue import Chart, Column, Table, TableRow

SEX_AGE = "people_sex_age"
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


def people_reached(found: Counted, least: int) -> People:
    """The tables of one period. A list in which everything is unknown says nothing, and is left out."""
    cells = found.period[PEOPLE_REACHED.code]
    total = whole(cells.total or Decimal(0))
    matrix, scheme = _matrix(cells, ages.SCHEMES[found.scope.age_scheme], least)
    others = [_regrouped(of[PEOPLE_REACHED.code], scheme, matrix) for of in found.others.values()]
    shut = withheld(matrix, least, also=[at for one in others for at in differing(matrix, one, least)])
    lists = {key: _list(cells, dimension, least) for dimension, key, _ in _LISTS}
    closed = {
        key: withheld_of_list(figures, least, also=_nearby(found, key, figures, least))
        for key, figures in lists.items()
    }
    hidden = (TOTAL, TOTAL) in shut or any(TOTAL in one for one in closed.values()) or is_small(total, least)
    if hidden:
        shut = frozenset(at for at, figure in matrix.items() if figure)
        closed = {key: frozenset({TOTAL, *(at for at, figure in one.items() if figure)}) for key, one in lists.items()}
    tables = [_sex_age(matrix, shut, scheme)]
    tables += [
        _listed(key, title, lists[key], closed[key], total) for _, key, title in _LISTS if set(lists[key]) - {UNKNOWN}
    ]
    return People(tuple(tables), _charts(tables[0], total), hidden)


def _matrix(cells: Cells, scheme: Mapping[str, str], least: int) -> tuple[dict[At, int], Mapping[str, str]]:
    """The people by band and sex with totals, in the bands of the scheme, or in broad ones where many cells would be
    small; other and unknown sex stand together where they are few."""
    fine = _bands(cells, scheme)
    inside = [figure for at, figure in fine.items() if TOTAL not in at and figure]
    if sum(is_small(figure, least) for figure in inside) > _FEW_BANDS * len(inside):
        scheme = ages.BROAD
        fine = _bands(cells, scheme)
    if any(is_small(fine.get((TOTAL, sex), 0), least) for sex in (OTHER, UNKNOWN)):
        fine = _joined(fine)
    return fine, scheme


def _bands(cells: Cells, scheme: Mapping[str, str]) -> dict[At, int]:
    made: defaultdict[At, int] = defaultdict(int)
    for band in ages.bands(scheme):
        for sex in SEXES:
            made[band, sex] = 0
    for key, figure in cells.by.get("sex_age_disability", {}).items():
        sex, age, _ = key.split("|")
        made[scheme[age], sex] += whole(figure)
    return with_totals(made)


def _joined(table: Mapping[At, int]) -> dict[At, int]:
    made: defaultdict[At, int] = defaultdict(int)
    for (band, sex), figure in table.items():
        if TOTAL not in (band, sex):
            made[band, OTHER_OR_UNKNOWN if sex in (OTHER, UNKNOWN) else sex] += figure
    return with_totals(made)


def _regrouped(cells: Cells, scheme: Mapping[str, str], like: Mapping[At, int]) -> dict[At, int]:
    """Another grant's people in the same rows and columns."""
    made = _bands(cells, scheme)
    return _joined(made) if (TOTAL, OTHER_OR_UNKNOWN) in like else made


def _list(cells: Cells, dimension: Dimension, least: int) -> dict[str, int]:
    return merged({key: whole(figure) for key, figure in cells.by.get(dimension, {}).items()}, least)


def _nearby(found: Counted, key: str, figures: Mapping[str, int], least: int) -> list[str]:
    """The categories in which another grant that shares services differs by a few people."""
    dimension = next(one for one, of, _ in _LISTS if of == key)
    near = set()
    for other in found.others.values():
        theirs = other[PEOPLE_REACHED.code].by.get(dimension, {})
        near |= {
            one for one, ours in figures.items() if is_small(abs(ours - whole(theirs.get(one, Decimal(0)))), least)
        }
    return sorted(near - {OTHER})


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
