"""The gateway of the storms keeps an account that can be read out."""

from __future__ import annotations

from uuid import uuid4

from services.notify.senders import Outgoing
from tests.notify.gateways import ProviderServer
from tests.notify.senders.test_sms import sender_of


def test_calls_without_trouble_are_counted_under_no_name() -> None:
    with ProviderServer("twilio") as server:
        server.next(None, "500")
        for _ in range(2):
            sender_of(server).send(Outgoing(uuid4(), "+251911000042", "", "Hello", "en"))
        assert server.troubles == {"": 1, "500": 1}
