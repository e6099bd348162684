"""What the command line can ask of a system. Each operation yields steps (dictionaries) and ends with its result.

The same generators run in the command's own process, or in the server that owns the data folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from kinbridge.administration import ADMINISTRATION, Step
from kinbridge.erasures import OPERATIONS as ERASURES
from kinbridge.imports import import_incidents
from kinbridge.status import system_status
from services.intake import commands
from services.intake import queries as intake_queries
from services.intake.audit import verify_views
from services.intake.subscribers import PROJECTED as INTAKE_PROJECTED
from services.notify.subscribers import PROJECTED as NOTIFY_PROJECTED
from services.reporting import queries as reporting_queries
from services.reporting.rendering import RENDERINGS
from services.reporting.subscribers import PROJECTED as REPORTING_PROJECTED
from shared.access import Actor
from shared.database import reading, transaction, utc_now
from shared.errors import InvalidInput, NotFound
from shared.events.envelope import PARTITIONS
from shared.messaging import replay
from shared.messaging.rebuild import rebuild
from shared.messaging.verify import known_otherwise, verify_log

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem, Part

LOCAL = "local"
PROJECTED = {"intake": INTAKE_PROJECTED, "notify": NOTIFY_PROJECTED, "reporting": REPORTING_PROJECTED}


def ensure_local(system: EmbeddedSystem) -> None:
    """The organisation `local`, for which this machine's own commands act."""
    with transaction(system.engine("intake")) as session:
        known = {organisation.short_name for organisation in intake_queries.organisations(session)}
        if LOCAL not in known:
            commands.register_organisation(
                session, short_name=LOCAL, name="This organisation (local)", kind="national_society"
            )


def local_operator(system: EmbeddedSystem) -> Actor:
    """Who this machine's own commands are: they may see the figures of every organisation."""
    with reading(system.engine("intake")) as session:
        return Actor(intake_queries.organisation_named(session, LOCAL).id, operator=True)


def import_file(system: EmbeddedSystem, *, file: str, organisation: str) -> Iterator[Step]:
    """Import incidents; then wait until every event has arrived."""
    last: Step = {}
    for step in import_incidents(system, file, organisation):
        last = step
        yield step
    yield {"kind": "waiting"}
    arrived = system.wait_until_arrived()
    yield {**last, "kind": "result", "arrived": arrived}


def report(system: EmbeddedSystem, *, first: str, last: str, form: str, organisation: str) -> Iterator[Step]:
    """The incident report of an organisation, or of `all`."""
    period = reporting_queries.Period(date.fromisoformat(first), date.fromisoformat(last))
    arrived = system.wait_until_arrived()
    with reading(system.engine("intake")) as session:
        own = intake_queries.organisation_named(session, LOCAL if organisation == "all" else organisation)
    actor = Actor(own.id, operator=organisation == "all")
    with reading(system.engine("reporting"), snapshot=True) as session:
        made = reporting_queries.incident_report(session, actor, period, now=utc_now())
    text = RENDERINGS[form].render(made).decode()
    yield {"kind": "result", "text": text, "arrived": arrived, "incidents": made.totals.incidents}


def status(system: EmbeddedSystem) -> Iterator[Step]:
    """Heads, cursors, lag, unsequenced events, holds and alarms of every service."""
    yield {"kind": "result", **system_status(system)}


def held_list(system: EmbeddedSystem) -> Iterator[Step]:
    """Every hold and alarm."""
    services = system_status(system)["services"]
    yield {
        "kind": "result",
        "holds": [{"service": name, **hold} for name, s in services.items() for hold in s["holds"]],
        "alarms": [{"service": name, **alarm} for name, s in services.items() for alarm in s["alarms"]],
    }


