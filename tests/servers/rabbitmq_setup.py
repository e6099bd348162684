"""RabbitMQ's programs, and a home, files and environment for a node that reads nothing of the machine's."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DISK_FREE_LIMIT = 50_000_000
ALWAYS = {"disk_free_limit.absolute": str(DISK_FREE_LIMIT), "raft.wal_max_size_bytes": "67108864"}
EMPTY_TERM = "[].\n"
UNDECLARED = ("accept", "getopt")  # used by the server's applications, named by none of them


@dataclass(frozen=True)
class RabbitPrograms:
    """One RabbitMQ's home (which holds sbin, plugins, escript), and Erlang's port mapper."""

    home: Path
    epmd: Path


def find_programs() -> RabbitPrograms | None:
    """The newest installed RabbitMQ's own scripts (never the wrappers that switch user), else None."""
    homes = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*"), key=_version, reverse=True)
    on_path = shutil.which("rabbitmq-server")
    if on_path and (Path(on_path).resolve().parent / "rabbitmq-env").exists():
        homes.append(Path(on_path).resolve().parent.parent)
    complete = [home for home in homes if (home / "escript").is_dir() and (home / "plugins").is_dir()]
    epmd, erl = shutil.which("epmd"), shutil.which("erl")
    return RabbitPrograms(complete[0], Path(epmd)) if complete and epmd and erl else None


def make_home(programs: RabbitPrograms, home: Path) -> None:
    """Link a RabbitMQ home that holds only what a broker without plugins needs.

    Erlang looks for each module in the folder of every plugin: with the 40 unused ones away, a start takes
    half the time.
    """
    home.mkdir()
    for name in ("sbin", "escript"):
        (home / name).symlink_to(programs.home / name)
    plugins = programs.home / "plugins"
    needed = _needed(plugins)
    if not needed:
        (home / "plugins").symlink_to(plugins)
        return
    (home / "plugins").mkdir()
    for folder in needed:
        (home / "plugins" / folder.name).symlink_to(folder)


@dataclass(frozen=True)
class NodeFiles:
    """Where a node keeps what: all below one folder."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "rabbitmq"

    @property
    def mnesia(self) -> Path:
        return self.folder / "mnesia"

    @property
    def pid(self) -> Path:
        return self.folder / "pid"

    @property
    def console(self) -> Path:
        return self.folder / "console.log"

    def ctl(self) -> Path:
        return self.home / "sbin/rabbitmqctl"

    def write(self, cookie: str, port: int, settings: Mapping[str, str]) -> None:
        """Write the configuration and the cookie, and empty files in place of the machine's."""
        for name in ("home", "log", "conf.d", "tmp"):
            (self.folder / name).mkdir()
        secret = self.folder / "home/.erlang.cookie"
        secret.touch(0o600)
        secret.write_text(cookie)
        secret.chmod(0o400)
        lines = ALWAYS | dict(settings) | {"listeners.tcp.1": f"127.0.0.1:{port}"}
        conf = "".join(f"{name} = {value}\n" for name, value in lines.items())
        (self.folder / "rabbitmq.conf").write_text(conf)
        (self.folder / "advanced.config").write_text(EMPTY_TERM)
        (self.folder / "enabled_plugins").write_text(EMPTY_TERM)
        (self.folder / "env.conf").touch()

    def environment(self, node: str, dist_port: int, epmd_port: int) -> dict[str, str]:
        """The whole environment of the node and of rabbitmqctl; nothing of ours but PATH passes."""
        local = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": node,
            "RABBITMQ_DIST_PORT": str(dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.mnesia),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.pid),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(self.folder / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "env.conf"),
            "RABBITMQ_MOTD_FILE": str(self.folder / "motd"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"+S 2:2 +stbt u {local}",
            "RABBITMQ_CTL_ERL_ARGS": f"+S 1:1 {local}",
            # makes the script become the server (exec) instead of waiting beside it: our child is the beam
            "RUNNING_UNDER_SYSTEMD": "true",
        }


def _version(home: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", home.name)]


def _needed(plugins: Path) -> list[Path]:
    """The folders of the server's own applications and all they depend on; none if it is packed."""
    folders = {folder.name.rpartition("-")[0]: folder for folder in plugins.iterdir() if folder.is_dir()}
    wanted, found = ["rabbit", *UNDECLARED], {}
    while wanted:
        name = wanted.pop()
        if name in folders and name not in found:
            found[name] = folders[name]
            wanted += _depends_on(folders[name] / "ebin" / f"{name}.app")
    return list(found.values()) if "rabbit" in found else []


def _depends_on(description: Path) -> list[str]:
    listed = re.search(r"\{applications,\s*\[([^\]]*)\]", description.read_text())
    return re.findall(r"\w+", listed[1]) if listed else []
