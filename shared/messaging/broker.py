"""Connecting to the broker, with what both publisher and inlet need of Kombu and py-amqp."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct
from typing import Any

from amqp import Message
from amqp.transport import TCPTransport
from kombu import Connection

HEARTBEAT = 10
"""Seconds."""
SOCKET = {"read_timeout": 30, "write_timeout": 30}
"""Seconds until a socket that a blocked broker no longer reads gives up."""
READ_AHEAD = 64 * 1024
Frame = tuple[int, int, bytes]
"""Kind, channel, payload."""
_FRAME = Struct(">BHI")
_FRAME_END = 0xCE
_METHOD, _BODY = 1, 3
_DELIVER = b"\x00\x3c\x00\x3c"
_CONSUMER_AT, _BODY_SIZE_AT = 5, 4
_LONG = Struct(">Q")


def connect(url: str) -> Connection:
    """An open connection. Raises `OSError` or an AMQP error. Let it go with `collect()`: `close()` may block."""
    connection = Connection(url, heartbeat=HEARTBEAT, connect_timeout=5, transport_options=SOCKET)
    connection.connect()
    _spare_system_calls(connection)
    return connection


def _spare_system_calls(connection: Connection) -> None:
    """Have py-amqp ask the kernel less often; both are settings of one connection, and it works without them.

    It reads 7 bytes, the payload, and 1 byte of each frame, nine calls a message; here it takes what is there, and
    keeps what it did not ask for. And it looks before each publish whether the broker is blocked; here confirms that
    stay out tell.
    """
    link = connection.connection
    link.client_properties.get("capabilities", {}).pop("connection.blocked", None)
    if isinstance(link.transport, TCPTransport) and hasattr(link.transport, "_quick_recv"):
        receive = link.transport._quick_recv
        link.transport._quick_recv = lambda size: receive(max(size, READ_AHEAD))


def drain(connection: Connection, timeout: float) -> None:
    """Wait for a frame, and deal with it and with every whole frame that was read along with it.

    Raises `TimeoutError` when none came in `timeout` seconds. The frames behind the first are taken apart here: py-amqp
    reads each in three pieces, sets the socket's timeout twice, and passes it on through five functions.
    """
    connection.drain_events(timeout=timeout)
    link: Any = getattr(connection, "connection", None)
    transport = getattr(link, "transport", None)
    if not isinstance(transport, TCPTransport) or not getattr(transport, "_read_buffer", None):
        return
    frames, transport._read_buffer = _whole_frames(transport._read_buffer)
    at = 0
    while at < len(frames):
        if at + 2 < len(frames) and _deliver(link, frames[at], frames[at + 1], frames[at + 2]):
            at += 3
        else:
            link.on_inbound_frame(frames[at])
            at += 1


def _whole_frames(read: bytes) -> tuple[list[Frame], bytes]:
    """The whole frames in front, and the rest. That is py-amqp's: it waits for what is missing, and complains."""
    at, frames = 0, []
    while len(read) - at > _FRAME.size:
        kind, channel, size = _FRAME.unpack_from(read, at)
        end = at + _FRAME.size + size
        if end >= len(read) or read[end] != _FRAME_END:
            break
        frames.append((kind, channel, read[at + _FRAME.size : end]))
        at = end + 1
    return frames, read[at:]


def _deliver(link: Any, first: Frame, second: Frame, third: Frame) -> bool:
    """Give a consumer the message that lies in these frames, without the exchange and the key: nobody reads them here.

    False, and nothing done, for anything else: that is for py-amqp.
    """
    (kind, channel, method), (_, _, header), (body_kind, _, body) = first, second, third
    if kind != _METHOD or body_kind != _BODY or not method.startswith(_DELIVER):
        return False
    tag_at = _CONSUMER_AT + method[_CONSUMER_AT - 1]
    consumer = link.channels[channel].callbacks.get(method[_CONSUMER_AT:tag_at].decode())
    if consumer is None or _LONG.unpack_from(header, _BODY_SIZE_AT)[0] != len(body):
        return False
    link.bytes_recv += 3  # py-amqp counts frames; the heartbeat asks whether any came
    message = Message(body)
    message.inbound_header(header)
    message.delivery_info = {"delivery_tag": _LONG.unpack_from(method, tag_at)[0]}
    consumer(message)
    return True


@contextmanager
def written_together(connection: Connection | None) -> Iterator[None]:
    """Send everything that is published in this block with one call, at its end."""
    transport = getattr(getattr(connection, "connection", None), "transport", None)
    if not isinstance(transport, TCPTransport) or not hasattr(transport, "_write"):
        yield
        return
    write, parts = transport._write, []
    transport._write = lambda part: parts.append(bytes(part))
    try:
        yield
    finally:
        transport._write = write
    transport.write(b"".join(parts))
