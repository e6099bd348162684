"""How a command reaches a system: the server that owns the data folder, through a socket in it, else one of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from kinbridge.administration import Step
from kinbridge.embedded import EmbeddedSystem
from kinbridge.folder import SOCKET, FolderTaken
from kinbridge.operations import OPERATIONS, ensure_local
from shared.errors import KinbridgeError
from shared.logging import describe_error
from shared.settings import Settings
from shared.web import create_app

log = logging.getLogger(__name__)


class OperationFailed(KinbridgeError):
    """The operation raised an error on purpose; the message is for the person at the keyboard."""


class Call(BaseModel):
    """An operation and its arguments."""

    operation: str
    arguments: dict[str, Any]


def steps(settings: Settings, operation: str, **arguments: Any) -> Iterator[Step]:
    """Run an operation where the data folder is owned. Raises `OperationFailed` or another `KinbridgeError`."""
    try:
        system = EmbeddedSystem(settings, visiting=True)
        with system:
            ensure_local(system)
            yield from OPERATIONS[operation](system, **arguments)
    except FolderTaken:
        if not _answers(settings.data_dir):
            raise
        yield from _ask(settings.data_dir, operation, arguments)


def _socket(folder: Path) -> Path:
    return folder / SOCKET


def _answers(folder: Path) -> bool:
    """True when a server listens in the folder; a socket left by a killed one does not."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe, _short_path(_socket(folder)) as path:
        try:
            probe.connect(path)
        except OSError:
            return False
        return True


@contextlib.contextmanager
def _short_path(path: Path) -> Iterator[str]:
    """A way to name a socket however long its folder's path is (the system takes 107 bytes)."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}" if len(os.fsencode(path)) > 100 else str(path)
    finally:
        os.close(descriptor)


def _ask(folder: Path, operation: str, arguments: dict[str, Any]) -> Iterator[Step]:
    import httpx2  # a fortieth of a start, and only a command that finds a server asks one

    with _short_path(_socket(folder)) as path:
        transport = httpx2.HTTPTransport(uds=path)
        with (
            httpx2.Client(transport=transport, timeout=None, trust_env=False) as client,
            client.stream(
                "POST", "http://kinbridge/call", json={"operation": operation, "arguments": arguments}
            ) as answer,
        ):
            for line in answer.iter_lines():
                step: Step = json.loads(line)
                if step["kind"] == "failed":
                    raise OperationFailed(step["message"])
                yield step


def control_app(system: EmbeddedSystem) -> FastAPI:
    """The application behind the socket: only the folder's owner can reach it."""
    app = create_app("Kinbridge control")

    @app.post("/call")
    def call(asked: Call) -> StreamingResponse:
        return StreamingResponse(_lines(system, asked), media_type="application/x-ndjson")

    return app


def _lines(system: EmbeddedSystem, asked: Call) -> Iterator[str]:
    try:
        for step in OPERATIONS[asked.operation](system, **asked.arguments):
            yield json.dumps(step) + "\n"
    except KinbridgeError as error:
        yield json.dumps({"kind": "failed", "message": str(error)}) + "\n"
    except Exception as error:  # noqa: BLE001 - the command must hear of it; the log says what
        log.error("operation failed", extra={"operation": asked.operation, "error": describe_error(error)})  # noqa: TRY400
        yield json.dumps({"kind": "failed", "message": "The server could not do this; its log says why."}) + "\n"


class ControlSocket:
    """Serves operations through the socket until ended."""

    def __init__(self, system: EmbeddedSystem) -> None:
        path = _socket(system.settings.data_dir)
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        with _short_path(path) as short:
            self._listener.bind(short)
        path.chmod(0o600)
        self._listener.listen()
        self._server = uvicorn.Server(uvicorn.Config(control_app(system), log_config=None, access_log=False))
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._path = path

    def _serve(self) -> None:
        self._server.run(sockets=[self._listener])

    def start(self) -> None:
        """Start to listen."""
        self._thread.start()

    def end(self) -> None:
        """Stop listening and take the socket away."""
        self._server.should_exit = True
        self._thread.join(5)
        self._path.unlink(missing_ok=True)
