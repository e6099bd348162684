"""Rows of a file of incidents, written and read."""

import csv
import io
from typing import Any

from services.intake.importing.incidents import GoodRow, RefusedRow, read_incidents

A_ROW = {
    "Incident Type": "Split Incident",
    "Incident year": "2018",
    "Reported Month": "June",
    "Region of Origin": "Eastern Africa (P)",
    "Region of Incident": "Mediterranean",
    "Country of Origin": "Eritrea, Sudan",
    "Number of Dead": "3",
    "Minimum Estimated Number of Missing": "",
    "Number of Survivors": "12.0",
    "Number of Females": "0",
    "Number of Males": "2",
    "Number of Children": "1",
    "Cause of Death": "Vehicle accident ",
    "extra": " death linked to hazardous transport",
    "Migration route": "Central Mediterranean",
    "Location of death": "off Zuwara,\nLibya",
    "Information Source": "IOM Libya",
    "lat": "33.1",
    "long": "-12,5",
    "": "",
}


def written(*rows: dict[str, str], separator: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(raw: bytes | str) -> list[GoodRow | RefusedRow]:
    return list(read_incidents(io.BytesIO(raw.encode() if isinstance(raw, str) else raw)))


def read_one(**changes: str) -> GoodRow | RefusedRow:
    """A_ROW with these cells changed; a column of the name is added where A_ROW has none."""
    (row,) = read(written(A_ROW | {name.replace("__", " "): cell for name, cell in changes.items()}))
    return row


def incident_of(row: GoodRow | RefusedRow) -> dict[str, Any]:
    assert isinstance(row, GoodRow), row
    return row.incident.model_dump()


def refused(row: GoodRow | RefusedRow) -> list[tuple[str, str]]:
    assert isinstance(row, RefusedRow)
    return [(each.field, each.reason) for each in row.refusals]
