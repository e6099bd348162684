"""`python -m services.intake.admin org|user|client …`, where intake runs by itself; the settings are its own."""

from __future__ import annotations

import typer

from services.intake.admin.command_line import Asked, add_to
from services.intake.admin.operations import OPERATIONS
from services.intake.commands.protection import erase_again
from services.intake.settings import SERVICE
from shared.command_line import AsJson, print_json, reporting_errors
from shared.logging import configure_logging
from shared.service import open_service_engine
from shared.settings import Settings


def run(asked: Asked, json_: AsJson = False) -> None:
    """Carry a command out on intake's database, and show its answer."""
    settings = Settings()
    engine, _ = open_service_engine(settings, SERVICE, erase_again)
    configure_logging("WARNING")
    answer = OPERATIONS[asked.operation](engine, **asked.arguments)
    if json_:
        print_json(answer)
    else:
        asked.tell(answer)


def main() -> None:
    """Run one command. Exit codes: 0 done, 2 not done."""
    app = typer.Typer(
        name="python -m services.intake.admin",
        help="Organisations, the people who work for them, and their systems.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    add_to(app, run)
    with reporting_errors():
        app()


if __name__ == "__main__":
    main()
