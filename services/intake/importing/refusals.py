"""Why a row or a whole file is refused, in words that say what to do and never repeat what a cell holds."""

from dataclasses import dataclass
from typing import Literal, get_args

from shared.errors import InvalidInput

Reason = Literal[
    "broken_text",
    "control_character",
    "dates_disagree",
    "dates_reversed",
    "malformed_quotes",
    "missing_value",
    "negative_count",
    "not_a_number",
    "not_a_whole_number",
    "not_a_year",
    "out_of_range",
    "stray_line_break",
    "too_large",
    "too_large_record",
    "too_long",
    "unclosed_quote",
    "unknown_date",
    "unknown_kind",
    "unknown_month",
    "wrong_number_of_cells",
]

REASONS: frozenset[str] = frozenset(get_args(Reason))

Unreadable = Literal[
    "broken_header",
    "duplicate_column",
    "empty_file",
    "misspelt_column",
    "missing_columns",
    "not_text",
    "utf_16",
]


class UnreadableFile(InvalidInput):
    """No row of the file can be read. The message says what to do and repeats nothing from the file.

    It repeats not even the header: a file without one has a record where the header should be.
    """

    def __init__(self, reason: Unreadable, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong with a row.

    `field` is the column's name as it stands in the file, '' where the row as a whole cannot be read;
    `reason` a code that never changes its meaning; `message` a sentence for a case worker, free of the
    cell's value.
    """

    field: str
    reason: Reason
    message: str


def refuse(field: str, reason: Reason, **limits: object) -> Refusal:
    """A refusal with its sentence. `limits` are rules of ours that the sentence names, never a value."""
    return Refusal(field, reason, MESSAGES[reason].format(**limits))


MESSAGES: dict[Reason, str] = {
    "broken_text": "Some letters here cannot be read. Save the file as 'CSV UTF-8' and check this cell.",
    "control_character": "This cell holds an invisible character that cannot be stored. Type the text anew.",
    "dates_disagree": "The day contradicts the year or the month of this row. Correct what is wrong.",
    "dates_reversed": "The last day is before the first day. Correct one of the two.",
    "malformed_quotes": (
        "A quotation mark stands in the middle of a cell. Put the whole cell into quotation marks and "
        "write each one inside it twice, or save the file as CSV again from your spreadsheet."
    ),
    "missing_value": "This cell is empty but needed. Fill it in.",
    "negative_count": "This figure is below zero. Correct it, or leave the cell empty if it is not known.",
    "not_a_number": "This is not a number. Write degrees such as 35.5, or leave the cell empty.",
    "not_a_whole_number": (
        "This is not a whole number. Write digits only, without separators or words, or leave the "
        "cell empty if the figure is not known."
    ),
    "not_a_year": "This is not a year. Write it with four digits.",
    "out_of_range": "This does not lie between {low} and {high}. Correct it.",
    "stray_line_break": (
        "A line break stands in the middle of this row, outside quotation marks. Save the file as CSV "
        "again from your spreadsheet."
    ),
    "too_large": "This figure is larger than {high}. Check whether two figures have run together.",
    "too_large_record": "This row is too long to be read. Shorten it, or check the quotation marks near it.",
    "too_long": "This text is too long. Shorten it to at most {longest} characters.",
    "unclosed_quote": "A quotation mark in this row is opened but never closed. Close it or remove it.",
    "unknown_date": "This is not a date that can be read for certain. Write it like 2018-06-30.",
    "unknown_kind": "This is not a kind of incident. Write Incident, Split Incident or Cumulative Incident.",
    "unknown_month": "This is not a month. Write its English name or its number, such as June or 6.",
    "wrong_number_of_cells": "This row has not as many cells as the header. Check its separators.",
}
