"""`kinbridge held`: what waits for an operator, and what to do about it."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from kinbridge.cli.options import DataDir, answer
from shared.command_line import NOT_DONE, AsJson, out

Service = Annotated[str, typer.Argument(help="Who holds it: intake, notify or reporting.")]
Source = Annotated[str, typer.Argument(help="Whose events: intake, notify or reporting.")]
Subject = Annotated[str, typer.Argument(help="The subject, for example case/0199….")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    held = typer.Typer(help="Cases whose events wait, and stopped partitions.", no_args_is_help=True)
    held.command("list")(held_list)
    held.command("show")(held_show)
    held.command("replay")(held_replay)
    held.command("discard")(held_discard)
    held.command("resume")(held_resume)
    app.add_typer(held, name="held")


def held_list(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Every held case and every alarm."""
    answer(data_dir, json_, "held list", _tell_waiting)


def _tell_waiting(found: dict[str, Any]) -> None:
    if not found["holds"] and not found["alarms"]:
        out.print("Nothing is held, and there is no alarm.")
    for hold in found["holds"]:
        place = f"{hold['service']} {hold['source']} {hold['subject']}"
        waits = "retried by itself" if hold["retry_at"] else f"kinbridge held replay {place}"
        out.print(
            f"{hold['service']} holds {hold['subject']} of {hold['source']} from position {hold['first_position']} "
            f"({hold['event_type']}: {_error(hold)}), since {hold['held_at'][:19]}: {waits}",
            soft_wrap=True,
            markup=False,
        )
    for alarm in found["alarms"]:
        mend = f"kinbridge held resume {alarm['service']} {alarm['source']} {alarm['partition']}"
        out.print(
            f"alarm {alarm['kind']} at {alarm['service']}, {alarm['source']} partition {alarm['partition']} "
            f"position {alarm['position']} ({_error(alarm)}), since {alarm['raised_at'][:19]}"
            + (f": mend the cause, then {mend}" if alarm["stops"] else ": retried by itself"),
            soft_wrap=True,
            markup=False,
        )


def _error(row: dict[str, Any]) -> str:
    return ", ".join(str(row[name]) for name in ("error_class", "sqlstate", "location") if row[name]) or "no error"


def held_show(
    service: Service, source: Source, subject: Subject, data_dir: DataDir = None, json_: AsJson = False
) -> None:
    """The events that wait behind one hold: ids and types, never contents."""

    def tell(found: dict[str, Any]) -> None:
        out.print(f"{subject} is held by {service}: {_error(found['hold'])}", markup=False, soft_wrap=True)
        for event in found["events"]:
            out.print(f"  position {event['position']}  {event['time'][:19]}  {event['type']}  {event['id']}")

    answer(data_dir, json_, "held show", tell, service=service, source=source, subject=subject)


def held_replay(
    service: Service, source: Source, subject: Subject, data_dir: DataDir = None, json_: AsJson = False
) -> None:
    """Apply a held case's events again, in their order; the hold ends when all succeed."""
    good = {"ended": "Applied; the hold has ended.", "not_held": "That subject is not held there."}
    _act(data_dir, json_, "held replay", good, service=service, source=source, subject=subject)


def held_discard(
    service: Service,
    source: Source,
    subject: Subject,
    reason: Annotated[str, typer.Option(help="Why: it is kept for the auditor.")],
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Skip the one event that a case is held at, and apply the rest. A protective event cannot be discarded."""
    good = {"ended": "Discarded; the rest is applied and the hold has ended."}
    named = {"service": service, "source": source, "subject": subject}
    _act(data_dir, json_, "held discard", good, **named, by=getpass.getuser(), reason=reason)


def held_resume(
    service: Service,
    source: Source,
    partition: Annotated[int, typer.Argument(help="The stopped partition, 0 to 7.")],
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Let a stopped partition go on, once its cause is mended; it stops again while the cause is there."""
    good = {"resumed": "The partition goes on."}
    _act(data_dir, json_, "held resume", good, service=service, source=source, partition=partition)


def _act(data_dir: DataDir, json_: bool, operation: str, good: dict[str, str], **arguments: Any) -> None:
    """`good` has the sentence of each outcome that is a success; any other ends with `NOT_DONE`."""
    again = "It failed again: `kinbridge held list` shows where and why."
    found = answer(data_dir, json_, operation, lambda one: out.print(good.get(one["outcome"], again)), **arguments)
    if found["outcome"] not in good:
        raise typer.Exit(NOT_DONE)
