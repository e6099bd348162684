"""Intake's worker process: `python -m services.intake.worker`."""

from services.intake.chores import CHORES
from services.intake.commands.protection import erase_again
from services.intake.domain import Base
from services.intake.pairing import start_pairing
from services.intake.settings import LISTENS_TO, SERVICE
from services.intake.subscribers import PROJECTIONS, REACTIONS
from shared.messaging.consumer import Subscriptions
from shared.worker_process import run_worker

SUBSCRIPTIONS = Subscriptions(PROJECTIONS, REACTIONS)


def main() -> None:
    """Run sequencer, publisher, consumer, reconciler, feed and matching until asked to end."""
    beside = (start_pairing,)
    run_worker(SERVICE, LISTENS_TO, SUBSCRIPTIONS, erase_again, Base.metadata, chores=CHORES, beside=beside)


if __name__ == "__main__":
    main()
