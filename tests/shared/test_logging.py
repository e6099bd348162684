"""A log line holds ids and event names; of an error its class and place, never its text."""

import json
import logging
import sqlite3

from shared.logging import JsonLines, describe_error, error_class, sqlstate


def line_of(error: Exception | None = None, **extra: object) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("shared.x", logging.WARNING, "f.py", 1, "happened", (), info)
    record.__dict__.update(extra)
    return JsonLines().format(record)


def raised(statement: str) -> sqlite3.Error:
    try:
        sqlite3.connect(":memory:").execute(statement)
    except sqlite3.Error as error:
        return error
    raise AssertionError


def test_a_record_is_one_line_of_json_with_its_extra_fields() -> None:
    line = line_of(subject="case/1", position=7)
    told = json.loads(line)
    assert "\n" not in line
    assert (told["event"], told["level"], told["subject"], told["position"]) == ("happened", "warning", "case/1", 7)


def test_a_drivers_text_is_not_logged() -> None:
    error = raised("SELECT canary")
    told = json.loads(line_of(error))
    assert told["error"]["class"] == "sqlite3.OperationalError"
    assert told["error"]["sqlstate"] == "SQLITE_ERROR"
    assert told["error"]["location"].startswith("tests/shared/test_logging.py:")
    assert "canary" not in json.dumps(told)


def test_an_error_is_told_by_class_state_and_place() -> None:
    error = ValueError("canary")
    assert describe_error(error) == {"class": "ValueError", "sqlstate": None, "location": None}
    assert error_class(KeyError()) == "KeyError"
    assert sqlstate(error) is None
