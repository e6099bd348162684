"""`make docs`: docs/events.md and docs/asyncapi.yaml, made from the contracts and from who subscribes to what.

docs/life-cycles.md, from what case work declares, is written beside them.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import yaml

from kinbridge import life_cycles
from kinbridge.embedded import OPERATED
from shared.events import CATALOGUE, Event
from shared.events.envelope import CONTENT_TYPE, MAX_EVENT_BYTES, PARTITIONS
from shared.messaging.topology import EXCHANGE, QUEUE_LENGTH, routing_key

DOCS = Path(__file__).resolve().parent.parent / "docs"
CLEAR = ("organisation_id", "person_id")
"""Fields that travel in the header, with the subject's id."""


def listeners(kind: type[Event]) -> tuple[str, ...]:
    """The services that subscribe to a fact."""
    return tuple(
        name
        for name, subscriptions in ((one.name, one.subscriptions) for one in OPERATED.values())
        if kind in subscriptions.projections or kind in subscriptions.reactions
    )


def payload_fields(kind: type[Event]) -> dict[str, Any]:
    """The fields of a fact's encrypted payload, by name."""
    apart = {*CLEAR, kind.SUBJECT, "counts", "sealed"}
    return {name: field for name, field in kind.model_fields.items() if name not in apart}


def payload_schema(kind: type[Event]) -> dict[str, Any]:
    """The JSON schema of a fact's decrypted payload."""
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    names = payload_fields(kind)
    return {
        "type": "object",
        "description": inspect.cleandoc(kind.__doc__ or ""),
        "properties": {name: schema["properties"][name] for name in names},
        "required": [name for name in schema.get("required", []) if name in names],
    }


def counts_schema(kind: type[Event]) -> dict[str, Any]:
    """The JSON schema of a fact's counts; empty where it has none."""
    figures = kind.model_fields.get("counts")
    if figures is None or figures.annotation is None:
        return {"type": "object", "additionalProperties": False}
    schema: dict[str, Any] = figures.annotation.model_json_schema()
    schema.pop("title", None)
    return schema


