"""Notify's worker process: `python -m services.notify.worker`. Its Celery jobs run in `services.notify.tasks`."""

from services.notify.domain import Base
from services.notify.settings import JOBS, LISTENS_TO, SERVICE
from services.notify.subscribers import PROJECTIONS, REACTIONS, erase_again
from shared.jobs import job_app
from shared.messaging.consumer import Subscriptions
from shared.settings import Settings
from shared.worker_process import run_worker

SUBSCRIPTIONS = Subscriptions(PROJECTIONS, REACTIONS)


def main() -> None:
    """Run sequencer, publisher, consumer, reconciler and feed until asked to end."""
    settings = Settings()
    jobs = job_app(SERVICE, JOBS, settings.broker_url)
    wakes = {JOBS: lambda: jobs.send_task("notify.deliver_due", queue=JOBS)}
    run_worker(SERVICE, LISTENS_TO, SUBSCRIPTIONS, erase_again, Base.metadata, settings, wakes)


if __name__ == "__main__":
    main()
