"""Commands for the person who runs an installation."""

from __future__ import annotations

import getpass
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from kinbridge.cli.options import NOT_DONE, AsJson, DataDir, out, print_json, result_of, settings_of

Service = Annotated[str, typer.Argument(help="Who holds it: intake, notify or reporting.")]
Source = Annotated[str, typer.Argument(help="Whose events: intake, notify or reporting.")]
Subject = Annotated[str, typer.Argument(help="The subject, for example case/0199….")]
Kind = Literal["national_society", "international_organisation", "ngo", "service_provider", "donor"]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("status")(status)
    held = typer.Typer(help="Cases whose events wait, and stopped partitions.", no_args_is_help=True)
    held.command("list")(held_list)
    held.command("show")(held_show)
    held.command("replay")(held_replay)
    held.command("discard")(held_discard)
    held.command("resume")(held_resume)
    app.add_typer(held, name="held")
    log = typer.Typer(help="The log as a tamper-evident trail.", no_args_is_help=True)
    log.command("verify")(log_verify)
    app.add_typer(log, name="log")
    app.command("rebuild")(rebuild)
    org = typer.Typer(help="Organisations.", no_args_is_help=True)
    org.command("add")(org_add)
    org.command("list")(org_list)
    app.add_typer(org, name="org")
    client = typer.Typer(help="API keys of organisations' systems.", no_args_is_help=True)
    client.command("add")(client_add)
    client.command("revoke")(client_revoke)
    app.add_typer(client, name="client")


def status(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Per service: events, lag, events without a position and their age, holds, alarms."""
    found = result_of(settings_of(data_dir), "status")
    if json_:
        print_json(found)
        return
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


def held_list(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Every held case and every alarm."""
    found = result_of(settings_of(data_dir), "held list")
    if json_:
        print_json(found)
        return
    if not found["holds"] and not found["alarms"]:
        out.print("Nothing is held, and there is no alarm.")
    for hold in found["holds"]:
        waits = "retried by itself" if hold["retry_at"] else f"kinbridge held replay {_place(hold)}"
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


def _place(hold: dict[str, Any]) -> str:
    return f"{hold['service']} {hold['source']} {hold['subject']}"


def _error(row: dict[str, Any]) -> str:
    return ", ".join(str(row[name]) for name in ("error_class", "sqlstate", "location") if row[name]) or "no error"


def held_show(
    service: Service, source: Source, subject: Subject, data_dir: DataDir = None, json_: AsJson = False
) -> None:
    """The events that wait behind one hold: ids and types, never contents."""
    found = result_of(settings_of(data_dir), "held show", service=service, source=source, subject=subject)
    if json_:
        print_json(found)
        return
    out.print(f"{subject} is held by {service}: {_error(found['hold'])}", markup=False, soft_wrap=True)
    for event in found["events"]:
        out.print(f"  position {event['position']}  {event['time'][:19]}  {event['type']}  {event['id']}")


def held_replay(
    service: Service, source: Source, subject: Subject, data_dir: DataDir = None, json_: AsJson = False
) -> None:
    """Apply a held case's events again, in their order; the hold ends when all succeed."""
    found = result_of(settings_of(data_dir), "held replay", service=service, source=source, subject=subject)
    _outcome(found, json_, {"ended": "Applied; the hold has ended.", "not_held": "That subject is not held there."})


def held_discard(
    service: Service,
    source: Source,
    subject: Subject,
    reason: Annotated[str, typer.Option(help="Why: it is kept for the auditor.")],
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Skip the one event that a case is held at, and apply the rest. A protective event cannot be discarded."""
    found = result_of(
        settings_of(data_dir),
        "held discard",
        service=service,
        source=source,
        subject=subject,
        by=getpass.getuser(),
        reason=reason,
    )
    _outcome(found, json_, {"ended": "Discarded; the rest is applied and the hold has ended."})


def held_resume(
    service: Service,
    source: Source,
    partition: Annotated[int, typer.Argument(help="The stopped partition, 0 to 7.")],
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Let a stopped partition go on, once its cause is mended; it stops again while the cause is there."""
    found = result_of(settings_of(data_dir), "held resume", service=service, source=source, partition=partition)
    _outcome(found, json_, {"resumed": "The partition goes on."})


def _outcome(found: dict[str, Any], json_: bool, good: dict[str, str]) -> None:
    if json_:
        print_json(found)
    elif found["outcome"] in good:
        out.print(good[found["outcome"]])
    else:
        out.print("It failed again: `kinbridge held list` shows where and why.")
    if found["outcome"] not in good:
        raise typer.Exit(NOT_DONE)


def log_verify(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Check every service's log: positions without gaps, every hash."""
    found = result_of(settings_of(data_dir), "log verify")
    if json_:
        print_json(found)
    else:
        for name, one in found["logs"].items():
            out.print(f"{name}: {one['events']:,} events, {one['erased']:,} erased, {len(one['faults'])} faults")
            for fault in one["faults"][:20]:
                out.print(f"  partition {fault['partition']} position {fault['position']}: {fault['what']}")
        out.print("The logs are whole." if found["whole"] else "A log was changed: keep it, and restore a backup.")
    if not found["whole"]:
        raise typer.Exit(NOT_DONE)


def rebuild(
    service: Annotated[str, typer.Argument(help="Whose tables: intake, notify or reporting.")],
    accept_new_history: Annotated[
        bool, typer.Option(help="Also take up the log of a source that was restored from an old backup.")
    ] = False,
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Make a service's projections anew from the logs of its sources; nothing is sent again."""
    found = result_of(settings_of(data_dir), "rebuild", service=service, accept_new_history=accept_new_history)
    if json_:
        print_json(found)
        return
    rows = ", ".join(f"{count:,} rows in {table}" for table, count in found["rows"].items())
    out.print(f"{found['events']:,} events read: {rows}.")


def org_add(
    short_name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    name: Annotated[str, typer.Argument(help="The full name.")],
    kind: Annotated[Kind, typer.Option(help="What it is.")] = "ngo",
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Register an organisation."""
    found = result_of(settings_of(data_dir), "org add", short_name=short_name, name=name, kind=kind)
    if json_:
        print_json(found)
    else:
        out.print(f"{found['short_name']} is registered. `kinbridge client add {short_name}` makes an API key for it.")


def org_list(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Every organisation."""
    found = result_of(settings_of(data_dir), "org list")
    if json_:
        print_json(found)
        return
    for one in found["organisations"]:
        out.print(f"{one['short_name']:<24} {one['kind']:<28} {one['name']}", markup=False)


def client_add(
    organisation: Annotated[str, typer.Argument(help="The organisation's short name.")],
    label: Annotated[str, typer.Option(help="What the key is for.")] = "default",
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Make an API key. It is shown once."""
    found = result_of(settings_of(data_dir), "client add", organisation=organisation, label=label)
    if json_:
        print_json(found)
    else:
        out.print(f"Key of {organisation} ({label}), shown this once:")
        out.print(found["key"], markup=False, soft_wrap=True)


def client_revoke(
    organisation: Annotated[str, typer.Argument(help="The organisation's short name.")],
    label: Annotated[str, typer.Option(help="What the key was for.")] = "default",
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Revoke the API keys of a label, at once."""
    found = result_of(settings_of(data_dir), "client revoke", organisation=organisation, label=label)
    if json_:
        print_json(found)
    else:
        out.print(f"{found['revoked']} revoked.")
