"""Commands for the person who runs an installation."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from kinbridge.cli.options import DataDir, answer
from shared.command_line import NOT_DONE, AsJson, out


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("status")(status)
    log = typer.Typer(help="The log as a tamper-evident trail.", no_args_is_help=True)
    log.command("verify")(log_verify)
    app.add_typer(log, name="log")
    app.command("rebuild")(rebuild)


def status(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Per service: events, lag, events without a position and their age, holds, alarms."""
    answer(data_dir, json_, "status", _tell_status)


def _tell_status(found: dict[str, Any]) -> None:
    table = Table(title="Events", title_justify="left")
    for column in ("service", "recorded", "without position", "oldest", "still to apply", "held", "alarms"):
        table.add_column(column, justify="left" if column == "service" else "right")
    for name, one in found["services"].items():
        waiting = one["unsequenced"]
        table.add_row(
            name,
            f"{one['events']:,}",
            f"{waiting['count']:,}",
            f"{waiting['oldest_seconds']:.1f} s",
            f"{sum(one['lag'].values()):,}",
            str(len(one["holds"])),
            str(len(one["alarms"])),
        )
    out.print(table)
    if found["healthy"]:
        out.print("Events flow; nothing waits for an operator.")
    else:
        out.print("Something waits for you: `kinbridge held list` shows what.")


def log_verify(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Check every service's log, and the audit of reads: positions without gaps, every hash."""
    if not answer(data_dir, json_, "log verify", _tell_logs)["whole"]:
        raise typer.Exit(NOT_DONE)


def _tell_logs(found: dict[str, Any]) -> None:
    for name, one in found["logs"].items():
        out.print(f"{name}: {one['events']:,} events, {one['erased']:,} erased, {len(one['faults'])} faults")
        for fault in one["faults"][:20]:
            out.print(f"  partition {fault['partition']} position {fault['position']}: {fault['what']}")
    audit = found["audit"]
    out.print(f"audit of reads: {audit['views']:,} views, {len(audit['faults'])} faults")
    for fault in audit["faults"][:20]:
        out.print(f"  position {fault['position']}: {fault['what']}")
    out.print("The logs are whole." if found["whole"] else "A log was changed: keep it, and restore a backup.")


def rebuild(
    service: Annotated[str, typer.Argument(help="Whose tables: intake, notify or reporting.")],
    accept_new_history: Annotated[
        bool, typer.Option(help="Also take up the log of a source that was restored from an old backup.")
    ] = False,
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Make a service's projections anew from the logs of its sources; nothing is sent again."""
    answer(data_dir, json_, "rebuild", _tell_rebuilt, service=service, accept_new_history=accept_new_history)


def _tell_rebuilt(found: dict[str, Any]) -> None:
    rows = ", ".join(f"{count:,} rows in {table}" for table, count in found["rows"].items())
    out.print(f"{found['events']:,} events read: {rows}.")
