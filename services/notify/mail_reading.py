"""Reading the mailbox to which bounces and families' answers come back."""

from __future__ import annotations

import logging

from sqlalchemy import Engine

from services.notify.commands.heard import hear_message
from services.notify.commands.receipts import take_receipts
from services.notify.commands.report_mail import hear_bounce
from services.notify.senders import Inbound, Inbox, Receipt
from shared.database import transaction, utc_now
from shared.errors import DomainError
from shared.logging import describe_error

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Letters of one look into the mailbox."""


def read_mail(engine: Engine, inbox: Inbox) -> int:
    """Take in what lies in the mailbox, each letter in a transaction of its own, and remove it once that is committed:
    what a crash leaves is read again, and heard once. What is not about a family of ours is set aside, unanswered.
    Returns how many letters were taken in.
    """
    taken, letters = 0, inbox.letters
    for name in letters.waiting(AT_ONCE):
        content = letters.read(name)
        came = inbox.understood(content) if content is not None else None
        if came is not None and _taken_in(engine, came):
            letters.remove(name)
            taken += 1
        else:
            letters.set_aside(name)
    return taken


def _taken_in(engine: Engine, came: Receipt | Inbound) -> bool:
    try:
        with transaction(engine) as session:
            if isinstance(came, Receipt):
                return take_receipts(session, [came], utc_now()) > 0 or hear_bounce(session, came)
            return hear_message(session, came, utc_now()) is not False
    except DomainError as error:
        log.warning("a letter was not taken in", extra={"error": describe_error(error)})
        return False
