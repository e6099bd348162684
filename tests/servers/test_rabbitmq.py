"""The RabbitMQ of the tests dies, forgets and blocks as told, and no other does."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from . import NotOurs, OwnRabbitMQ, require_or_skip
from .processes import Identity, birth, descendants
from .rabbitmq import connect

pytestmark = pytest.mark.faults
SETTLED = 2.0  # seconds after which a new quorum queue survives a kill: see OwnRabbitMQ.kill


@pytest.fixture(scope="module")
def rabbit() -> Iterator[OwnRabbitMQ]:
    require_or_skip("rabbitmq", OwnRabbitMQ.why_not())
    with OwnRabbitMQ() as node:
        yield node


@pytest.fixture(scope="module")
def another() -> Iterator[OwnRabbitMQ]:
    require_or_skip("rabbitmq", OwnRabbitMQ.why_not())
    with OwnRabbitMQ() as node:
        yield node


@contextmanager
def channel_to(node: OwnRabbitMQ, vhost: str = "/", **options: Any) -> Iterator[Any]:
    with connect(node.url(vhost), transport_options={"confirm_publish": True, **options}) as connection:
        yield connection.channel()


def declare(channel: Any, queue: str, kind: str = "quorum") -> None:
    channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-queue-type": kind})


def publish(channel: Any, queue: str, body: bytes = b"event", timeout: float | None = None) -> None:
    message = channel.prepare_message(body, properties={"delivery_mode": 2})
    channel.basic_publish(message, exchange="", routing_key=queue, timeout=timeout)


def fill(node: OwnRabbitMQ, queue: str, vhost: str = "/", count: int = 3) -> None:
    with channel_to(node, vhost) as channel:
        declare(channel, queue)
        for _ in range(count):
            publish(channel, queue)


def ready(node: OwnRabbitMQ, queue: str) -> int:
    """How many messages are ready in a queue, asked as a client does."""
    with channel_to(node) as channel:
        return int(channel.queue_declare(queue, passive=True).message_count)


def comes_true(claim: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_everything_of_it_is_its_own_and_below_its_folder(rabbit: OwnRabbitMQ) -> None:
    assert rabbit.port not in (5672, 4369)
    assert rabbit.epmd_port != 4369
    assert rabbit.node.startswith("kbtest-")
    rabbit.prove_own()
    assert rabbit.process is not None
    opened = {link.readlink() for link in Path(f"/proc/{rabbit.process.pid}/fd").iterdir()}
    files = {path for path in opened if path.is_absolute() and path.parts[1] not in ("dev", "usr", "proc")}
    assert files
    assert all(path.is_relative_to(rabbit.folder) for path in files)
    environment = Path(f"/proc/{rabbit.process.pid}/environ").read_bytes()
    assert b"/etc/rabbitmq" not in environment
    assert b"/var/lib/rabbitmq" not in environment


def test_its_ports_answer_on_this_machine_alone(rabbit: OwnRabbitMQ) -> None:
    for port in (rabbit.port, rabbit.epmd_port):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), timeout=2)


def test_a_quorum_queue_keeps_its_messages_through_a_kill_at_the_same_address(rabbit: OwnRabbitMQ) -> None:
    fill(rabbit, "kept")
    address = rabbit.url()
    time.sleep(SETTLED)
    assert rabbit.process is not None
    family = descendants(rabbit.process.pid)
    assert family
    rabbit.kill()
    assert not rabbit.running()
    assert [pid for pid, born in family if birth(pid) == born] == []
    with pytest.raises(OSError, match="refused"):
        connect(address).connect()
    rabbit.start()
    assert rabbit.url() == address
    assert comes_true(lambda: ready(rabbit, "kept") == 3)
    rabbit.delete_queue("kept")


def test_a_wipe_loses_the_queues(rabbit: OwnRabbitMQ) -> None:
    fill(rabbit, "lost")
    assert "lost" in rabbit.list_queues()
    rabbit.wipe()
    assert rabbit.list_queues() == {}
    fill(rabbit, "new")
    rabbit.delete_queue("new")


def test_an_orderly_restart_keeps_messages(rabbit: OwnRabbitMQ) -> None:
    fill(rabbit, "orderly")
    rabbit.restart()
    assert comes_true(lambda: ready(rabbit, "orderly") == 3)
    rabbit.delete_queue("orderly")


def test_a_queue_is_purged_and_deleted(rabbit: OwnRabbitMQ) -> None:
    fill(rabbit, "first")
    fill(rabbit, "second")
    assert comes_true(lambda: ready(rabbit, "first") == 3)
    assert rabbit.purge_queue("first") == 3
    assert ready(rabbit, "first") == 0
    rabbit.delete_queue("second")
    rabbit.delete_queue("second")
    assert list(rabbit.list_queues()) == ["first"]
    rabbit.delete_queue("first")


def test_a_vhost_comes_and_goes_with_its_queues(rabbit: OwnRabbitMQ) -> None:
    rabbit.create_vhost("of one/test")
    fill(rabbit, "inside", "of one/test")
    assert list(rabbit.list_queues("of one/test")) == ["inside"]
    assert rabbit.list_queues() == {}
    rabbit.delete_vhost("of one/test")
    rabbit.create_vhost("of one/test")
    assert rabbit.list_queues("of one/test") == {}
    rabbit.delete_vhost("of one/test")


def test_blocked_publishers_are_told_and_wait_until_unblocked(rabbit: OwnRabbitMQ) -> None:
    told: list[str] = []
    options: dict[str, Any] = {
        "on_blocked": lambda reason: told.append("blocked"),
        "on_unblocked": lambda: told.append("unblocked"),
    }
    with channel_to(rabbit, **options) as channel:
        declare(channel, "blocked")
        publish(channel, "blocked", timeout=10)
        rabbit.block_publishers()
        try:
            with pytest.raises(TimeoutError):
                publish(channel, "blocked", timeout=2)
            assert told == ["blocked"]
        finally:
            rabbit.unblock_publishers()
        publish(channel, "blocked", timeout=10)
        assert told == ["blocked", "unblocked"]
    rabbit.delete_queue("blocked")


def test_another_nodes_process_is_never_signalled(
    rabbit: OwnRabbitMQ, another: OwnRabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rabbit.process is not None
    assert another.process is not None
    ours, other = rabbit.process.identity, another.process.identity
    for tampered in (
        other,
        Identity(other.pid, other.born, ours.mark),
        Identity(os.getpid(), birth(os.getpid()) or 0, ours.mark),
    ):
        monkeypatch.setattr(rabbit.process, "identity", tampered)
        for end in (rabbit.prove_own, rabbit.kill, rabbit.stop, rabbit.wipe, rabbit.close):
            with pytest.raises(NotOurs):
                end()
    monkeypatch.undo()
    assert rabbit.running()
    assert another.running()
    assert rabbit.files.mnesia.exists()


def test_nothing_is_done_to_another_node_on_the_port(
    rabbit: OwnRabbitMQ, another: OwnRabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(another, "theirs")
    monkeypatch.setattr(rabbit, "port", another.port)
    with pytest.raises(NotOurs):
        rabbit.purge_queue("theirs")
    with pytest.raises(NotOurs):
        rabbit.delete_queue("theirs")
    assert comes_true(lambda: ready(another, "theirs") == 3)


def test_nothing_is_said_to_a_node_that_keeps_its_disk_elsewhere(
    rabbit: OwnRabbitMQ, another: OwnRabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbit, "node", another.node)
    monkeypatch.setattr(rabbit, "_environment", another._environment)
    monkeypatch.setattr(rabbit, "_asked", None)
    with pytest.raises(NotOurs, match="keeps its state in"):
        rabbit.block_publishers()
    with pytest.raises(NotOurs, match="keeps its state in"):
        rabbit.delete_vhost("/")
    assert another.list_queues("/") is not None


def test_a_start_that_fails_shows_the_log_and_leaves_nothing_running() -> None:
    require_or_skip("rabbitmq", OwnRabbitMQ.why_not())
    node = OwnRabbitMQ(settings={"no_such": "setting"})
    with pytest.raises(RuntimeError, match="failed_to_prepare_configuration"):
        node.start()
    assert not node.running()
    node.close()
    assert not node.folder.exists()


def test_it_is_gone_with_its_port_mapper_when_closed() -> None:
    require_or_skip("rabbitmq", OwnRabbitMQ.why_not())
    with OwnRabbitMQ() as node:
        ports = (node.port, node.epmd_port)
    assert not node.folder.exists()
    for port in ports:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=2)
