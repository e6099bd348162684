"""One of notify's sending processes: the real `FamilyDelivery` with the real Twilio sender, until nothing is due.

Answers with the moments (Unix time) between which it sent, how many, and the processor time of the process.
"""

from __future__ import annotations

import json
import time

from bench.child import settings_of_child, wait_for_release
from bench.facts import KEYS
from services.notify.family_delivery import FamilyDelivery
from services.notify.senders.twilio import TwilioSender
from shared.database import open_engine
from shared.garbage import calm_garbage_collector
from shared.messaging.log import open_ledger

PAGE = "help.example/notify/f"


def main() -> None:
    settings = settings_of_child()
    engine = open_engine(settings["database"])
    open_ledger(engine, "notify", KEYS)
    sender = TwilioSender("account", "secret", "+15005550006", None, url=settings["gateway"], per_second=100_000)
    delivery = FamilyDelivery(engine, {"sms": sender}, PAGE)
    engine.connect().close()
    calm_garbage_collector()
    wait_for_release()
    began, busy = time.time(), time.process_time()
    sent = delivery.deliver_due()
    answer = {"began": began, "ended": time.time(), "sent": sent, "busy": time.process_time() - busy}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
