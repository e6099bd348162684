"""What is read from the broker arrives whole and in order, wherever the reads cut it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest
from amqp import Message
from amqp.channel import Channel
from amqp.connection import Connection
from amqp.method_framing import frame_handler
from amqp.serialization import dumps
from amqp.transport import TCPTransport

from shared.messaging.broker import drain

HEARTBEAT = struct.pack(">BHI", 8, 0, 0) + b"\xce"


def frame(kind: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", kind, 1, len(payload)) + payload + b"\xce"


def delivery(tag: int, body: bytes, *, consumer: str = "reporting.intake.0", cut_at: int | None = None) -> bytes:
    """The frames of a message, its body in two when `cut_at` is given."""
    content = Message(body, application_headers={"position": tag})
    method = struct.pack(">HH", 60, 60) + dumps("sLbss", [consumer, tag, False, "kinbridge.events", "intake.0"])
    header = struct.pack(">HHQ", 60, 0, len(body)) + content._serialize_properties()
    bodies = [part for part in (body[:cut_at], body[cut_at:] if cut_at else b"") if part]
    return frame(1, method) + frame(2, header) + b"".join(frame(3, part) for part in bodies)


class Wire(TCPTransport):
    """Gives what a socket would, in the pieces it was cut into."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.connected, self._read_buffer = True, b""
        self._pieces = iter(pieces)

    def having_timeout(self, _timeout: float | None) -> Any:
        return memoryview(b"")  # a context manager that does nothing

    def _read(self, size: int, *_how: Any) -> bytes:
        while len(self._read_buffer) < size:
            piece = next(self._pieces, None)
            if piece is None:
                raise TimeoutError
            self._read_buffer += piece
        taken, self._read_buffer = self._read_buffer[:size], self._read_buffer[size:]
        return taken


class Link(Connection):
    """py-amqp's connection behind its handshake, with one channel and one consumer."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self._transport = Wire(pieces)
        self._on_inbound_frame = frame_handler(self, self.on_inbound_method)
        self.connection = self  # as Kombu's connection holds it
        self.got: list[tuple[int, dict[str, Any], bytes]] = []
        self.rejected: list[int] = []
        channel = Channel(self, 1, auto_decode=False)
        channel.callbacks["reporting.intake.0"] = self._take
        channel.basic_reject = lambda tag, **_how: self.rejected.append(tag)

    def _take(self, message: Message) -> None:
        self.got.append((message.delivery_tag, message.headers, message.body))


def drained(pieces: list[bytes]) -> Link:
    link: Any = Link(pieces)
    try:
        while True:
            drain(link, 0.0)
    except TimeoutError:
        return link


def cuts(stream: bytes) -> Iterator[list[bytes]]:
    for size in (1, 7, 50, 131, len(stream)):
        yield [stream[at : at + size] for at in range(0, len(stream), size)]


def test_every_message_arrives_once_and_in_order() -> None:
    stream = HEARTBEAT + delivery(1, b"one") + delivery(2, b"two") + HEARTBEAT + delivery(3, b"three") + HEARTBEAT
    for pieces in cuts(stream):
        link = drained(pieces)
        assert link.got == [(tag, {"position": tag}, body) for tag, body in ((1, b"one"), (2, b"two"), (3, b"three"))]
        assert link.bytes_recv == 3 * 3 + 3


def test_a_body_in_several_frames_and_an_empty_one_are_whole() -> None:
    stream = delivery(1, b"first") + delivery(2, b"a long body", cut_at=4) + delivery(3, b"") + delivery(4, b"last")
    for pieces in cuts(stream):
        assert [body for _, _, body in drained(pieces).got] == [b"first", b"a long body", "", b"last"]


def test_a_message_for_nobody_here_goes_back() -> None:
    link = drained([delivery(1, b"ours") + delivery(2, b"theirs", consumer="other") + delivery(3, b"ours")])
    assert [tag for tag, _, _ in link.got] == [1, 3]
    assert link.rejected == [2]


def test_what_is_no_frame_is_complained_about() -> None:
    broken = delivery(1, b"ours") + delivery(2, b"broken")[:-1] + b"\x00"
    with pytest.raises(Exception, match="frame_end"):
        drained([broken])
