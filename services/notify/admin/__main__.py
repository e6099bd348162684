"""`python -m services.notify.admin …`: an operator's commands, where notify runs by itself."""

from services.notify.admin.service import OPERATED
from shared.operators.admin import operators_app, run_app


def main() -> None:
    """Run one command. Exit codes: 0 done, 2 not done."""
    run_app(operators_app(OPERATED))


if __name__ == "__main__":
    main()