def message_name(kind: type[Event]) -> str:
    """The message's key in the AsyncAPI document."""
    return f"{kind.TYPE}.v{kind.VERSION}"


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document."""
    names = [message_name(kind) for kind in CATALOGUE]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kinbridge events",
            "version": "1",
            "description": (
                "Facts that the services of one installation tell one another through RabbitMQ (topic exchange "
                f"`{EXCHANGE.name}`). The broker is only the fast way: the truth is each service's log, served by "
                "position through its feed. Payloads are encrypted with the installation's key."
            ),
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "events": {
                "address": routing_key("{source}", 0).replace("0", "{partition}"),
                "description": (
                    "One routing key for each source and partition. Each listening service has a quorum queue of at "
                    f"most {QUEUE_LENGTH:,} messages for each."
                ),
                "parameters": {
                    "source": {"description": "The service that recorded the fact.", "enum": list(OPERATED)},
                    "partition": {
                        "description": "sha256(subject) mod 8.",
                        "enum": [str(p) for p in range(PARTITIONS)],
                    },
                },
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
                "bindings": {
                    "amqp": {
                        "is": "routingKey",
                        "exchange": {"name": EXCHANGE.name, "type": "topic", "durable": True, "autoDelete": False},
                    }
                },
            }
        },
        "operations": _operations(),
        "components": {
            "messages": {message_name(kind): _message(kind) for kind in CATALOGUE},
            "schemas": {"Place": _place_schema()},
        },
    }


def _operations() -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for service in OPERATED:
        sent = [message_name(kind) for kind in CATALOGUE if service in kind.SOURCES]
        received = [message_name(kind) for kind in CATALOGUE if service in listeners(kind)]
        for verb, action, names in (("publishes", "send", sent), ("appliesFacts", "receive", received)):
            if names:
                operations[f"{service}.{verb}"] = {
                    "action": action,
                    "channel": {"$ref": "#/channels/events"},
                    "messages": [{"$ref": f"#/channels/events/messages/{name}"} for name in names],
                }
    return operations


def _message(kind: type[Event]) -> dict[str, Any]:
    return {
        "name": kind.TYPE,
        "title": kind.__name__,
        "summary": inspect.cleandoc(kind.__doc__ or "").partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/Place"},
        "payload": _document_schema(kind),
    }


def _document_schema(kind: type[Event]) -> dict[str, Any]:
    clear = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"enum": list(kind.SOURCES)},
        "type": {"const": kind.TYPE},
        "version": {"const": kind.VERSION},
        "subject": {"type": "string", "pattern": f"^{kind.SUBJECT.removesuffix('_id')}/"},
        "seq": {"type": "integer", "minimum": 1},
        "time": {"type": "string", "format": "date-time"},
        "organisation": {"type": "string", "format": "uuid"},
        "keyid": {"type": "string"},
        "datacontenttype": {"const": "application/json"},
    }
    required = list(clear)
    if "person_id" in kind.model_fields:
        clear["person"] = {"type": "string", "format": "uuid"}
    data = {
        "type": "object",
        "properties": {
            "counts": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": counts_schema(kind),
                "description": "Figures without any person's token; never erased.",
            },
            "nonce": {"type": "string", "contentEncoding": "base64"},
            "payload": {
                "type": "string",
                "contentEncoding": "base64",
                "description": "AES-256-GCM, associated data: the clear attributes. Decrypted, it has the form below.",
                "x-decrypted": payload_schema(kind),
            },
            "sealed": {"type": "string", "contentEncoding": "base64"},
            "erased": {
                "type": "object",
                "description": "In place of nonce, payload and sealed part once they are erased: their digests.",
                "properties": {"payload": {"type": "string"}, "sealed": {"type": "string"}},
            },
        },
        "required": ["counts"],
    }
    return {"type": "object", "properties": {**clear, "data": data}, "required": [*required, "data"]}


def _place_schema() -> dict[str, Any]:
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    return {
        "type": "object",
        "description": "The event's place in its source's log.",
        "properties": {
            "position": {"type": "integer", "minimum": 1},
            "previous": {**digest, "description": "The hash of the event before it in this partition."},
            "hash": {**digest, "description": "sha256 of previous, header, and the digests of the other parts."},
        },
        "required": ["position", "previous", "hash"],
    }


def events_page() -> str:
    """docs/events.md."""
    lines = [
        "# Events",
        "",
        "Made by `make docs` from `shared/events/`; do not edit. The machine-readable form is `asyncapi.yaml`.",
        "",
        "Every fact has an id, a source, a type and version, a subject, a number within its subject (`seq`), a time",
        "and an organisation in the clear (CloudEvents attributes); **counts**, figures that are never erased; and a",
        f"payload that travels encrypted. It has {MAX_EVENT_BYTES // 1024} KiB at most. Facts of one subject are",
        "applied in order; a *protective* fact overtakes a hold and cannot be discarded.",
        "",
        "| fact | version | subject | from | to | protective |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_catalogue_row(kind) for kind in CATALOGUE]
    for kind in CATALOGUE:
        lines += ["", f"## {kind.TYPE}", "", inspect.cleandoc(kind.__doc__ or ""), ""]
        lines += _field_table("payload", payload_schema(kind))
        lines += _field_table("counts", counts_schema(kind))
    return "\n".join(lines) + "\n"


def _catalogue_row(kind: type[Event]) -> str:
    cells = (
        f"[`{kind.TYPE}`](#{kind.TYPE.replace('.', '')})",
        str(kind.VERSION),
        kind.SUBJECT.removesuffix("_id"),
        ", ".join(kind.SOURCES),
        ", ".join(listeners(kind)) or "nobody yet",
        "yes" if kind.PROTECTIVE else "",
    )
    return f"| {' | '.join(cells)} |"


def _field_table(part: str, schema: dict[str, Any]) -> list[str]:
    fields = schema.get("properties", {})
    if not fields:
        return [f"No {part}.", ""] if part == "payload" else []
    needed = schema.get("required", [])
    rows = [f"| `{name}` | {_type(field)} | {'' if name in needed else 'optional'} |" for name, field in fields.items()]
    return [f"| {part} | type | |", "|---|---|---|", *rows, ""]


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    bounds = f" {field['minimum']}–{field['maximum']:,}" if "minimum" in field and "maximum" in field else ""
    return f"{field.get('format') or field.get('type', 'object')}{bounds}".replace("null", "unknown")


def main() -> None:
    """Write the pages, or with `--check` fail when they are stale."""
    pages = {
        DOCS / "events.md": events_page(),
        DOCS / "asyncapi.yaml": "# Made by `make docs` from shared/events/; do not edit.\n"
        + yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=110),
        DOCS / "life-cycles.md": life_cycles.page(),
    }
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        if stale:
            sys.exit(f"stale: {', '.join(path.name for path in stale)}. Run `make docs` and commit the result.")
        return
    for path in stale:
        path.write_text(pages[path])
        print(f"docs/{path.name} written")  # noqa: T201 - it is what a person at the keyboard waits for


if __name__ == "__main__":
    main()
