"""Reporting's worker process: `python -m services.reporting.worker`."""

from services.reporting.domain import Base
from services.reporting.settings import LISTENS_TO, SERVICE
from services.reporting.subscribers import PROJECTIONS, REACTIONS, erase_again
from shared.messaging.consumer import Subscriptions
from shared.worker_process import run_worker

SUBSCRIPTIONS = Subscriptions(PROJECTIONS, REACTIONS)


def main() -> None:
    """Run sequencer, publisher, consumer, reconciler and feed until asked to end."""
    run_worker(SERVICE, LISTENS_TO, SUBSCRIPTIONS, erase_again, Base.metadata)


if __name__ == "__main__":
    main()
