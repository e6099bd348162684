"""Commands about organisations, their users and their systems, on a data folder."""

from __future__ import annotations

import typer

from kinbridge.cli.options import DataDir, answer
from services.intake.admin import command_line
from shared.command_line import AsJson


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command_line.add_to(app, _run)


def _run(asked: command_line.Asked, data_dir: DataDir = None, json_: AsJson = False) -> None:
    answer(data_dir, json_, asked.operation, asked.tell, **asked.arguments)
