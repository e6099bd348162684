"""An operator's commands: what they are asked, and how an answer is told.

They run where they are added: in `kinbridge` on a data folder, in `services.NAME.admin` where a service runs by itself.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer
from rich.table import Table

from shared.command_line import Asked, Commands, add_commands, add_group, ask, out, say

Source = Annotated[str, typer.Argument(help="Whose events: intake, notify or reporting.")]
Subject = Annotated[str, typer.Argument(help="The subject, for example case/0199….")]
Run = Callable[..., object]
Call = Callable[[str, str, str], str]
"""How a command is written here: (`held replay`, the service, what follows)."""


def add_to(app: typer.Typer, run: Run, run_in: Run, call: Call) -> None:
    """Add these commands. `run` carries out what is about the whole installation, `run_in` what is about a service."""
    add_commands(app, {"status": status}, run)
    add_commands(app, {"rebuild": rebuild}, run_in)
    add_group(app, "log", "The log as a tamper-evident trail.", {"verify": log_verify}, run)

    def held_list() -> Asked:
        """Every held case and every alarm."""
        return ask("held list", partial(_tell_waiting, call=call))

    held = add_group(app, "held", "Cases whose events wait, and stopped partitions.", {"list": held_list}, run)
    keys: Commands = {"list": keys_list, "rewrap": keys_rewrap, "retire": keys_retire}
    add_group(app, "keys", "Rotation of the master key.", keys, run)
    acts: Commands = {"show": held_show, "replay": held_replay, "discard": held_discard, "resume": held_resume}
    add_commands(held, acts, run_in)


def status() -> Asked:
    """Per service: events, lag, events without a position and their age, holds, alarms."""
    return ask("status", _tell_status)


def _tell_status(found: dict[str, Any]) -> None:
    table = Table(title="Events", title_justify="left")
    for column in ("service", "recorded", "without position", "oldest", "still to apply", "held", "alarms"):
        table.add_column(column, justify="left" if column == "service" else "right")
    for name, one in found["services"].items():
        waiting, lags = one["unsequenced"], one["lag"].values()
        table.add_row(
            name,
            f"{one['events']:,}",
            f"{waiting['count']:,}",
            f"{waiting['oldest_seconds']:.1f} s",
            "unknown" if None in lags else f"{sum(lags):,}",
            str(len(one["holds"])),
            str(len(one["alarms"])),
        )
    out.print(table)
    silent = sorted({source for one in found["services"].values() for source, lag in one["lag"].items() if lag is None})
    if silent:
        say(f"No answer from the feed of {', '.join(silent)}: does its worker run?")
    if found["healthy"]:
        out.print("Events flow; nothing waits for an operator.")
    elif any(one["holds"] or one["alarms"] for one in found["services"].values()):
        out.print("Something waits for you: `held list` shows what.")


def _tell_waiting(found: dict[str, Any], call: Call) -> None:
    if not found["holds"] and not found["alarms"]:
        out.print("Nothing is held, and there is no alarm.")
    for hold in found["holds"]:
        replay = call("held replay", hold["service"], f"{hold['source']} {hold['subject']}")
        waits = "retried by itself" if hold["retry_at"] else replay
        say(
            f"{hold['service']} holds {hold['subject']} of {hold['source']} from position {hold['first_position']} "
            f"({hold['event_type']}: {_error(hold)}), since {hold['held_at'][:19]}: {waits}"
        )
    for alarm in found["alarms"]:
        mend = call("held resume", alarm["service"], f"{alarm['source']} {alarm['partition']}")
        say(
            f"alarm {alarm['kind']} at {alarm['service']}, {alarm['source']} partition {alarm['partition']} "
            f"position {alarm['position']} ({_error(alarm)}), since {alarm['raised_at'][:19]}"
            + (f": mend the cause, then {mend}" if alarm["stops"] else ": retried by itself")
        )


def _error(row: dict[str, Any]) -> str:
    return ", ".join(str(row[name]) for name in ("error_class", "sqlstate", "location") if row[name]) or "no error"


def held_show(source: Source, subject: Subject) -> Asked:
    """The events that wait behind one hold: ids and types, never contents."""
    return ask("held show", _tell_hold, source=source, subject=subject)


def _tell_hold(found: dict[str, Any]) -> None:
    hold = found["hold"]
    say(f"{hold['subject']} is held by {hold['consumer']}: {_error(hold)}")
    for event in found["events"]:
        say(f"  position {event['position']}  {event['time'][:19]}  {event['type']}  {event['id']}")


def held_replay(source: Source, subject: Subject) -> Asked:
    """Apply a held case's events again, in their order; the hold ends when all succeed."""
    good = {"ended": "Applied; the hold has ended.", "not_held": "That subject is not held there."}
    return _act("held replay", good, source=source, subject=subject)


