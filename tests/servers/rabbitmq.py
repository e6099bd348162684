"""A RabbitMQ node of this test run: killed, emptied and blocked without a thought for others."""

import json
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import kombu.connection

from . import ownership
from .ownership import free_port, fresh_folder, own_folder, remove_own, require_inside, run_folder
from .processes import NotOurs, OwnProcess, tail
from .rabbitmq_setup import DISK_FREE_LIMIT, NodeFiles, RabbitPrograms, find_programs, make_home
from .server import OwnServer

MORE_THAN_ANY_DISK = 2**60
connect: Any = kombu.connection.Connection  # kombu's own annotations are incomplete


class OwnRabbitMQ(OwnServer):
    """A single node in `folder` (inside `run_folder()`), with its own name, cookie, ports and epmd.

    Its address never changes, through kills, restarts and wipes. `settings` go into rabbitmq.conf.
    Use it in a `with` block: started at its beginning, killed and deleted at its end.
    """

    def __init__(self, folder: Path | None = None, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = own_folder(folder or fresh_folder("mq"))
        self.files = NodeFiles(self.folder)
        self.node = f"kbtest-{secrets.token_hex(4)}@localhost"
        self.settings = dict(settings or {})
        self.port = free_port()
        self.epmd_port = free_port()
        self.process: OwnProcess | None = None
        self._epmd: OwnProcess | None = None
        self._environment = self.files.environment(self.node, free_port(), self.epmd_port)
        self._asked: int | None = None

    @classmethod
    def find(cls) -> RabbitPrograms | None:
        """The programs that would be used."""
        return find_programs()

    @classmethod
    def why_not(cls) -> str | None:
        """Why no node can be run here; None if it can."""
        return None if cls.find() else "RabbitMQ's own scripts, or Erlang's erl and epmd, are not installed"

    def start(self, timeout: float = 90.0) -> None:
        """Start the node and return when an AMQP client is greeted with its name.

        Does nothing if it runs. Raises RuntimeError with the end of its log when it does not come up.
        """
        if self.running():
            return
        programs = self.find()
        if programs is None:
            raise RuntimeError(self.why_not())
        if not self.files.home.exists():
            self._make_files(programs)
        self._start_epmd(programs)
        command = [str(self.files.home / "sbin/rabbitmq-server")]
        self.process = self._begin(command, mark=str(self.files.mnesia), log=self.files.console)
        self._wait_ready(self.process, timeout)

    def stop(self) -> None:
        """Shut the node down in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL the node's beam, and return when its helpers are gone too. Its disk stays.

        RabbitMQ 3.10 loses a quorum queue declared within the second before: the queue comes back without a
        leader and never answers again. A test that wants it back waits two seconds first.
        """
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Kill the node, lose its disk, and start it again: no queue, exchange or vhost survives."""
        self.kill()
        shutil.rmtree(require_inside(self.files.mnesia), ignore_errors=True)
        self.start()

    def close(self) -> None:
        """Kill the node and its epmd, and delete its folder. Can be called again."""
        for process in (self.process, self._epmd):
            if process is not None:
                process.end(signal.SIGKILL)
        if self.folder.exists() and self.folder.is_relative_to(run_folder()):
            remove_own(self.folder)

    def url(self, vhost: str = "/") -> str:
        """Kombu's address of a vhost, as the user guest."""
        path = "/" if vhost == "/" else quote(vhost, safe="")
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{path}"

    def create_vhost(self, vhost: str) -> str:
        """Create a vhost that guest may use; return its url."""
        self._ctl_proven("add_vhost", vhost)
        self._ctl("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*")
        return self.url(vhost)

    def delete_vhost(self, vhost: str) -> None:
        """Delete a vhost with all its queues; connections to it are closed by the node."""
        self._ctl_proven("delete_vhost", vhost)

    def delete_queue(self, queue: str, vhost: str = "/") -> None:
        """Delete a queue with its messages; nothing happens if there is none."""
        with self._channel(vhost) as channel:
            channel.queue_delete(queue)

    def purge_queue(self, queue: str, vhost: str = "/") -> int:
        """Drop the messages ready in a queue; return how many there were."""
        with self._channel(vhost) as channel:
            return int(channel.queue_purge(queue))

    def list_queues(self, vhost: str = "/") -> dict[str, int]:
        """The vhost's queues, and how many messages each holds (the count lags a few seconds behind)."""
        listed = self._ctl("list_queues", "-p", vhost, "name", "messages", "--formatter", "json")
        return {row["name"]: int(row["messages"]) for row in json.loads(listed)}

    def block_publishers(self) -> None:
        """Raise the disk alarm: every publishing connection is sent connection.blocked and not read from."""
        self._ctl_proven("set_disk_free_limit", str(MORE_THAN_ANY_DISK))

    def unblock_publishers(self) -> None:
        """End the disk alarm. A restart ends it too."""
        self._ctl_proven("set_disk_free_limit", str(DISK_FREE_LIMIT))

    def prove_own(self) -> None:
        """Return only if our child is the node of our name and folder; else raise `NotOurs`.

        Looks at the child's pid, birth and environment and at the node's pid file each time; asks the node
        itself, with our cookie through our epmd, where its disk is, once per start (that takes a second).
        """
        process = self._proven_process()
        if self._asked != process.pid:
            kept = self._ctl("eval", "rabbit_mnesia:dir().").strip().strip('"')
            if Path(kept).resolve() != require_inside(self.files.mnesia) / self.node:
                raise NotOurs(f"{self.node} keeps its state in {kept}")
            self._asked = process.pid

    def _proven_process(self) -> OwnProcess:
        if self.process is None or not self.running():
            raise NotOurs(f"{self.node} does not run")
        self.process.prove()
        with suppress(FileNotFoundError):
            if self.files.pid.read_text().strip() == str(self.process.pid):
                return self.process
        raise NotOurs(f"{self.node} is not the process this run started")

    def _end(self, number: signal.Signals) -> None:
        """End the node, asked or not: `end` proves it by pid, birth and the folder in its environment."""
        if self.process is not None:
            self.process.end(number)

    def _ctl_proven(self, *words: str) -> str:
        self.prove_own()
        return self._ctl(*words)

    def _ctl(self, *words: str) -> str:
        """rabbitmqctl, always with the name of our node."""
        command = [str(self.files.ctl()), "-q", "-n", self.node, *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=180
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {words[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    @contextmanager
    def _channel(self, vhost: str) -> Iterator[Any]:
        """An AMQP channel to our node, proven by the name it gives itself when greeting."""
        self._proven_process()
        with connect(self.url(vhost), connect_timeout=10) as connection:
            named = str(connection.connection.server_properties["cluster_name"])
            if not self._named_in(named.encode()):
                raise NotOurs(f"port {self.port} is answered by {named}")
            yield connection.channel()

    def _named_in(self, greeting: bytes) -> bool:
        """Whether a greeting names our node (its host is written in another way there)."""
        return f"{self.node.partition('@')[0]}@".encode() in greeting

    def _make_files(self, programs: RabbitPrograms) -> None:
        ownership.close_at_end(self.close)
        self.files.write(secrets.token_hex(16), self.port, self.settings)
        make_home(programs, self.files.home)

    def _start_epmd(self, programs: RabbitPrograms) -> None:
        if self._epmd is not None and self._epmd.running():
            return
        command = [str(programs.epmd), "-port", str(self.epmd_port), "-address", "127.0.0.1"]
        home = self._environment["HOME"]
        self._epmd = self._begin(command, mark=home, log=self.folder / "epmd.log")
        deadline = time.monotonic() + 10
        while not _listens(self.epmd_port):
            if time.monotonic() > deadline or not self._epmd.running():
                raise RuntimeError(f"epmd did not start:\n{tail(self.folder / 'epmd.log')}")
            time.sleep(0.01)

    def _begin(self, command: list[str], *, mark: str, log: Path) -> OwnProcess:
        begun = OwnProcess(command, mark=mark, folder=self.folder, environment=self._environment, log=log)
        return ownership.recorded(begun)

    def _wait_ready(self, process: OwnProcess, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while process.running() and time.monotonic() < deadline:
            if self._named_in(_greeting(self.port)):
                return
            time.sleep(0.05)
        process.end(signal.SIGKILL)
        own_log = self.folder / f"log/{self.node}.log"
        raise RuntimeError(f"RabbitMQ did not start within {timeout} s:\n{tail(self.files.console)}\n{tail(own_log)}")


def _greeting(port: int) -> bytes:
    """What an AMQP server says first: it names itself there, before it asks for user and vhost."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"AMQP\x00\x00\x09\x01")
        return client.recv(4096)
    return b""


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
