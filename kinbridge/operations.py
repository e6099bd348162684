"""What the command line can ask of a system. Each operation yields steps (dictionaries) and ends with its result.

The same generators run in the command's own process, or in the server that owns the data folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kinbridge.administration import ADMINISTRATION, LOCAL, Step
from kinbridge.embedded import OPERATED
from kinbridge.erasures import OPERATIONS as ERASURES
from kinbridge.imports import import_incidents
from kinbridge.reports import OPERATIONS as REPORTS
from kinbridge.status import system_status
from services.intake import commands
from services.intake import queries as intake_queries
from services.intake.admin.service import check_audit
from shared.access import Actor
from shared.database import reading, transaction
from shared.errors import NotFound
from shared.messaging.rebuild import rebuild
from shared.messaging.verify import known_otherwise
from shared.operators import held, keys
from shared.operators.part import Part
from shared.operators.trails import verify_own_log

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem


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


def status(system: EmbeddedSystem) -> Iterator[Step]:
    """Heads, cursors, lag, unsequenced events, holds and alarms of every service."""
    yield {"kind": "result", **system_status(system)}


def held_list(system: EmbeddedSystem) -> Iterator[Step]:
    """Every hold and alarm."""
    found = [held.waiting(part) for part in system.parts.values()]
    yield {"kind": "result"} | {name: [row for one in found for row in one[name]] for name in ("holds", "alarms")}


def held_show(system: EmbeddedSystem, *, service: str, source: str, subject: str) -> Iterator[Step]:
    """One hold and the events that wait in it: ids and types, never contents."""
    yield {"kind": "result", **held.show(_part(system, service), source, subject)}


def held_replay(system: EmbeddedSystem, *, service: str, source: str, subject: str) -> Iterator[Step]:
    """Apply a held subject's events again."""
    yield {"kind": "result", **held.replay_held(_part(system, service), source, subject)}


def held_discard(
    system: EmbeddedSystem, *, service: str, source: str, subject: str, by: str, reason: str
) -> Iterator[Step]:
    """Skip the one event a subject is held at, and replay the rest."""
    yield {"kind": "result", **held.discard(_part(system, service), source, subject, by=by, reason=reason)}


def held_resume(system: EmbeddedSystem, *, service: str, source: str, partition: int) -> Iterator[Step]:
    """Let a stopped partition go on."""
    yield {"kind": "result", **held.resume(_part(system, service), source, partition)}


def log_verify(system: EmbeddedSystem) -> Iterator[Step]:
    """Check every service's log against its hashes and its listeners, and the trail of who read whose data."""
    logs = {}
    for name, part in system.parts.items():
        yield {"kind": "progress", "text": f"verifying the log of {name}"}
        listeners = [one.consumer for one in system.parts.values() if name in one.consumer.feeds]
        otherwise = [
            fault for listener in listeners for fault in known_otherwise(listener.feeds[name], listener.cursors(name))
        ]
        logs[name] = verify_own_log(part.engine, otherwise)
    yield {"kind": "progress", "text": "verifying the audit of reads"}
    views = check_audit(system.engine("intake"))
    whole = not any(one["faults"] for one in (*logs.values(), views))
    yield {"kind": "result", "whole": whole, "logs": logs, "audit": views}


def rebuild_projections(system: EmbeddedSystem, *, service: str, accept_new_history: bool) -> Iterator[Step]:
    """Make a service's projected tables anew."""
    part = _part(system, service)
    yield {"kind": "progress", "text": f"rebuilding {service} from its sources' logs"}
    done = rebuild(part.consumer, OPERATED[service].projected, accept_new_history=accept_new_history)
    yield {"kind": "result", "events": done.events, "rows": done.rows}


def keys_list(system: EmbeddedSystem) -> Iterator[Step]:
    """What is under which key, in every service."""
    yield {"kind": "result", "services": _keys_in_use(system)}


def keys_rewrap(system: EmbeddedSystem) -> Iterator[Step]:
    """Wrap the data keys of every service anew under the newest master key."""
    done = {}
    for name, part in system.parts.items():
        yield {"kind": "progress", "text": f"wrapping the keys of {name} anew"}
        done[name] = keys.rewrap(part.engine, OPERATED[name].metadata, OPERATED[name].renewals)
    yield {"kind": "result", "services": done}


def keys_retire(system: EmbeddedSystem, *, key: str) -> Iterator[Step]:
    """What is kept of a master key that is dropped."""
    in_use = [one for of_service in _keys_in_use(system).values() for one in of_service["keys"]]
    yield {"kind": "result", "event_key": keys.retired(system.keys, key, in_use)}


def _keys_in_use(system: EmbeddedSystem) -> dict[str, Any]:
    return {
        name: keys.keys_in_use(part.engine, OPERATED[name].metadata, system.keys) for name, part in system.parts.items()
    }


def _part(system: EmbeddedSystem, service: str) -> Part:
    if service not in system.parts:
        raise NotFound(f"There is no service of that name: choose one of {', '.join(system.parts)}.")
    return system.parts[service]


OPERATIONS: dict[str, Callable[..., Iterator[Step]]] = {
    "import": import_file,
    "status": status,
    "held list": held_list,
    "held show": held_show,
    "held replay": held_replay,
    "held discard": held_discard,
    "held resume": held_resume,
    "log verify": log_verify,
    "rebuild": rebuild_projections,
    "keys list": keys_list,
    "keys rewrap": keys_rewrap,
    "keys retire": keys_retire,
    **ADMINISTRATION,
    **ERASURES,
    **REPORTS,
}
