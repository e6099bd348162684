"""The floor under the API: Starlette and asyncpg, one uvicorn worker, no framework above.

Same as Kinbridge: the request, the check of its token, the rows in their order and in one transaction, their sizes, the
durability, the answer; the JSON is parsed. Not the same: nothing is validated, encrypted, hashed or numbered; the
header, counts, payload and digests of the event are constants of the true size; and each row is a statement of its own,
five in one transaction, where Kinbridge sends all rows as one that commits itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import uuid_utils.compat as uuid_utils
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.child import settings_of_child, wait_for_release
from bench.facts import KEYS, event, incident
from services.intake.domain.reference import new_reference
from shared.access import read_token
from shared.events.envelope import encode, partition_of

POOL = 10
_FACTS = tuple(incident(0))
_REQUEST = (
    "INSERT INTO accepted_request (organisation_id, key, request_digest, answer, accepted_at) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING key"
)
_CASE = (
    'INSERT INTO "case" (id, organisation_id, type, status, version, reference, created_at, updated_at, restricted, '
    "happened_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)"
)
_INCIDENT = (
    f"INSERT INTO incident (case_id, organisation_id, row_identity, kind, {', '.join(_FACTS)}) "
    f"VALUES ({', '.join(f'${at}' for at in range(1, len(_FACTS) + 5))})"
)
_SUBJECT = (
    "INSERT INTO event_subject (subject, seq) VALUES ($1, $2) ON CONFLICT (subject) "
    "DO UPDATE SET seq = event_subject.seq + excluded.seq RETURNING subject, seq"
)
_EVENT = (
    "INSERT INTO event_log (event_id, subject, seq, partition, type, recorded_at, header, counts, nonce, payload, "
    "payload_digest, sealed_digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
)
_PARTS = encode(event(1), source="intake", event_id=uuid_utils.uuid7(), seq=1, time="2026-01-01T00:00:00Z", keys=KEYS)


def application(settings: dict[str, Any]) -> Starlette:
    pools: list[asyncpg.Pool] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        pools.append(await asyncpg.create_pool(settings["database"], min_size=POOL, max_size=POOL))
        yield

    async def submit(request: Request) -> JSONResponse:
        body = await request.body()
        facts = json.loads(body)["incident"]
        organisation = read_token(KEYS, request.headers["authorization"].removeprefix("Bearer ")).organisation_id
        number, now = uuid_utils.uuid7(), datetime.now(UTC)
        answer = {
            "id": str(number),
            "reference": new_reference(),
            "type": "mass_incident",
            "status": "open",
            "version": 1,
            "created_at": now.isoformat(),
        }
        async with pools[0].acquire() as database, database.transaction():
            once, digest = request.headers["idempotency-key"], hashlib.sha256(body).digest()
            await database.fetchval(_REQUEST, organisation, once, digest, json.dumps(answer), now)
            days = {name: date.fromisoformat(facts[name]) for name in ("occurred_from", "occurred_to")}
            row = {**facts, **days}
            case = ("mass_incident", "open", 1, answer["reference"], now, False, row["occurred_from"])
            await database.execute(_CASE, number, organisation, *case)
            await database.execute(_INCIDENT, number, organisation, None, "incident", *(row[name] for name in _FACTS))
            subject = f"case/{number}"
            await database.fetchrow(_SUBJECT, subject, 1)
            parts = (_PARTS.header, _PARTS.counts, _PARTS.nonce, _PARTS.payload)
            digests = (_PARTS.payload_digest, _PARTS.sealed_digest)
            place = (uuid_utils.uuid7(), subject, 1, partition_of(subject), "incident.recorded", now)
            await database.execute(_EVENT, *place, *parts, *digests)
        return JSONResponse(answer, 201, headers={"Location": f"/intake/v1/cases/{number}"})

    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    routes = [Route("/intake/v1/cases", submit, methods=["POST"]), Route("/intake/health", health)]
    return Starlette(routes=routes, lifespan=lifespan)


def main() -> None:
    settings = settings_of_child()
    wait_for_release()
    uvicorn.run(application(settings), host="127.0.0.1", port=settings["port"], log_config=None, access_log=False)


if __name__ == "__main__":
    main()