def held_show(system: EmbeddedSystem, *, service: str, source: str, subject: str) -> Iterator[Step]:
    """One hold and the events that wait in it: ids and types, never contents."""
    part = _part(system, service)
    hold = next(
        (
            hold
            for hold in system_status(system)["services"][service]["holds"]
            if hold["subject"] == subject and hold["source"] == source
        ),
        None,
    )
    if hold is None:
        raise NotFound("This subject is not held there; `kinbridge held list` shows what is.")
    feed = _feed(part, source)
    waiting = feed.of_subject(subject, hold["partition"], hold["first_position"], hold["last_position"])
    events = [{"position": e.position, "type": e.type, "id": str(e.id), "time": e.time} for e in waiting]
    yield {"kind": "result", "hold": hold, "events": events}


def held_replay(system: EmbeddedSystem, *, service: str, source: str, subject: str) -> Iterator[Step]:
    """Apply a held subject's events again."""
    part = _part(system, service)
    _feed(part, source)
    yield {"kind": "result", "outcome": replay.replay(part.consumer, source, subject)}


def held_discard(
    system: EmbeddedSystem, *, service: str, source: str, subject: str, by: str, reason: str
) -> Iterator[Step]:
    """Skip the one event a subject is held at, and replay the rest."""
    part = _part(system, service)
    _feed(part, source)
    outcome = replay.discard(part.consumer, source, subject, by=by, reason=reason)
    yield {"kind": "result", "outcome": outcome}


def held_resume(system: EmbeddedSystem, *, service: str, source: str, partition: int) -> Iterator[Step]:
    """Let a stopped partition go on."""
    part = _part(system, service)
    _feed(part, source)
    if not 0 <= partition < PARTITIONS:
        raise InvalidInput(f"Partitions are 0 to {PARTITIONS - 1}.")
    replay.resume(part.consumer, source, partition)
    still = [a for a in system_status(system)["services"][service]["alarms"] if a["partition"] == partition]
    yield {"kind": "result", "outcome": "stopped again" if still else "resumed", "alarms": still}


def log_verify(system: EmbeddedSystem) -> Iterator[Step]:
    """Check every service's log against its hashes and its listeners, and the trail of who read whose data."""
    logs = {}
    for name, part in system.parts.items():
        yield {"kind": "progress", "text": f"verifying the log of {name}"}
        cursors = [one.consumer.cursors(name) for one in system.parts.values() if name in one.consumer.feeds]
        found = verify_log(part.engine)
        faults = [vars(one) for one in (*found.faults, *known_otherwise(part.engine, cursors))]
        logs[name] = {"events": found.events, "erased": found.erased, "faults": faults}
    yield {"kind": "progress", "text": "verifying the audit of reads"}
    seen = verify_views(system.engine("intake"))
    views = {"views": seen.views, "faults": [vars(f) for f in seen.faults]}
    whole = not any(one["faults"] for one in (*logs.values(), views))
    yield {"kind": "result", "whole": whole, "logs": logs, "audit": views}


def rebuild_projections(system: EmbeddedSystem, *, service: str, accept_new_history: bool) -> Iterator[Step]:
    """Make a service's projected tables anew."""
    part = _part(system, service)
    yield {"kind": "progress", "text": f"rebuilding {service} from its sources' logs"}
    done = rebuild(part.consumer, PROJECTED[service], accept_new_history=accept_new_history)
    yield {"kind": "result", "events": done.events, "rows": done.rows}


def _part(system: EmbeddedSystem, service: str) -> Part:
    if service not in system.parts:
        raise NotFound(f"There is no service of that name: choose one of {', '.join(system.parts)}.")
    return system.parts[service]


def _feed(part: Part, source: str) -> Any:
    if source not in part.consumer.feeds:
        raise NotFound(f"{part.name} does not listen to that source: choose {', '.join(part.consumer.feeds)}.")
    return part.consumer.feeds[source]


OPERATIONS: dict[str, Callable[..., Iterator[Step]]] = {
    "import": import_file,
    "report": report,
    "status": status,
    "held list": held_list,
    "held show": held_show,
    "held replay": held_replay,
    "held discard": held_discard,
    "held resume": held_resume,
    "log verify": log_verify,
    "rebuild": rebuild_projections,
    **ADMINISTRATION,
    **ERASURES,
}
