"""Commands about organisations, their users and their systems, on a data folder."""

from __future__ import annotations

import typer

from kinbridge.cli.operators import run
from services.intake.admin import command_line


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command_line.add_to(app, run)
