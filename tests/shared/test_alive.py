"""A container's health check: 200 is alive, and everything else is not."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from shared.alive import answers
from tests.servers import free_port


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/alive" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_only_who_answers_200_is_alive(address: str) -> None:
    assert answers(f"{address}/alive")
    assert not answers(f"{address}/elsewhere")


def test_who_does_not_answer_is_not_alive() -> None:
    assert not answers(f"http://127.0.0.1:{free_port()}/alive")
