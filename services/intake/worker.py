"""Intake's worker process: `python -m services.intake.worker`."""

from services.intake.chores import CHORES
from services.intake.commands.protection import erase_again
from services.intake.domain import Base
from services.intake.settings import LISTENS_TO, SERVICE
from services.intake.subscribers import PROJECTIONS, REACTIONS
from shared.messaging.consumer import Subscriptions
from shared.worker_process import run_worker

SUBSCRIPTIONS = Subscriptions(PROJECTIONS, REACTIONS)


def main() -> None:
    """Run sequencer, publisher, consumer, reconciler and feed until asked to end."""
    run_worker(SERVICE, LISTENS_TO, SUBSCRIPTIONS, erase_again, Base.metadata, chores=CHORES)


if __name__ == "__main__":
    main()
