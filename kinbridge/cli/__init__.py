"""The command line, `kinbridge`. Exit codes: 0 done; 1 done, but some rows were refused; 2 could not be done at all."""

from __future__ import annotations

import typer

from kinbridge.cli import administration, data, erase, match, operators, reports, system
from shared.command_line import reporting_errors

app = typer.Typer(
    name="kinbridge",
    help="Connects the organisations that look for missing people and help people on the move.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
system.add_to(app)
data.add_to(app)
reports.add_to(app)
erase.add_to(app)
operators.add_to(app)
administration.add_to(app)
match.add_to(app)


def main() -> None:
    """Run one command; an error raised on purpose becomes a sentence and an exit code."""
    with reporting_errors():
        app()


__all__ = ["app", "main"]
