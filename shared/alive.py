"""A container's health check: `python -m shared.alive URL` ends with 0 when the URL answers 200, else with 1."""

import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

PATIENCE = 4.0
"""Seconds."""


def answers(url: str) -> bool:
    """True when it answers 200."""
    asked = urlsplit(url)
    connection = HTTPConnection(asked.hostname or "", asked.port, timeout=PATIENCE)
    try:
        connection.request("GET", asked.path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
