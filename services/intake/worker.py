"""Intake's worker process: `python -m services.intake.worker`."""

from datetime import timedelta

from services.intake.audit import anchor_views, chain_views
from services.intake.commands import forget_old_answers, forget_old_drafts, forget_old_sign_ins
from services.intake.commands.protection import erase_again, propose_what_is_due
from services.intake.settings import LISTENS_TO, SERVICE
from services.intake.subscribers import PROJECTIONS, REACTIONS
from shared.messaging.consumer import Subscriptions
from shared.service import run_worker

SUBSCRIPTIONS = Subscriptions(PROJECTIONS, REACTIONS)
CHORES = {
    "forget old answers": (timedelta(hours=1), forget_old_answers),
    "forget old drafts": (timedelta(hours=1), forget_old_drafts),
    "forget old sign-ins": (timedelta(hours=1), forget_old_sign_ins),
    "chain views": (timedelta(seconds=2), chain_views),
    "anchor views": (timedelta(minutes=5), anchor_views),
    "propose what retention finds due": (timedelta(days=1), propose_what_is_due),
}


def main() -> None:
    """Run sequencer, publisher, consumer, reconciler and feed until asked to end."""
    run_worker(SERVICE, LISTENS_TO, SUBSCRIPTIONS, erase_again, chores=CHORES)


if __name__ == "__main__":
    main()
