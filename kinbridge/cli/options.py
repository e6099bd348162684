"""Options that commands share, and how they speak: people on a terminal, or one JSON document on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from kinbridge.control import steps
from shared.errors import KinbridgeError
from shared.logging import configure_logging
from shared.settings import Settings

DONE, SOME_REFUSED, NOT_DONE = 0, 1, 2

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The data folder. Default: KINBRIDGE_DATA_DIR, else ./data.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")]

people = Console(stderr=True, highlight=False)
out = Console(highlight=False)


def settings_of(data_dir: Path | None, **changes: Any) -> Settings:
    """The settings of this command."""
    given = {name: value for name, value in {"data_dir": data_dir, **changes}.items() if value is not None}
    settings = Settings(**given)
    configure_logging("WARNING")
    return settings


def result_of(settings: Settings, operation: str, **arguments: Any) -> dict[str, Any]:
    """Run an operation to its end; progress goes to standard error."""
    last: dict[str, Any] = {}
    for step in steps(settings, operation, **arguments):
        if step["kind"] == "progress":
            people.print(f"[dim]{step['text']} …[/dim]")
        last = step
    last.pop("kind", None)
    return last


def answer(
    data_dir: Path | None, as_json: bool, operation: str, tell: Callable[[dict[str, Any]], None], **arguments: Any
) -> dict[str, Any]:
    """Run an operation and show its result: the JSON document alone, or what `tell` prints of it."""
    found = result_of(settings_of(data_dir), operation, **arguments)
    if as_json:
        print_json(found)
    else:
        tell(found)
    return found


def print_json(document: object) -> None:
    """The one document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Errors raised on purpose, and wrong settings, become one sentence on standard error and exit code 2."""
    try:
        yield
    except KinbridgeError as error:
        people.print(f"[bold red]kinbridge:[/bold red] {error}", soft_wrap=True)
        raise SystemExit(NOT_DONE) from None
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            name = "KINBRIDGE_" + "_".join(str(part) for part in one["loc"]).upper()
            people.print(f"[bold red]kinbridge:[/bold red] the setting {name}: {one['msg']}", soft_wrap=True)
        raise SystemExit(NOT_DONE) from None
    except BrokenPipeError:
        raise SystemExit(NOT_DONE) from None
    except KeyboardInterrupt:
        people.print("Stopped. What was accepted is kept; the same command goes on where this one stopped.")
        raise SystemExit(130) from None
