"""A text message gateway in a process of its own: Twilio's form of it, on this machine, that takes everything.

On release it says where it is. Each line after that is answered with what it took since: Unix time by number.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping

from bench.child import settings_of_child, wait_for_release
from tests.notify.gateways import Behaviour, ProviderServer


class Watched(ProviderServer):
    """Notes when it took each message."""

    def __init__(self, delay: float) -> None:
        super().__init__("twilio", Behaviour({"slow": 1.0} if delay else {}, delay=delay))
        self.times: dict[str, float] = {}

    def _take(self, form: Mapping[str, str]) -> bytes:
        self.times[form["To"]] = time.time()
        return super()._take(form)


def main() -> None:
    gateway = Watched(settings_of_child().get("delay", 0.0))
    with gateway:
        wait_for_release()
        print(gateway.url, flush=True)
        while sys.stdin.readline():
            times, gateway.times = gateway.times, {}
            gateway.taken.clear()
            print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main()
