"""A PostgreSQL server of this test run: killed, filled and thrown away without a thought for others."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from shared.access import member_role
from shared.settings import SERVICES

from . import ownership
from .ownership import free_port, fresh_folder, own_folder, remove_own, require_inside, run_folder
from .postgres_setup import (
    ALWAYS,
    ON_SMALL_DISK,
    SOCKET_PATH_LIMIT,
    SUPERUSER,
    PidFile,
    PostgresPrograms,
    drop_shared_memory,
    find_programs,
    make_cluster,
    read_pid_file,
    server_user,
    write_settings,
)
from .processes import NotOurs, OwnProcess, tail
from .server import OwnServer
from .tmpfs import mount_tmpfs, why_no_tmpfs

Row = tuple[object, ...]
STOP_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


PAGE_BYTES = 4096


class OwnPostgres(OwnServer):
    """A cluster in `folder` (inside `run_folder()`), on its own port of 127.0.0.1, which never changes.

    `settings` go into postgresql.conf. With `tmpfs_size` ("64m") the whole cluster lives on a small disk
    in memory (needs root), which `fill_disk()` fills; an empty cluster takes about 30 MB, each database 8.
    Use it in a `with` block: started at its beginning, stopped and deleted at its end.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        tmpfs_size: str | None = None,
    ) -> None:
        self.folder = own_folder(folder or fresh_folder("pg"))
        self.port = free_port()
        self.settings = dict(settings or {})
        self.tmpfs_size = tmpfs_size
        self.disk = self.folder / "disk"
        self.pgdata = (self.disk if tmpfs_size else self.folder) / "pgdata"
        self.log = self.folder / "postgres.log"
        self.process: OwnProcess | None = None
        self.databases: set[str] = set()
        self._user = server_user()
        self._environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.folder)}
        self._left: PidFile | None = None

    @classmethod
    def find(cls) -> PostgresPrograms | None:
        """The programs that would be used."""
        return find_programs()

    @classmethod
    def why_not(cls, *, tmpfs: bool = False) -> str | None:
        """Why no server (or none on a small disk) can be run here; None if it can."""
        if cls.find() is None:
            return "PostgreSQL's initdb and postgres are not installed"
        passed = [run_folder(), *run_folder().parents]
        if server_user() and not all(folder.stat().st_mode & 0o001 for folder in passed):
            return f"another user cannot enter {run_folder()}: set TMPDIR"
        if len(str(run_folder() / "s-12345678/.s.PGSQL.12345")) > SOCKET_PATH_LIMIT:
            return "the path of the temporary folder is too long for a socket: set TMPDIR"
        return why_no_tmpfs(fresh_folder("trial")) if tmpfs else None

    def start(self, timeout: float = 60.0) -> None:
        """Start the server (the first time: make its cluster) and return when it accepts connections.

        Does nothing if it runs. Raises RuntimeError with the end of its log when it does not come up.
        """
        if self.running():
            return
        programs = self.find()
        if programs is None:
            raise RuntimeError(self.why_not())
        if not self.pgdata.exists():
            self._make_cluster(programs)
        command = [str(programs.postgres), "-D", str(self.pgdata)]
        self.process = ownership.recorded(
            OwnProcess(
                command,
                mark=str(self.pgdata),
                folder=self.folder,
                environment=self._environment,
                log=self.log,
                user=self._user,
            )
        )
        self._wait_ready(self.process, timeout)
        self._prove(self.process)

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Shut down: `fast` ends connections and writes a checkpoint, `immediate` recovers at the start."""
        if self.process is not None and self.running():
            self._prove(self.process)
            self.process.end(STOP_SIGNALS[mode])

    def kill(self) -> None:
        """SIGKILL the postmaster, and return when all its children are gone too."""
        if self.process is not None and self.running():
            self._prove(self.process)
            self.process.end(signal.SIGKILL)

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        self.stop(mode)
        self.start()

    def close(self) -> None:
        """Stop the server and delete its folder. Can be called again."""
        if self.process is not None:
            self.process.end(signal.SIGKILL)
        if self.folder.exists() and self.folder.is_relative_to(run_folder()):
            if self._left is not None:
                drop_shared_memory(self._left)
            remove_own(self.folder)

    def url(self, database: str, role: str = SUPERUSER) -> str:
        """SQLAlchemy's address of a database. The superuser is above row-level security: name a role."""
        return f"postgresql+psycopg://{role}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, owner: str | None = None) -> str:
        """Create a database, and its owner as a plain role if there is none yet; return the owner's url.

        An owner named as a service is granted the role that requests take: it may make no roles itself.
        """
        with self._proven() as server:
            if owner and not server.execute("SELECT FROM pg_roles WHERE rolname = %s", [owner]).rowcount:
                server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(owner)))
                if owner in SERVICES:
                    member = sql.Identifier(member_role(owner))
                    server.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(member))
                    server.execute(sql.SQL("GRANT {} TO {}").format(member, sql.Identifier(owner)))
            names = sql.Identifier(name), sql.Identifier(owner or SUPERUSER)
            server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
        self.databases.add(name)
        return self.url(name, owner or SUPERUSER)

    def drop_database(self, name: str) -> None:
        """Drop a database made by `create_database`, connected or not."""
        self._require_made(name)
        with self._proven() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self.databases.discard(name)

    def terminate_backends(self, database: str) -> int:
        """End every connection to a database made by `create_database`; return how many there were."""
        self._require_made(database)
        with self._proven() as server:
            ended = server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = %s AND backend_type = 'client backend'",
                [database],
            )
            return len(ended.fetchall())

    def fill_disk(self, leave: int = 0) -> None:
        """Fill the small disk with a ballast file, leaving `leave` bytes. Needs `tmpfs_size`."""
        if self.tmpfs_size is None:
            raise NotOurs("only a small disk of our own is ever filled: give tmpfs_size")
        self.prove_own()
        disk = os.statvfs(self.disk)
        room = disk.f_bavail * disk.f_frsize - leave
        with (self.disk / "ballast").open("ab", buffering=0) as ballast, suppress(OSError):  # full a little sooner
            for _ in range(0, room, PAGE_BYTES):
                ballast.write(bytes(PAGE_BYTES))

    def free_disk(self) -> None:
        """Take away the ballast. The server may have died of the full disk: `start()` then recovers it."""
        (require_inside(self.disk) / "ballast").unlink(missing_ok=True)

    def prove_own(self) -> None:
        """Return only if the server answering on our port is the one we started; else raise `NotOurs`.

        Its data directory must be ours, inside this run's folder, and the pid in its postmaster.pid must
        be that of our child. Raises psycopg.OperationalError when the server cannot be asked.
        """
        with self._proven():
            pass

    @contextmanager
    def _proven(self) -> Iterator[psycopg.Connection[Row]]:
        """A superuser's connection, proven before anything else is said on it."""
        address = f"host=127.0.0.1 hostaddr=127.0.0.1 port={self.port} user={SUPERUSER} dbname=postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as server:
            shown = server.execute("SHOW data_directory").fetchone()
            if shown is None or Path(str(shown[0])).resolve() != require_inside(self.pgdata):
                raise NotOurs(f"port {self.port} is answered by a server of another folder")
            said = read_pid_file(self.pgdata)
            if self.process is None or said is None or said.pid != self.process.pid:
                raise NotOurs(f"the server of {self.pgdata} is not the process this run started")
            self.process.prove()
            yield server

    def _prove(self, process: OwnProcess) -> None:
        """As `prove_own`; a server that cannot be asked is proven by pid, birth and command line."""
        try:
            self.prove_own()
        except psycopg.OperationalError:
            process.prove()

    def _require_made(self, database: str) -> None:
        if database not in self.databases:
            raise NotOurs(f"{database} was not made by this object")

    def _make_cluster(self, programs: PostgresPrograms) -> None:
        ownership.close_at_end(self.close)
        socket = fresh_folder("s")
        if self.tmpfs_size:
            self.disk.mkdir()
            mount_tmpfs(self.disk, self.tmpfs_size, self._user)
        if self._user:
            for folder in (self.folder, socket):
                os.chown(folder, *self._user)
        make_cluster(
            programs,
            self.pgdata,
            user=self._user,
            environment=self._environment,
            small=self.tmpfs_size is not None,
        )
        placed = {"port": str(self.port), "unix_socket_directories": str(socket)}
        sized = ON_SMALL_DISK if self.tmpfs_size else {}
        write_settings(self.pgdata, ALWAYS | sized | self.settings | placed)

    def _wait_ready(self, process: OwnProcess, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while process.running() and time.monotonic() < deadline:
            said = read_pid_file(self.pgdata)
            if said is not None and said.pid == process.pid and said.ready:
                self._left = said
                return
            time.sleep(0.01)
        process.end(signal.SIGKILL)
        raise RuntimeError(f"PostgreSQL did not start within {timeout} s:\n{tail(self.log)}")
