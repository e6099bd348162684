"""Commands that start the system."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from kinbridge.cli.options import DataDir, settings_of
from kinbridge.demo import addresses, run_demo, show_summary
from kinbridge.server import Server
from shared.command_line import AsJson, out, people, print_json
from shared.logging import configure_logging

Port = Annotated[int | None, typer.Option(help="The port. Default: KINBRIDGE_PORT, else 8080.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("up")(up)
    app.command("demo")(demo)


def up(data_dir: DataDir = None, port: Port = None) -> None:
    """Run all three services in this process, until Ctrl-C."""
    settings = settings_of(data_dir, port=port)
    configure_logging(settings.log_level)
    with Server(settings) as server:
        people.print(
            f"Kinbridge is ready: {server.address}/   (data in {settings.data_dir.absolute()}; Ctrl-C ends it)",
            soft_wrap=True,
        )
        if people.is_terminal:  # the link signs in: it belongs in no log file
            people.print(f"The report of all organisations, for eight hours: {server.report_link()}", soft_wrap=True)
        if settings.master_key is None:
            people.print(
                f"Its keys are in {settings.data_dir / 'keys.json'}: whoever takes the folder can read what is in it. "
                "For real work, set KINBRIDGE_MASTER_KEY.",
                soft_wrap=True,
            )
        server.wait()


def demo(
    data_dir: DataDir = None,
    port: Port = None,
    once: Annotated[bool, typer.Option("--once", help="End when the demonstration is over.")] = False,
    json_: AsJson = False,
) -> None:
    """Start the system, bring in a small invented sample of three organisations, show its events, and serve on."""
    if once and port is None:
        port = _free_port()
    settings = settings_of(data_dir, port=port)
    with Server(settings) as server:
        told = people if json_ else out
        summary = run_demo(server, told)
        if not once:
            summary["addresses"] = addresses(server)
        if json_:
            print_json(summary)
        else:
            show_summary(summary, out)
        if not once:
            people.print("Serving on; Ctrl-C ends it.")
            server.wait()


def _free_port() -> int:
    """With `--once` nobody needs the usual port, and another server may have it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
