"""Connecting to the broker, with what both publisher and inlet need of Kombu and py-amqp."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct
from typing import Any

from amqp.transport import TCPTransport
from kombu import Connection

HEARTBEAT = 10
"""Seconds."""
SOCKET = {"read_timeout": 30, "write_timeout": 30}
"""Seconds until a socket that a blocked broker no longer reads gives up."""
READ_AHEAD = 64 * 1024
_FRAME = Struct(">BHI")
_FRAME_END = 0xCE


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
    reads each in three pieces and sets the socket's timeout twice.
    """
    connection.drain_events(timeout=timeout)
    link: Any = getattr(connection, "connection", None)
    transport = getattr(link, "transport", None)
    if not isinstance(transport, TCPTransport) or not getattr(transport, "_read_buffer", None):
        return
    read, at, frames = transport._read_buffer, 0, []
    while len(read) - at > _FRAME.size:
        kind, channel, size = _FRAME.unpack_from(read, at)
        end = at + _FRAME.size + size
        if end >= len(read) or read[end] != _FRAME_END:
            break  # the rest is for py-amqp: it waits for what is missing, and complains about what is wrong
        frames.append((kind, channel, read[at + _FRAME.size : end]))
        at = end + 1
    transport._read_buffer = read[at:]
    for frame in frames:
        link.on_inbound_frame(frame)


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
