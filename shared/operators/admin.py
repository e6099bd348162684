"""`python -m services.NAME.admin …`: an operator's commands, where a service runs by itself with its settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from shared.command_line import AsJson, Asked, add_group, people, reporting_errors
from shared.erasures import Journal
from shared.logging import configure_logging
from shared.messaging.consumer import Consumer
from shared.messaging.http_feed import HttpFeed
from shared.operators.command_line import add_to, erase_verify
from shared.operators.operations import OPERATIONS, Desk, Service
from shared.operators.part import Part
from shared.service import open_service_engine
from shared.settings import Settings

SLOW = frozenset({"log verify", "rebuild", "erase verify", "keys rewrap"})


@contextmanager
def open_desk(service: Service, settings: Settings) -> Iterator[Desk]:
    """The service's database and the feeds of its sources, for one command; no feed is asked yet."""
    engine, keys = open_service_engine(settings, service.name, service.erase, service.metadata)
    configure_logging("WARNING")
    feeds = {
        source: HttpFeed.open(source, settings.feed_url(source), keys.feed_key(source, service.name))
        for source in service.listens_to
    }
    part = Part(service.name, engine, Consumer(service.name, engine, {**feeds}, service.subscriptions, keys))
    try:
        yield Desk(service, part, keys, Journal(settings.journal_file))
    finally:
        for feed in feeds.values():
            feed.client.close()
        engine.dispose()


def operators_app(service: Service) -> typer.Typer:
    """The commands; a service adds its own."""
    program = f"python -m services.{service.name}.admin"
    app = typer.Typer(
        name=program,
        help=f"What an operator does with {service.name}.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    def run(asked: Asked, json_: AsJson = False) -> None:
        if asked.operation in SLOW:
            people.print(f"[dim]{asked.operation} …[/dim]")
        with open_desk(service, Settings()) as desk:
            asked.show(OPERATIONS[asked.operation](desk, **asked.arguments), json_)

    add_to(app, run, run, lambda words, _service, rest: f"{program} {words} {rest}")
    add_group(app, "erase", "The proof of an erasure.", {"verify": erase_verify}, run)
    return app


def run_app(app: Callable[[], object]) -> None:
    """Run one command. Exit codes: 0 done, 2 not done."""
    with reporting_errors():
        app()
