"""The feed over HTTP: a listener of its own, for the other services alone, never public."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request

from shared.crypto import KeyRing, same_secret
from shared.errors import NotAuthenticated
from shared.events.envelope import PARTITIONS
from shared.messaging.feed import PAGE, LocalFeed, to_feed
from shared.web import add_routes, create_app

Partition = Annotated[int, Path(ge=0, lt=PARTITIONS)]
Position = Annotated[int, Query(ge=0, lt=2**62)]


def feed_app(feed: LocalFeed, keys: KeyRing, readers: tuple[str, ...], beside: APIRouter | None = None) -> FastAPI:
    """The feed of one source, for the services that hold a key of this pair; and routes `beside` it, which see to it
    themselves who calls them."""
    allowed = [keys.feed_key(feed.source, reader) for reader in readers]

    def authenticate(request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        matches = [same_secret(given, key) for key in allowed]  # all are compared: no timing tells which
        if not any(matches):
            raise NotAuthenticated("The feed is for the other services of this installation alone.")

    app = create_app(f"Kinbridge {feed.source} feed")
    app.router.dependencies.append(Depends(authenticate))

    @app.get("/feed/v1/heads")
    def heads() -> dict[str, Any]:
        found = feed.heads()
        return {"heads": {str(p): {"position": at.position, "hash": at.hash.hex()} for p, at in found.items()}}

    @app.get("/feed/v1/partitions/{partition}")
    def page(
        partition: Partition, after: Position = 0, limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE
    ) -> dict[str, Any]:
        return {"events": [to_feed(event) for event in feed.page(partition, after, limit)]}

    @app.get("/feed/v1/partitions/{partition}/subject")
    def of_subject(
        partition: Partition, subject: Annotated[str, Query(max_length=200)], first: Position, last: Position
    ) -> dict[str, Any]:
        return {"events": [to_feed(event) for event in feed.of_subject(subject, partition, first, last)]}

    @app.get("/feed/v1/partitions/{partition}/hashes/{position}")
    def hash_at(partition: Partition, position: Annotated[int, Path(ge=0, lt=2**62)]) -> dict[str, Any]:
        digest = feed.hash_at(partition, position)
        return {"hash": None if digest is None else digest.hex()}

    if beside is not None:
        add_routes(app, beside)
    return app
