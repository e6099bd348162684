"""Names, and places, that are one in other languages or in the family: what no rule of spelling finds.

Written by hand, of forms in general use; nothing of a dictionary was copied, and the list is far from whole. A group is
a line; a form that belongs to two names stands in both.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("variants.txt")
"""Romanised in lower case, a group a line."""


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(FILE.read_text("utf-8").splitlines()):
        for form in line.split():
            found["".join(letter for letter in form if "a" <= letter <= "z")].add(number)
    return {form: frozenset(numbers) for form, numbers in found.items()}


@lru_cache(maxsize=200_000)
def groups_of(romanisations: tuple[str, ...]) -> frozenset[int]:
    """The groups that a word may be of, by its first romanisations."""
    groups = _groups()
    return frozenset(number for latin in romanisations[:3] for number in groups.get(latin, ()))
