"""A process that reads the program once, and is then forked for each command: of a command's two seconds most go into
reading it.

One JSON line in, one out: {"words": […], "cwd": …, "environment": {…}, "told": …, "complained": …} → {"pid": 1234};
{"end of": 1234} → {"code": 0}. It opens no connection and starts no thread. Ends when its input ends.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from shared.garbage import collect_seldom

collect_seldom()

from kinbridge import server  # noqa: E402, F401 - after the line above; read by some commands only when they run
from kinbridge.cli import main as kinbridge  # noqa: E402


def main() -> None:
    """Answer until the input ends; in a fork, be the command that was asked for."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "end of" in asked:
            _, status = os.waitpid(asked["end of"], 0)
            answer = {"code": os.waitstatus_to_exitcode(status)}
        else:
            pid = os.fork()
            if pid == 0:
                _become(asked)
                kinbridge()
                return
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


def _become(asked: dict[str, Any]) -> None:
    """The fork: its own words, folder, settings and streams."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    streams = [os.open(asked[one], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) for one in ("told", "complained")]
    for target, source in enumerate((nothing, *streams)):
        os.dup2(source, target)
        os.close(source)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["kinbridge", *asked["words"]]


if __name__ == "__main__":
    main()
