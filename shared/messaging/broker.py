"""Connecting to the broker, with what both publisher and inlet need of Kombu and py-amqp."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from amqp.transport import TCPTransport
from kombu import Connection

HEARTBEAT = 10
"""Seconds."""
SOCKET = {"read_timeout": 30, "write_timeout": 30}
"""Seconds until a socket that a blocked broker no longer reads gives up."""
READ_AHEAD = 16 * 1024


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
