"""How commands speak: to people on a terminal, or one JSON document on standard output; and their exit codes."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from typer.models import ArgumentInfo

from shared.errors import KinbridgeError

DONE, SOME_REFUSED, NOT_DONE = 0, 1, 2

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")]

Tell = Callable[[dict[str, Any]], None]

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


def say(text: str) -> None:
    """A line to a person, as it is."""
    out.print(text, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class Asked:
    """An operation, its arguments, how its answer is told to a person, and whether it is a success."""

    operation: str
    tell: Tell
    arguments: dict[str, Any]
    done: Callable[[dict[str, Any]], bool] = lambda _answer: True

    def show(self, answer: dict[str, Any], as_json: bool) -> None:
        """Show the answer; ends with `NOT_DONE` where it is no success."""
        if as_json:
            print_json(answer)
        else:
            self.tell(answer)
        if not self.done(answer):
            raise typer.Exit(NOT_DONE)


def ask(operation: str, tell: Tell, /, **arguments: Any) -> Asked:
    """What a command asks for."""
    return Asked(operation, tell, arguments)


Commands = Mapping[str, Callable[..., Asked]]
"""By their last word."""


def add_group(app: typer.Typer, name: str, told: str, commands: Commands, run: Callable[..., object]) -> typer.Typer:
    """Add commands under one word. `run(asked, …)` carries one out; what it takes besides are options of each."""
    group = typer.Typer(help=told, no_args_is_help=True)
    add_commands(group, commands, run)
    app.add_typer(group, name=name)
    return group


def add_commands(app: typer.Typer, commands: Commands, run: Callable[..., object]) -> None:
    """Add commands, each with the options of `run`."""
    for word, command in commands.items():
        app.command(word, help=command.__doc__)(_run_by(run, command))


def _run_by(run: Callable[..., object], command: Callable[..., Asked]) -> Callable[..., None]:
    """The command with the options of `run`, which carries out what it asks for."""
    _, *options = inspect.signature(run, eval_str=True).parameters.values()
    own = inspect.signature(command, eval_str=True).parameters.values()

    def bound(**given: Any) -> None:
        chosen = {option.name: given.pop(option.name) for option in options}
        run(command(**given), **chosen)

    words = [one for one in options if _is_word(one)]
    ordered = (*words, *own, *(one for one in options if one not in words))
    parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in ordered]
    bound.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # Typer reads it
    bound.__annotations__ = {one.name: one.annotation for one in parameters}
    return bound


def _is_word(parameter: inspect.Parameter) -> bool:
    """True for what is given by its place, and not by a name with dashes."""
    return any(isinstance(one, ArgumentInfo) for one in getattr(parameter.annotation, "__metadata__", ()))
