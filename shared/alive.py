"""A container's health check: `python -S -m shared.alive URL` ends with 0 when the URL answers 200, else with 1.

A container runs it for ever, so it loads next to nothing: an HTTP client would double its processor time.
"""

import socket
import sys

PATIENCE = 4.0
"""Seconds."""


def answers(url: str) -> bool:
    """True when it answers 200. The URL names its port, as `http://127.0.0.1:9100/alive` does."""
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.rpartition(":")
    try:
        with socket.create_connection((name, int(port)), PATIENCE) as connection:
            connection.sendall(f"GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            return connection.makefile("rb").readline(64).split()[1:2] == [b"200"]
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
