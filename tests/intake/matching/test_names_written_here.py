"""Names in scripts of which there is no labelled sample are heard no worse than they were.

`names/*.tsv` were written by hand for this test, of common given and family names and the spellings that registrars,
passports and newspapers use, with the nearest wrong names of the same list beside them: whole names, names of which one
part is another, and single words. No person is meant. The rules were mended looking at the half that is tagged `look`;
`held` is the other. They are no labelled sample: what a figure says of names met in the field, nobody has measured.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.matching import Record, blocking_keys, prepare
from services.intake.matching.lab.evaluating import evaluate_names
from services.intake.matching.lab.samples import read_names

FOLDER = Path(__file__).with_name("names")
FLOORS = {
    # file: (average precision, F1 at the fixed threshold, share of the whole names that have a key in common)
    "Armn": (0.99, 0.95, 0.99),
    "Beng": (0.965, 0.93, 0.98),
    "Cyrl": (0.99, 0.97, 0.99),
    "Deva": (0.99, 0.96, 0.99),
    "Ethi": (0.98, 0.94, 0.99),
    "Geor": (0.985, 0.95, 0.99),
    "Grek": (0.985, 0.95, 0.99),
    "Hani": (0.925, 0.855, 0.95),
    "Hebr": (0.97, 0.92, 0.99),
    "Jpan": (0.92, 0.83, 0.99),
    "Latn": (0.97, 0.92, 0.96),
    "Mymr": (0.91, 0.81, 0.95),
    "Persian": (0.98, 0.91, 0.99),
    "Sorani": (0.99, 0.96, 0.99),
    "Thai": (0.965, 0.9, 0.99),
    "Urdu": (0.975, 0.9, 0.99),
}


@pytest.mark.parametrize("language", FLOORS)
def test_names_are_told_apart_and_found(language: str) -> None:
    average_precision, f1, found = FLOORS[language]
    pairs = read_names(FOLDER / f"{language}.tsv")
    figures = evaluate_names(pairs)
    assert figures.average_precision >= average_precision
    assert figures.f1 >= f1
    names = [pair for pair in pairs if pair.match and " " in pair.other]
    assert sum(_share_a_key(pair.one, pair.other) for pair in names) >= found * len(names)


def _share_a_key(one: str, other: str) -> bool:
    keys, others = (set(blocking_keys(prepare(Record((name,))))) for name in (one, other))
    return not keys.isdisjoint(others)


def test_each_file_has_a_floor() -> None:
    assert {path.stem for path in FOLDER.glob("*.tsv")} == set(FLOORS)
