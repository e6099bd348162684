"""Logs: one line of JSON an event, with ids and event names; never names, contacts, payloads or drivers' texts."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """Formats a record and its `extra` fields; of an exception only class and code location, as texts may leak."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line.update({key: value for key, value in record.__dict__.items() if key not in _OWN})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_error(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=False)


def configure_logging(level: str = "INFO") -> None:
    """Send every log of this process to standard error as JSON lines. Libraries speak from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("kinbridge", "shared", "services"):
        logging.getLogger(name).setLevel(level)


def describe_error(error: BaseException) -> Mapping[str, str | None]:
    """What may be stored, logged and shown of an error: class, SQLSTATE and code location; never its text."""
    return {"class": error_class(error), "sqlstate": sqlstate(error), "location": code_location(error)}


def error_class(error: BaseException) -> str:
    """The error's class; for a database error, the driver's class behind SQLAlchemy's."""
    original = getattr(error, "orig", None)
    kind = type(original if isinstance(original, BaseException) else error)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


def sqlstate(error: BaseException) -> str | None:
    """The five-character SQLSTATE (PostgreSQL) or SQLite's symbolic result code, where there is one."""
    original = getattr(error, "orig", None) or error
    return getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)


def code_location(error: BaseException) -> str | None:
    """The innermost `file:line` of this product's own code in the traceback."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        own = _own_file(trace.tb_frame.f_code.co_filename)
        if own is not None:
            found = f"{own}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _own_file(file: str) -> str | None:
    path = Path(file)
    if "site-packages" in path.parts or not path.is_relative_to(_ROOT):
        return None
    return path.relative_to(_ROOT).as_posix()
