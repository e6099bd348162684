"""How commands speak: to people on a terminal, or one JSON document on standard output; and their exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from shared.errors import KinbridgeError

DONE, SOME_REFUSED, NOT_DONE = 0, 1, 2

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")]

people = Console(stderr=True, highlight=False)
out = Console(highlight=False)


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
