"""Commands for the person who runs an installation."""

from __future__ import annotations

from typing import Annotated

import typer

from kinbridge.cli.options import DataDir, result_of, settings_of
from shared.command_line import AsJson, Asked
from shared.operators import command_line

Service = Annotated[str, typer.Argument(help="Of which service: intake, notify or reporting.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command_line.add_to(app, run, _run_in, lambda words, service, rest: f"kinbridge {words} {service} {rest}")


def run(asked: Asked, data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Carry a command out on a data folder, and show its answer."""
    asked.show(result_of(settings_of(data_dir), asked.operation, **asked.arguments), json_)


def _run_in(asked: Asked, service: Service, data_dir: DataDir = None, json_: AsJson = False) -> None:
    asked.show(result_of(settings_of(data_dir), asked.operation, service=service, **asked.arguments), json_)
