"""Labelled samples: pairs of names, and tracing requests with the records that answer them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple

from services.intake.matching.records import Place, Record

FIFTH = 5


class NamePair(NamedTuple):
    """Two names, and whether they are of one person."""

    one: str
    other: str
    match: bool


@dataclass(frozen=True)
class Tracing:
    """Tracing requests (`sought`), what they are looked for in, and the true links: request → records."""

    sought: Mapping[str, Record]
    registered: Mapping[str, Record]
    truth: Mapping[str, frozenset[str]]


def held_out(name: str) -> bool:
    """True for the fifth that training never sees: by a hash of what it is called, the same on every machine."""
    return int.from_bytes(sha256(name.encode()).digest()[:4]) % FIFTH == 0


def read_names(path: Path) -> Sequence[NamePair]:
    """Of a file with the columns name1, name2, match. Raises `ValueError` that names the line."""
    pairs = []
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            cells = line.rstrip("\r\n").split("\t")
            if number == 1 and cells[:3] == ["name1", "name2", "match"]:
                continue
            if len(cells) < 3 or cells[2] not in {"0", "1"}:
                raise ValueError(
                    f"{path}, line {number}: expected name1, name2 and match (0 or 1), with tabs between them"
                )
            pairs.append(NamePair(cells[0], cells[1], cells[2] == "1"))
    return pairs


def read_tracing(folder: Path) -> Tracing:
    """Of registered.jsonl, sought.jsonl (each plain or .gz) and truth.tsv. Raises `ValueError` that names the line, and
    `FileNotFoundError`."""
    truth: dict[str, set[str]] = {}
    with _open(folder / "truth.tsv") as lines:
        for number, line in enumerate(lines, start=1):
            cells = line.rstrip("\r\n").split("\t")
            if cells == ["sought", "registered"]:
                continue
            if len(cells) != 2:
                raise ValueError(f"{folder / 'truth.tsv'}, line {number}: expected the ids of a request and a record")
            truth.setdefault(cells[0], set()).add(cells[1])
    return Tracing(
        dict(_records(folder, "sought")),
        dict(_records(folder, "registered")),
        {request: frozenset(records) for request, records in truth.items()},
    )


def _records(folder: Path, name: str) -> Iterator[tuple[str, Record]]:
    path = next((one for one in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz") if one.exists()), None)
    if path is None:
        raise FileNotFoundError(f"{folder} has neither {name}.jsonl nor {name}.jsonl.gz")
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                yield row["id"], record_of(row)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise ValueError(f"{path}, line {number}: this is no record of the tracing format") from None


_SEXES = {"F": "female", "M": "male"}


def record_of(row: Mapping[str, Any]) -> Record:
    """Of a row of the tracing samples: sex F or M, nationality alpha-2, birth as date, year, or age and year."""
    born_from, born_to, stated = _birth(row.get("birth") or {})
    place = row.get("place_origin")
    return Record(
        names=tuple(row[name] for name in ("name", "name_alt") if row.get(name)),
        sex=_SEXES.get(row.get("sex", ""), row.get("sex") or "unknown"),
        born_from=born_from,
        born_to=born_to,
        stated_age=stated,
        nationality=row.get("nationality"),
        places=(Place(name=place, origin=True),) if place else (),
        father=row.get("father"),
        mother=row.get("mother"),
    )


def _birth(birth: Mapping[str, Any]) -> tuple[date | None, date | None, bool]:
    if birth.get("date"):
        day = date.fromisoformat(birth["date"])
        return day, day, False
    if birth.get("year"):
        return date(birth["year"], 1, 1), date(birth["year"], 12, 31), False
    if birth.get("age") is not None and birth.get("as_of"):
        year = int(birth["as_of"]) - int(birth["age"])
        return date(year - 1, 1, 1), date(year, 12, 31), True
    return None, None, False


def _open(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
