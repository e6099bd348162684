"""Intake's worker process: `python -m services.intake.worker`."""

from datetime import timedelta

from services.intake.audit import chain_views
from services.intake.commands import forget_old_answers
from services.intake.settings import LISTENS_TO, SERVICE
from services.intake.subscribers import PROJECTIONS, REACTIONS
from shared.messaging.consumer import Subscriptions
from shared.service import run_worker

SUBSCRIPTIONS = Subscriptions(PROJECTIONS, REACTIONS)
CHORES = {
    "forget old answers": (timedelta(hours=1), forget_old_answers),
    "chain views": (timedelta(seconds=2), chain_views),
}


def main() -> None:
    """Run sequencer, publisher, consumer, reconciler and feed until asked to end."""
    run_worker(SERVICE, LISTENS_TO, SUBSCRIPTIONS, chores=CHORES)


if __name__ == "__main__":
    main()