def held_discard(
    source: Source,
    subject: Subject,
    reason: Annotated[str, typer.Option(help="Why: it is kept for the auditor.")],
    by: Annotated[str, typer.Option(help="Who decides it. Default: who is signed in on this system.")] = "",
) -> Asked:
    """Skip the one event that a case is held at, and apply the rest. A protective event cannot be discarded."""
    good = {"ended": "Discarded; the rest is applied and the hold has ended."}
    return _act("held discard", good, source=source, subject=subject, by=by or getpass.getuser(), reason=reason)


def held_resume(
    source: Source, partition: Annotated[int, typer.Argument(help="The stopped partition, 0 to 7.")]
) -> Asked:
    """Let a stopped partition go on, once its cause is mended; it stops again while the cause is there."""
    return _act("held resume", {"resumed": "The partition goes on."}, source=source, partition=partition)


def _act(operation: str, good: dict[str, str], **arguments: Any) -> Asked:
    """`good` has the sentence of each outcome that is a success."""
    again = "It failed again: `held list` shows where and why."
    return Asked(
        operation,
        lambda found: say(good.get(found["outcome"], again)),
        arguments,
        lambda found: found["outcome"] in good,
    )


def log_verify() -> Asked:
    """Check the log, and the audit of reads: positions without gaps, every hash, and the ends as others know them."""
    return Asked("log verify", _tell_logs, {}, lambda found: found["whole"] and not _unchecked(found))


def _tell_logs(found: dict[str, Any]) -> None:
    for name, one in found["logs"].items():
        say(f"{name}: {one['events']:,} events, {one['erased']:,} erased, {len(one['faults'])} faults")
        _tell_faults(one["faults"])
    for name, one in found.get("read", {}).items():
        if one["answered"]:
            say(f"what was read of {name}: {len(one['faults'])} faults")
        _tell_faults(one["faults"])
    if "audit" in found:
        say(f"audit of reads: {found['audit']['views']:,} views, {len(found['audit']['faults'])} faults")
        _tell_faults(found["audit"]["faults"])
    for name in _unchecked(found):
        say(f"The feed of {name} does not answer: what was read of it is not checked.")
    if not found["whole"]:
        say("A log was changed: keep it, and restore a backup.")
    elif not _unchecked(found):
        say("The logs are whole.")


def _tell_faults(faults: list[dict[str, Any]]) -> None:
    for fault in faults[:20]:
        place = f"partition {fault['partition']} " if "partition" in fault else ""
        say(f"  {place}position {fault['position']}: {fault['what']}")


def _unchecked(found: dict[str, Any]) -> list[str]:
    return [name for name, one in found.get("read", {}).items() if not one["answered"]]


def rebuild(
    accept_new_history: Annotated[
        bool, typer.Option(help="Also take up the log of a source that was restored from an old backup.")
    ] = False,
) -> Asked:
    """Make a service's projections anew from the logs of its sources; nothing is sent again."""
    return ask("rebuild", _tell_rebuilt, accept_new_history=accept_new_history)


def _tell_rebuilt(found: dict[str, Any]) -> None:
    rows = ", ".join(f"{count:,} rows in {table}" for table, count in found["rows"].items())
    say(f"{found['events']:,} events read: {rows}.")


def erase_verify(person: Annotated[str, typer.Argument(help="The id of the person.")]) -> Asked:
    """Prove that nothing of an erased person opens any more: every key is tried on every value and event."""
    return Asked("erase verify", _tell_proof, {"person": person}, lambda found: bool(found["nothing_opens"]))


def _tell_proof(found: dict[str, Any]) -> None:
    for service, one in found["checked"].items():
        say(
            f"{service}: {one['keys']:,} keys tried on {one['values']:,} encrypted values in {one['rows']:,} rows, "
            f"{one['events']:,} events read"
        )
    for waiting in found["not_confirmed_yet"]:
        say(f"not confirmed yet by {waiting}")
    for fault in found["faults"]:
        say(f"fault: {fault}")
    out.print("Nothing of this person opens." if found["nothing_opens"] else "Something is left: see above.")


def keys_list() -> Asked:
    """What is under which key: the current one, older ones, and what is left of dropped ones."""
    return ask("keys list", _tell_keys)


def _tell_keys(found: dict[str, Any]) -> None:
    for name, one in found["services"].items():
        for key in one["keys"]:
            say(f"{name}: key {key['id']} ({key['state']}): {key['data_keys']:,} data keys, {key['events']:,} events")


def keys_rewrap() -> Asked:
    """Wrap every data key anew under the newest master key, and index names under it. Safe while the system runs."""
    return ask("keys rewrap", _tell_rewrapped)


def _tell_rewrapped(found: dict[str, Any]) -> None:
    for name, one in found["services"].items():
        say(f"{name}: " + ", ".join(f"{count:,} of {what}" for what, count in one.items()) + " made anew.")


def keys_retire(key: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.")]) -> Asked:
    """Print what is kept of a master key that you drop: it opens old events, and nothing else."""

    def tell(found: dict[str, Any]) -> None:
        say("Add this to KINBRIDGE_EVENT_KEYS, separated by commas, and take the key out of KINBRIDGE_MASTER_KEY:")
        say(found["event_key"])

    return ask("keys retire", tell, key=key)
