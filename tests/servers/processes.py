"""A process this run started: known by its pid, the time of its birth, and a word only it carries."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


class NotOurs(RuntimeError):
    """What was about to be changed or ended cannot be proven to belong to this test run."""


@dataclass(frozen=True)
class Identity:
    """Who a process is. A pid alone says nothing: the kernel gives it to another process later."""

    pid: int
    born: int
    mark: str

    def alive(self) -> bool:
        """True while this very process exists and is no zombie."""
        return birth(self.pid) == self.born

    def prove(self) -> None:
        """Return only if the pid still is the process born then, and carries our mark; else `NotOurs`.

        The mark is a whole word of its command line, or a whole value of its environment.
        """
        if not self.alive():
            raise NotOurs(f"process {self.pid} is not the one this run started")
        if self.mark not in _words(self.pid):
            raise NotOurs(f"process {self.pid} does not carry {self.mark}")


class OwnProcess:
    """A child process in its own session; only `prove`n pids are ever signalled."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        mark: str,
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        user: tuple[int, int] | None = None,
    ) -> None:
        """Start `command` in `folder`, its output appended to `log`, as (uid, gid) `user` if given."""
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user[0] if user else None,
                group=user[1] if user else None,
                extra_groups=[] if user else None,
            )
        self.identity = Identity(self._popen.pid, birth(self._popen.pid) or 0, mark)

    @property
    def pid(self) -> int:
        return self.identity.pid

    def running(self) -> bool:
        """True while the child lives (in a forked copy of this run it is never true)."""
        return self._popen.poll() is None

    def prove(self) -> None:
        """Return only if what is known here is our living child, marked as ours; else raise `NotOurs`."""
        if self.identity.pid != self._popen.pid:
            raise NotOurs(f"process {self.identity.pid} is no child of this run")
        self.identity.prove()

    def end(self, number: signal.Signals, patience: float = 60.0) -> None:
        """Send the signal and return when the process and its descendants are gone.

        Does nothing if it has ended already. Raises `NotOurs` before anything is sent, and
        `TimeoutError` when it still lives after `patience` seconds.
        """
        if not self.running():
            return
        self.prove()
        if number == signal.SIGKILL:
            _freeze(self.identity)
        offspring = descendants(self.pid)
        os.kill(self.pid, number)
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"process {self.pid} outlived {number.name} by {patience} s") from error
        wait_gone(offspring)


def end_identity(found: Identity) -> None:
    """SIGKILL a process recorded by an earlier, killed run of ours, with its descendants.

    Does nothing when the pid has become somebody else's.
    """
    with suppress(NotOurs, ProcessLookupError):
        found.prove()
        _freeze(found)
        offspring = descendants(found.pid)
        os.kill(found.pid, signal.SIGKILL)
        wait_gone([(found.pid, found.born), *offspring], patience=0)


def birth(pid: int) -> int | None:
    """The start time of a process in clock ticks since boot; None if it is gone or a zombie."""
    stat = _stat(pid)
    return None if stat is None or stat[0] in "ZX" else int(stat[19])


def descendants(pid: int) -> list[tuple[int, int]]:
    """(pid, birth) of all living children, their children and so on."""
    parents: dict[int, list[tuple[int, int]]] = {}
    for entry in Path("/proc").iterdir():
        stat = _stat(int(entry.name)) if entry.name.isdigit() else None
        if stat is not None:
            parents.setdefault(int(stat[1]), []).append((int(entry.name), int(stat[19])))
    found = list(parents.get(pid, []))
    for child, _ in found:
        found.extend(parents.get(child, []))
    return found


def wait_gone(family: Iterable[tuple[int, int]], patience: float = 2.0) -> None:
    """Wait until all are gone; those still there after `patience` seconds are killed."""
    left, deadline = list(family), time.monotonic() + patience
    while left := [(pid, born) for pid, born in left if birth(pid) == born]:
        if time.monotonic() > deadline:
            for pid, _ in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + patience
        time.sleep(0.005)


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log, or a word that there is none."""
    if not log.exists():
        return f"({log.name} was not written)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _freeze(found: Identity) -> None:
    """Stop the process, so that no child is born between the look at its children and its end."""
    os.kill(found.pid, signal.SIGSTOP)
    while (stat := _stat(found.pid)) is not None and stat[0] not in "TtZX":
        time.sleep(0.001)


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def _words(pid: int) -> set[str]:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError) as error:
        raise NotOurs(f"process {pid} does not let itself be looked at") from error
    values = [pair.partition(b"=")[2] for pair in environment]
    return {os.fsdecode(word) for word in (*command, *values)}
