"""Which column of a file of incidents holds which field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from services.intake.importing.refusals import UnreadableFile

COUNTS = ("dead", "missing", "survivors", "females", "males", "children")
TEXTS = ("route", "region", "region_of_origin", "countries_of_origin", "cause", "place", "source")

ACCEPTED_NAMES: dict[str, tuple[str, ...]] = {
    "kind": ("Incident Type", "kind"),
    "occurred_from": ("occurred_from",),
    "occurred_to": ("occurred_to",),
    "day": ("Reported Date",),
    "year": ("Incident year", "Reported Year", "Year"),
    "month": ("Reported Month", "Month"),
    "dead": ("Number of Dead", "Number Dead", "dead"),
    "missing": ("Minimum Estimated Number of Missing", "missing"),
    "survivors": ("Number of Survivors", "survivors"),
    "females": ("Number of Females", "females"),
    "males": ("Number of Males", "males"),
    "children": ("Number of Children", "children"),
    "route": ("Migration route", "route"),
    "region": ("Region of Incident", "region"),
    "region_of_origin": ("region_of_origin",),
    "countries_of_origin": ("Country of Origin", "countries_of_origin"),
    "cause": ("Cause of Death", "cause"),
    "place": ("Location of death", "Location of Incident", "place"),
    "source": ("Information Source", "source"),
    "latitude": ("lat", "latitude"),
    "longitude": ("long", "lon", "longitude"),
}
"""Field to the names its column may have: those of IOM's downloads over the years, and our own
(snake_case).

With `occurred_from` in the file, IOM's columns of date, year and month are not read.
Case, underscores and the amount of white space do not matter. Other columns are not read: IOM's derived
totals ("Total Number of Dead and Missing", "Total migrants"), `extra` (a remark on the cause), map points
of whole regions, abbreviations, web addresses.
"""

REQUIRED = ("dead", "missing")
"""Besides a date: without these columns it is not a file of incidents. The cells may be empty."""


@dataclass(frozen=True, slots=True)
class Columns:
    """`names` of all columns as in the file (an unnamed one is called 'column 27'); `at`: field to its
    index."""

    names: tuple[str, ...]
    at: dict[str, int]


def find_columns(header: Sequence[str]) -> Columns:
    """Find the columns by their names, wherever they stand.

    Raises UnreadableFile if a needed column is missing (naming it and its accepted names), if two columns
    claim the same field, or if the name of an unread column differs from a field's only by a slip: its
    figures would be lost without a word.
    """
    at: dict[str, int] = {}
    for index, name in enumerate(header):
        field = _FIELD_OF.get(simplified(name))
        if field is None:
            continue
        if field in at:
            raise UnreadableFile("duplicate_column", _duplicate(field, at[field], index))
        at[field] = index
    if missing := _missing(at):
        raise UnreadableFile("missing_columns", _lacking(missing))
    _refuse_misspelt(header, at)
    return Columns(tuple(name.strip() or f"column {index}" for index, name in enumerate(header, 1)), at)


def simplified(name: str) -> str:
    """A column's name without what does not matter: 'Region  of Origin ' and region_of_origin are one."""
    return re.sub(r"[\s_]+", " ", name).strip().casefold()


def _missing(at: dict[str, int]) -> list[str]:
    missing = [_spelt(field) for field in REQUIRED if field not in at]
    has_ioms_date = "day" in at or {"year", "month"} <= at.keys()
    if "occurred_from" not in at and ("occurred_to" in at or not has_ioms_date):
        month = f"{_spelt('year')} with {_spelt('month')}"
        missing.append(f"a date ({_spelt('occurred_from')}; or {_spelt('day')}; or {month})")
    return missing


def _lacking(missing: list[str]) -> str:
    return (
        "These columns are missing: " + "; ".join(missing) + ". The first row must hold the names of the "
        "columns, separated by commas, semicolons or tabs."
    )


def _duplicate(field: str, first: int, second: int) -> str:
    return f"Columns {first + 1} and {second + 1} both mean {_spelt(field)}. Rename or remove one of them."


def _refuse_misspelt(header: Sequence[str], at: dict[str, int]) -> None:
    awaited = [name for name, field in _FIELD_OF.items() if field not in at and len(name) >= _TELLING_LENGTH]
    for index, name in enumerate(header):
        if index not in at.values() and (alike := get_close_matches(simplified(name), awaited, 1, 0.9)):
            meant = _spelt(_FIELD_OF[alike[0]])
            message = f"The name of column {index + 1} looks like {meant} but is not quite that. Correct it."
            raise UnreadableFile("misspelt_column", message)


def _spelt(field: str) -> str:
    return " or ".join(f"'{name}'" for name in ACCEPTED_NAMES[field])


_TELLING_LENGTH = 6
"""Shorter names are alike by accident."""

_FIELD_OF = {simplified(name): field for field, names in ACCEPTED_NAMES.items() for name in names}
