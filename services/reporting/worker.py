"""Reporting's worker process: `python -m services.reporting.worker`."""

from functools import partial

from services.reporting import files
from services.reporting.domain import Base
from services.reporting.drafting import draft_issue
from services.reporting.settings import LISTENS_TO, SERVICE
from services.reporting.subscribers import PROJECTIONS, REACTIONS, erase_again
from services.reporting.tasks import start_schedules
from shared.messaging.consumer import Subscriptions
from shared.worker_process import run_worker

SUBSCRIPTIONS = Subscriptions(PROJECTIONS, REACTIONS)


def main() -> None:
    """Run sequencer, publisher, consumer, reconciler, feed, and what is done by the clock, until asked to end."""
    beside = [partial(start_schedules, draft=draft_issue)]
    run_worker(SERVICE, LISTENS_TO, SUBSCRIPTIONS, erase_again, Base.metadata, beside=beside, beside_feed=files.router)


if __name__ == "__main__":
    main()
