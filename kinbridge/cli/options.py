"""Options that commands on a data folder share, and how each runs its operation there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from kinbridge.control import steps
from shared.command_line import people, print_json
from shared.logging import configure_logging
from shared.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The data folder. Default: KINBRIDGE_DATA_DIR, else ./data.", show_default=False),
]


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
