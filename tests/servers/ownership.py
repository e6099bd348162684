"""What belongs to this test run: one folder, the processes recorded in it, the ports it picked.

The folder holds a lock file, locked for as long as the run lives. A later run removes the folder of a
run that was killed, and ends its recorded processes, only when it can take that lock itself.
"""

import atexit
import fcntl
import os
import random
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .processes import Identity, NotOurs, OwnProcess, end_identity
from .tmpfs import unmount_below

PREFIX = "kb-"
LOCK_TEXT = "kinbridge test run\n"
LOWEST_PORT = 10_240


class _Run:
    """The folder and the lock of this process, and what has to be closed before the folder goes."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
        self.folder.chmod(0o711)  # a server started under another user passes through, and lists nothing
        self.lock = _locked(self.folder / "lock")
        self.closers: list[Callable[[], None]] = []

    def end(self) -> None:
        """Close what is open, newest first, and remove the folder; nothing in a forked copy."""
        if self.pid != os.getpid():
            return
        while self.closers:
            self.closers.pop()()
        unmount_below(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.close()


_runs: dict[int, _Run] = {}  # by process: a forked copy begins a run of its own
_given_ports: set[int] = set()


def run_folder() -> Path:
    """This process's own temporary folder: a short path, made at the first call, removed at exit."""
    return _this_run().folder


def end_run() -> None:
    """Close every server of this run and remove its folder now; the next use begins a new one."""
    run = _runs.pop(os.getpid(), None)
    if run is not None:
        atexit.unregister(run.end)
        run.end()


@contextmanager
def whole_run() -> Iterator[Path]:
    """`run_folder()` for the length of a `with` block."""
    try:
        yield run_folder()
    finally:
        end_run()


def fresh_folder(name: str) -> Path:
    """A new empty folder inside `run_folder()`, its name beginning with `name`."""
    return own_folder(Path(tempfile.mkdtemp(prefix=f"{name}-", dir=run_folder())))


def own_folder(folder: Path) -> Path:
    """`folder`, made if needed, as a real path; `NotOurs` unless it lies inside `run_folder()`."""
    real = require_inside(folder)
    real.mkdir(parents=True, exist_ok=True)
    while real != run_folder():
        real.chmod(0o711)
        real = real.parent
    return folder.resolve()


def require_inside(folder: Path) -> Path:
    """`folder` as a real path; `NotOurs` unless it lies inside (and is not) `run_folder()`."""
    real = folder.resolve()
    if run_folder() not in real.parents:
        raise NotOurs(f"{real} is not inside the folder of this run")
    return real


def remove_own(folder: Path) -> None:
    """Delete a folder of this run with all it holds, unmounting what is mounted in it."""
    real = require_inside(folder)
    unmount_below(real)
    shutil.rmtree(real, ignore_errors=True)


def close_at_end(close: Callable[[], None]) -> None:
    """Call `close` (which must bear being called twice) before the folder is removed."""
    _this_run().closers.append(close)


def recorded(process: OwnProcess) -> OwnProcess:
    """The process, written down so that a later run can end it if this one is killed."""
    found = process.identity
    with (run_folder() / "processes").open("a") as processes:
        processes.write(f"{found.pid} {found.born} {found.mark}\n")
    return process


def free_port() -> int:
    """A TCP port free on 127.0.0.1, never given twice, outside the range the kernel lends to clients.

    Inside that range a client that reconnects while its server is down could be lent the very port the
    server needs to come back.
    """
    lent = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    above = int(lent[0]) if int(lent[0]) > LOWEST_PORT + 1_000 else 32_768
    for port in random.sample(range(LOWEST_PORT, above), k=500):
        with socket.socket() as trial, suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
            if port not in _given_ports:
                _given_ports.add(port)
                return port
    raise RuntimeError("no free port found")


def sweep_leftovers() -> None:
    """Remove the folders of runs of this user that were killed; those of living runs are locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError, RuntimeError):
            _sweep(folder.parent.resolve() / folder.name)


def _this_run() -> _Run:
    run = _runs.get(os.getpid())
    if run is None:
        sweep_leftovers()
        run = _runs[os.getpid()] = _Run()
        atexit.register(run.end)
    return run


def _sweep(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return
    with os.fdopen(os.open(folder / "lock", os.O_RDWR | os.O_NOFOLLOW), "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock.read() != LOCK_TEXT:
            return
        for line in _processes_of(folder):
            pid, born, mark = line.split(" ", 2)
            if Path(mark).is_relative_to(folder):
                end_identity(Identity(int(pid), int(born), mark))
        unmount_below(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _processes_of(folder: Path) -> list[str]:
    with suppress(FileNotFoundError):
        return (folder / "processes").read_text().splitlines()
    return []


def _locked(path: Path) -> IO[str]:
    """A lock file that is never seen unlocked under its name."""
    draft = path.with_suffix(".new")
    lock = draft.open("w")
    lock.write(LOCK_TEXT)
    lock.flush()
    fcntl.flock(lock, fcntl.LOCK_EX)
    draft.rename(path)
    return lock
