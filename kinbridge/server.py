"""The embedded system with its address: web server and control socket around `EmbeddedSystem`."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from types import FrameType, TracebackType

import uvicorn

from kinbridge.control import ControlSocket
from kinbridge.embedded import EmbeddedSystem
from kinbridge.operations import ensure_local, local_operator
from shared.access import LINK_LIFE, issue_token
from shared.errors import MisconfiguredError
from shared.garbage import calm_garbage_collector
from shared.settings import Settings


class Server:
    """Runs from `with` to its end: ready means that requests are answered."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.system = EmbeddedSystem(settings)
        self._stop = threading.Event()
        self._running = contextlib.ExitStack()

    @property
    def address(self) -> str:
        """Where people open it: as set for a proxy, else the address that is listened on."""
        return (self.settings.public_url or f"http://{self.settings.host}:{self.settings.port}").rstrip("/")

    def report_link(self, period: str = "") -> str:
        """A link that signs in for eight hours and opens the figures of every organisation; `period` is its query."""
        token = issue_token(self.system.keys, local_operator(self.system), life=LINK_LIFE)
        return f"{self.address}/reporting/open?token={token}{period and '&' + period}"

    def __enter__(self) -> Server:
        """Start. Raises `MisconfiguredError` where the port or the data folder is taken."""
        with contextlib.ExitStack() as starting:
            starting.enter_context(self.system)  # first: a second click is told of the folder, not of the port
            listener = starting.enter_context(_listen(self.settings.host, self.settings.port))
            ensure_local(self.system)
            control = ControlSocket(self.system)
            control.start()
            starting.callback(control.end)
            self._serve(listener, starting)
            calm_garbage_collector()
            self._running = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)

    def _serve(self, listener: socket.socket, starting: contextlib.ExitStack) -> None:
        config = uvicorn.Config(self.system.web(), log_config=None, access_log=False, server_header=False)
        web = uvicorn.Server(config)
        thread = threading.Thread(target=web.run, kwargs={"sockets": [listener]}, name="web", daemon=True)
        thread.start()

        def end() -> None:
            web.should_exit = True
            thread.join(10)

        starting.callback(end)
        while thread.is_alive() and not web.started:
            thread.join(0.01)

    def wait(self) -> None:
        """Until SIGTERM or Ctrl-C."""

        def stop(_signal: int, _frame: FrameType | None) -> None:
            self._stop.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not self._stop.wait(0.5):
            pass


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise MisconfiguredError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Choose another with --port, or KINBRIDGE_PORT."
        ) from None
    listener.listen(128)
    return listener
