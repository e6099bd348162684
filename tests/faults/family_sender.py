"""Notify's processes in a hurry: what sends to families, and what hears providers, with waits of seconds, not hours.

KINBRIDGE_TEST_CARELESS makes the sender call the provider first and record after, as many do.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import wait
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx2

from services.notify import app
from services.notify.commands.outcomes import end_family_attempts
from services.notify.commands.sending import Ready, begin_family_attempts
from services.notify.family_delivery import FamilyDelivery
from services.notify.senders import africastalking, gateway, smtp, twilio, vonage
from services.notify.settings import SERVICE
from services.notify.tasks import families
from shared.database import open_engine, transaction, utc_now
from shared.logging import configure_logging
from shared.messaging.log import open_ledger
from shared.service import web_server
from shared.settings import Settings

log = logging.getLogger("kinbridge.families")

IN_A_HURRY: dict[str, Any] = {
    "FIRST_RETRY": timedelta(seconds=0.5),
    "LONGEST_RETRY": timedelta(seconds=3),
    "GIVE_UP_AFTER": timedelta(seconds=30),
    "LOOK_AGAIN": timedelta(seconds=3),
    "RECHECK": timedelta(seconds=0.5),
    "LOOK_EVERY": timedelta(seconds=0.2),
}
LOADED = africastalking, gateway, smtp, twilio, vonage
"""Read before a process is forked, not by each."""


def hurry() -> None:
    """Let every module of notify that is loaded wait seconds where it waits minutes, hours and days."""
    for name, module in list(sys.modules.items()):
        if name.startswith("services.notify"):
            for setting, short in IN_A_HURRY.items():
                if hasattr(module, setting):
                    setattr(module, setting, short)
    gateway.TIMEOUTS = httpx2.Timeout(1.0)
    smtp.TIMEOUT = 1.0


def send() -> None:
    """Send to families until killed."""
    hurry()
    settings = Settings()
    configure_logging(settings.log_level)
    engine = open_engine(settings.database_url(SERVICE))
    open_ledger(engine, SERVICE, settings.key_ring())
    delivery = families(engine, settings)
    if os.environ.get("KINBRIDGE_TEST_CARELESS"):
        setattr(delivery, "deliver_due", lambda _stop: send_before_recording(delivery))  # noqa: B010 - that is the fault
    log.info("worker ready", extra={"service": "sender"})
    delivery.run(threading.Event())


def hear() -> None:
    """Serve notify's web process until killed."""
    hurry()
    settings = Settings()
    configure_logging(settings.log_level)
    keys, engine = settings.key_ring(), open_engine(settings.database_url(SERVICE))
    open_ledger(engine, SERVICE, keys)
    log.info("worker ready", extra={"service": "web"})
    web_server(app.build(engine, keys, settings), settings.host, settings.port).run()


class _Unrecorded(Exception):
    """Nothing of it is kept."""


def send_before_recording(delivery: FamilyDelivery) -> int:
    """One batch: the attempts are made, and recorded when they have been."""
    due, waiting = delivery._due()
    delivery._look_up(waiting)
    wait(delivery._asked)
    delivery._learn()
    asked = due, delivery._senders, delivery._page, utc_now()
    begun: Sequence[Ready] = ()
    with suppress(_Unrecorded), transaction(delivery._engine) as session:
        begun = begin_family_attempts(session, *asked)
        raise _Unrecorded
    handed = {ready.attempt_id: delivery._hand_over(ready, time.monotonic(), may_go=True) for ready in begun}
    time.sleep(0.2)  # the moment in which the kill must come, made long enough to be met
    with transaction(delivery._engine) as session:
        begin_family_attempts(session, *asked)
        end_family_attempts(session, handed, utc_now())
    return len(handed)
