"""A process that imports everything once and then forks workers: a worker that is killed often must start cheaply.

One JSON line in, one out: {"role": "intake", "environment": {…}, "log": "…"} → {"pid": 1234}. It opens no
connection and starts no thread itself. Ends, with all it forked, when its input ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from services.intake import worker as intake
from services.reporting import worker as reporting
from tests.faults import family_sender, producer
from tests.faults import ledger_worker as ledger

ROLES: dict[str, Callable[[], object]] = {
    "intake": intake.main,
    "reporting": reporting.main,
    "ledger": ledger.main,
    "producer": producer.main,
    "sender": family_sender.send,
    "web": family_sender.hear,
}
_children: set[int] = set()


def main() -> None:
    """Fork what is asked for until the input ends."""
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        asked = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            _become(asked)
        _children.add(pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        print(json.dumps({"pid": pid}), flush=True)  # noqa: T201 - the answer
    for pid in tuple(_children):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _become(asked: dict[str, Any]) -> None:
    """The child: its own log, settings and role; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    output = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.environ.update(asked["environment"])
    sys.argv = [asked["role"]]
    code = 1
    try:
        ROLES[asked["role"]]()
        code = 0
    except BaseException:  # noqa: BLE001 - written to the log, and the child ends
        traceback.print_exc()
    finally:
        os._exit(code)


def _reap(_signal: int, _frame: FrameType | None) -> None:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _children.discard(pid)


if __name__ == "__main__":
    main()
