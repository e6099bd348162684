"""Whatever this run did not start, it never ends; whatever it made, it removes."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from . import NotOurs, free_port, fresh_folder, own_folder, require_or_skip, run_folder, sweep_leftovers
from .processes import Identity, OwnProcess, birth, descendants

ROOT = Path(__file__).parents[2]
PATIENT_SHELL = "sleep 300 & sleep 300 & wait"


def start_shell(folder: Path) -> OwnProcess:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    command = ["sh", "-c", PATIENT_SHELL]
    return OwnProcess(command, mark=str(folder), folder=folder, environment=environment, log=folder / "log")


def test_the_run_folder_is_short_private_to_list_and_always_the_same() -> None:
    assert run_folder() == run_folder()
    assert run_folder().parent == Path(tempfile.gettempdir()).resolve()
    assert run_folder().name.startswith("kb-")
    assert run_folder().stat().st_mode & 0o066 == 0


@pytest.mark.parametrize("outside", ["", "..", "../kb-other", "x/../../y"])
def test_a_folder_outside_the_run_is_refused_and_not_made(outside: str) -> None:
    folder = run_folder() / outside
    with pytest.raises(NotOurs):
        own_folder(folder)
    assert folder == run_folder() or folder.name in {"..", "kb-other", "y"}
    assert not (run_folder().parent / "kb-other").exists()


def test_a_link_that_leads_out_of_the_run_is_refused(tmp_path: Path) -> None:
    link = fresh_folder("link") / "away"
    link.symlink_to(tmp_path)
    with pytest.raises(NotOurs):
        own_folder(link)


def test_ports_are_free_given_once_and_outside_what_the_kernel_lends_to_clients() -> None:
    lent_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert max(ports) < lent_from or lent_from < 12_000
    with socket.socket() as server:
        server.bind(("127.0.0.1", ports[0]))


def test_ending_a_process_ends_its_children_too() -> None:
    process = start_shell(fresh_folder("shell"))
    while len(family := descendants(process.pid)) < 2:
        pass
    process.end(signal.SIGKILL)
    assert not process.running()
    assert [pid for pid, born in family if birth(pid) == born] == []


def test_a_process_with_another_pid_birth_or_mark_is_not_ended() -> None:
    ours, other = start_shell(fresh_folder("ours")), start_shell(fresh_folder("other"))
    true = ours.identity
    wrong = [
        Identity(other.pid, other.identity.born, true.mark),
        Identity(true.pid, true.born - 1, true.mark),
        Identity(os.getpid(), true.born, true.mark),
        Identity(true.pid, true.born, other.identity.mark),
    ]
    for identity in wrong:
        ours.identity = identity
        with pytest.raises(NotOurs):
            ours.end(signal.SIGKILL)
    assert ours.running()
    assert other.running()
    ours.identity = true
    ours.end(signal.SIGTERM)
    other.end(signal.SIGTERM)


def run_python(code: str, temporary: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)


ANOTHER_RUN = """
import os, time
from tests.servers.ownership import fresh_folder, recorded, run_folder
from tests.servers.processes import OwnProcess
folder = fresh_folder("shell")
command = ["sh", "-c", "sleep 300 & wait"]
environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
shell = OwnProcess(command, mark=str(folder), folder=folder, environment=environment, log=folder / "log")
recorded(shell)
print(run_folder(), shell.pid, flush=True)
time.sleep(300)
"""


def test_the_leftovers_of_a_killed_run_are_swept_and_those_of_a_living_one_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run = run_python(ANOTHER_RUN, tmp_path)
    assert run.stdout is not None
    folder, pid = run.stdout.readline().split()
    sweep_leftovers()
    assert Path(folder).is_dir()
    assert birth(int(pid)) is not None

    run.kill()
    run.communicate()
    assert birth(int(pid)) is not None
    sweep_leftovers()
    assert not Path(folder).exists()
    assert birth(int(pid)) is None


def test_a_sweep_never_ends_a_process_recorded_wrongly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bystander = start_shell(fresh_folder("bystander"))
    born, mark = bystander.identity.born, bystander.identity.mark
    run = run_python(ANOTHER_RUN, tmp_path)
    assert run.stdout is not None
    folder = Path(run.stdout.readline().split()[0])
    run.kill()
    run.communicate()
    with (folder / "processes").open("a") as processes:
        processes.write(f"{bystander.pid} {born} {folder}/pg\n{bystander.pid} {born} {mark}\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sweep_leftovers()
    assert not folder.exists()
    assert bystander.running()
    bystander.end(signal.SIGTERM)


def test_a_folder_that_only_looks_like_ours_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_lock, other_lock, pointing = tmp_path / "kb-a", tmp_path / "kb-b", tmp_path / "kb-c"
    without_lock.mkdir()
    other_lock.mkdir()
    (other_lock / "lock").write_text("somebody else's\n")
    pointing.symlink_to(other_lock)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sweep_leftovers()
    assert without_lock.is_dir()
    assert (other_lock / "lock").exists()
    assert pointing.is_symlink()


def test_a_run_that_ends_removes_its_folder_and_a_forked_copy_does_not(tmp_path: Path) -> None:
    code = """
import os, sys
from tests.servers import run_folder
folder = run_folder()
child = os.fork()
if child == 0:
    sys.exit(0)
os.waitpid(child, 0)
print(folder.is_dir(), *os.listdir(folder.parent))
"""
    said, _ = run_python(code, tmp_path).communicate(timeout=30)
    still_there, *names = said.split()
    assert still_there == "True"
    assert len(names) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_whole_run_closes_in_reverse_order_and_removes_its_folder(tmp_path: Path) -> None:
    code = """
from tests.servers import whole_run
from tests.servers.ownership import close_at_end
with whole_run() as folder:
    close_at_end(lambda: print("first", folder.is_dir()))
    close_at_end(lambda: print("second", folder.is_dir()))
print(folder.exists())
"""
    said, _ = run_python(code, tmp_path).communicate(timeout=30)
    assert said.split() == ["second", "True", "first", "True", "False"]


def test_a_missing_server_skips_the_test_unless_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KINBRIDGE_REQUIRE", raising=False)
    require_or_skip("postgres", None)
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        require_or_skip("postgres", "not installed")
    monkeypatch.setenv("KINBRIDGE_REQUIRE", "rabbitmq, postgres")
    require_or_skip("postgres", None)
    with pytest.raises(pytest.fail.Exception, match="postgres is required here: not installed"):
        require_or_skip("postgres", "not installed")
