"""The PostgreSQL of the tests dies and fills as told, and no other does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from . import NotOurs, OwnPostgres, require_or_skip, run_folder
from .processes import Identity, birth, descendants
from .tmpfs import mounts_below

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    require_or_skip("postgres", OwnPostgres.why_not())
    with OwnPostgres() as server:
        yield server


@pytest.fixture(scope="module")
def another() -> Iterator[OwnPostgres]:
    require_or_skip("postgres", OwnPostgres.why_not())
    with OwnPostgres() as server:
        yield server


def connect(server: OwnPostgres, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url(database).replace("+psycopg", ""), autocommit=True)


def setting(server: OwnPostgres, name: str) -> str:
    with connect(server) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_it_listens_on_its_own_port_of_this_machine_alone_and_syncs(postgres: OwnPostgres) -> None:
    assert postgres.port != 5432
    assert setting(postgres, "listen_addresses") == "127.0.0.1"
    assert setting(postgres, "port") == str(postgres.port)
    assert setting(postgres, "fsync") == "on"
    assert setting(postgres, "max_connections") == "200"
    assert Path(setting(postgres, "unix_socket_directories")).is_relative_to(run_folder())


def test_settings_are_as_asked() -> None:
    require_or_skip("postgres", OwnPostgres.why_not())
    with OwnPostgres(settings={"fsync": "off", "application_name": "it's"}) as server:
        assert setting(server, "fsync") == "off"
        assert setting(server, "application_name") == "it's"


def test_a_database_belongs_to_a_plain_role(postgres: OwnPostgres) -> None:
    engine = create_engine(postgres.create_database("plain", owner="plain_owner"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id int)"))
        found = connection.execute(text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = user"))
        assert tuple(found.one()) == (False, False)
    engine.dispose()
    postgres.drop_database("plain")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(postgres, "plain")


def test_committed_rows_survive_kills_and_restarts_at_the_same_address(postgres: OwnPostgres) -> None:
    postgres.create_database("kept")
    address = postgres.url("kept")
    with connect(postgres, "kept") as connection:
        connection.execute("CREATE TABLE kept (id int)")
    ends: list[Callable[[], None]] = [postgres.kill, postgres.stop, lambda: postgres.stop("immediate")]
    for number, end in enumerate(ends):
        with connect(postgres, "kept") as connection:
            connection.execute("INSERT INTO kept VALUES (%s)", [number])
        end()
        assert not postgres.running()
        with pytest.raises(psycopg.OperationalError):
            connect(postgres, "kept")
        postgres.start()
    postgres.restart()
    assert postgres.url("kept") == address
    with connect(postgres, "kept") as connection:
        assert connection.execute("SELECT id FROM kept ORDER BY id").fetchall() == [(0,), (1,), (2,)]


def test_a_kill_ends_busy_backends_too(postgres: OwnPostgres) -> None:
    assert postgres.process is not None
    with connect(postgres) as connection:
        connection.execute("SELECT 1")
        family = descendants(postgres.process.pid)
        assert len(family) > 1
        postgres.kill()
        assert [pid for pid, born in family if birth(pid) == born] == []
    postgres.start()


def test_terminating_backends_hits_only_the_named_database(postgres: OwnPostgres) -> None:
    postgres.create_database("hit")
    postgres.create_database("spared")
    with connect(postgres, "hit") as hit, connect(postgres, "spared") as spared:
        assert postgres.terminate_backends("hit") == 1
        with pytest.raises(psycopg.OperationalError):
            hit.execute("SELECT 1")
        assert spared.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("name", ["postgres", "template1", "never_made"])
def test_a_database_it_did_not_make_is_left_alone(postgres: OwnPostgres, name: str) -> None:
    with pytest.raises(NotOurs):
        postgres.terminate_backends(name)
    with pytest.raises(NotOurs):
        postgres.drop_database(name)


def test_nothing_is_done_to_another_server_on_the_port(
    postgres: OwnPostgres, another: OwnPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    another.create_database("both")
    postgres.create_database("both")
    monkeypatch.setattr(postgres, "port", another.port)
    with connect(another, "both") as witness:
        for act in (
            postgres.prove_own,
            postgres.stop,
            postgres.kill,
            postgres.restart,
            lambda: postgres.create_database("new"),
            lambda: postgres.drop_database("both"),
            lambda: postgres.terminate_backends("both"),
        ):
            with pytest.raises(NotOurs):
                act()
        assert witness.execute("SELECT current_database()").fetchone() == ("both",)
    assert postgres.running()
    assert another.running()


def test_another_servers_process_is_never_signalled(
    postgres: OwnPostgres, another: OwnPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert postgres.process is not None
    assert another.process is not None
    ours, other = postgres.process.identity, another.process.identity
    for tampered in (other, Identity(other.pid, other.born, ours.mark)):
        monkeypatch.setattr(postgres.process, "identity", tampered)
        for end in (postgres.kill, postgres.stop, postgres.close):
            with pytest.raises(NotOurs):
                end()
    assert another.running()
    another.prove_own()
    monkeypatch.undo()
    postgres.prove_own()


def test_a_server_that_cannot_be_asked_is_proven_by_its_process(
    postgres: OwnPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(postgres, "port", 1)
        with pytest.raises(psycopg.OperationalError):
            postgres.prove_own()
        postgres.kill()
    assert not postgres.running()
    postgres.start()


def test_a_start_that_fails_says_why_and_leaves_nothing_running() -> None:
    require_or_skip("postgres", OwnPostgres.why_not())
    server = OwnPostgres(settings={"max_connections": "no number"})
    with pytest.raises(RuntimeError, match="invalid value for parameter"):
        server.start()
    assert not server.running()
    server.close()
    assert not server.folder.exists()


def test_it_leaves_nothing_behind_even_if_killed_last() -> None:
    require_or_skip("postgres", OwnPostgres.why_not())
    with OwnPostgres() as server:
        assert server.process is not None
        pid = server.process.pid
        server.kill()
    server.close()
    assert not server.folder.exists()
    segments = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    assert str(pid) not in [line.split()[4] for line in segments]


def test_a_full_disk_refuses_rows_and_loses_none_that_were_committed() -> None:
    require_or_skip("postgres", OwnPostgres.why_not(tmpfs=True))
    with OwnPostgres(tmpfs_size="64m") as server:
        server.create_database("small")
        with connect(server, "small") as connection:
            connection.execute("CREATE TABLE kept (id int, room text)")
            connection.execute("INSERT INTO kept VALUES (1, 'before')")
        server.fill_disk()
        with pytest.raises(psycopg.Error), connect(server, "small") as connection:
            connection.execute("INSERT INTO kept SELECT n, repeat('x', 500) FROM generate_series(2, 99999) n")
        server.free_disk()
        server.start()
        with connect(server, "small") as connection:
            assert connection.execute("SELECT id FROM kept").fetchall() == [(1,)]
            connection.execute("INSERT INTO kept VALUES (2, 'after')")
    assert mounts_below(server.folder) == []
    assert not server.folder.exists()


def test_only_a_small_disk_is_ever_filled(postgres: OwnPostgres) -> None:
    with pytest.raises(NotOurs):
        postgres.fill_disk()
