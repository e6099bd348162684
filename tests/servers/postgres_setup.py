"""PostgreSQL's programs, a fresh cluster and its settings, and what a killed server leaves behind."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SUPERUSER = "kinbridge_test"
SOCKET_PATH_LIMIT = 107

ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "on",
    "timezone": "UTC",
    # parallel queries share memory in files of the cluster: a killed server leaves nothing in /dev/shm
    "dynamic_shared_memory_type": "mmap",
}
ON_SMALL_DISK = {"min_wal_size": "2MB", "max_wal_size": "8MB"}


@dataclass(frozen=True)
class PostgresPrograms:
    """The folder that holds one version's programs."""

    folder: Path

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"


def find_programs() -> PostgresPrograms | None:
    """The newest installed PostgreSQL, else the one on the PATH, else None."""
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    folders = sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found = [programs for programs in map(PostgresPrograms, folders) if programs.initdb.exists()]
    return next((programs for programs in found if programs.postgres.exists()), None)


def server_user() -> tuple[int, int] | None:
    """(uid, gid) to run the server as: it refuses root, so `postgres` or `nobody`; None: as we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise RuntimeError("root needs a user `postgres` or `nobody` to run a server as")


def make_cluster(
    programs: PostgresPrograms,
    pgdata: Path,
    *,
    user: tuple[int, int] | None,
    environment: Mapping[str, str],
    small: bool,
) -> None:
    """Run initdb into `pgdata` (UTF-8, locale C, trust on the socket and on 127.0.0.1)."""
    command = [str(programs.initdb), "-D", str(pgdata), "-U", SUPERUSER, "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    done = subprocess.run(
        [*command, "--wal-segsize=1"] if small else command,
        cwd=pgdata.parent,
        env=dict(environment),
        capture_output=True,
        text=True,
        user=user[0] if user else None,
        group=user[1] if user else None,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr.strip()}")


def write_settings(pgdata: Path, settings: Mapping[str, str]) -> None:
    """Append settings to postgresql.conf; what is appended last wins."""
    with (pgdata / "postgresql.conf").open("a") as conf:
        for name, value in settings.items():
            quoted = value.replace("'", "''")
            conf.write(f"{name} = '{quoted}'\n")


@dataclass(frozen=True)
class PidFile:
    """What a server wrote into postmaster.pid."""

    pid: int
    shared_memory: int | None
    ready: bool


def read_pid_file(pgdata: Path) -> PidFile | None:
    """The server's own word about itself; None while there is none, or only half of it."""
    try:
        lines = (pgdata / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    key_and_id = lines[6].split() if len(lines) > 6 else []
    ready = len(lines) > 7 and lines[7].strip() == "ready"
    return PidFile(pid, int(key_and_id[1]) if len(key_and_id) == 2 else None, ready)


def drop_shared_memory(left: PidFile) -> None:
    """Remove the System V segment a killed server left, if that server made it and nobody uses it."""
    for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
        _, segment, _, _, creator, _, users, *_ = line.split()
        if (int(segment), int(creator), int(users)) == (left.shared_memory, left.pid, 0):
            subprocess.run(["ipcrm", "-m", segment], check=False)
