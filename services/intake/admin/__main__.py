"""`python -m services.intake.admin …`: organisations, users, clients, and an operator's commands, where intake runs by
itself."""

from __future__ import annotations

from services.intake.admin.command_line import add_to
from services.intake.admin.operations import OPERATIONS
from services.intake.admin.service import OPERATED
from shared.command_line import AsJson, Asked
from shared.operators.admin import open_desk, operators_app, run_app
from shared.settings import Settings


def run(asked: Asked, json_: AsJson = False) -> None:
    """Carry a command out on intake's database, and show its answer."""
    with open_desk(OPERATED, Settings()) as desk:
        asked.show(OPERATIONS[asked.operation](desk.engine, **asked.arguments), json_)


def main() -> None:
    """Run one command. Exit codes: 0 done, 2 not done."""
    app = operators_app(OPERATED)
    add_to(app, run)
    run_app(app)


if __name__ == "__main__":
    main()
