"""The feed over HTTP gives what the feed as a function gives, to the other services alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import Engine

from shared.crypto import KeyRing
from shared.database import transaction
from shared.messaging.feed import FeedUnavailable, LocalFeed
from shared.messaging.feed_server import feed_app
from shared.messaging.http_feed import HttpFeed
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from tests.client import TestClient
from tests.factories import Factory


@pytest.fixture
def feeds(database: Callable[[str], Engine], keys: KeyRing) -> tuple[LocalFeed, HttpFeed]:
    engine = database("intake")
    factory = Factory()
    incidents = [factory.incident() for _ in range(30)]
    with transaction(engine) as session:
        record(session, *incidents, *(factory.correction(case_id=incidents[0].case_id) for _ in range(5)))
    Sequencer(engine).sequence()
    local = LocalFeed(engine, "intake")
    client = TestClient(feed_app(local, keys, ("notify", "reporting")))
    client.headers["Authorization"] = f"Bearer {keys.feed_key('intake', 'reporting')}"
    return local, HttpFeed("intake", client)


def plain(events: list[Any]) -> list[Any]:
    return [(e.source, e.partition, e.position, e.previous_hash, e.hash, e.parts) for e in events]


def test_both_feeds_say_the_same(feeds: tuple[LocalFeed, HttpFeed]) -> None:
    local, remote = feeds
    heads = local.heads()
    assert remote.heads() == heads
    for partition, head in heads.items():
        assert plain(remote.page(partition, 0)) == plain(local.page(partition, 0))
        assert len(remote.page(partition, 0, limit=2)) == min(2, head.position)
        assert remote.page(partition, head.position) == []
        assert remote.hash_at(partition, head.position) == head.hash
        assert remote.hash_at(partition, head.position + 1) is None
        for event in local.page(partition, 0):
            subject = event.subject
            assert plain(remote.of_subject(subject, partition, 1, head.position)) == plain(
                local.of_subject(subject, partition, 1, head.position)
            )


def test_an_event_of_a_subject_knows_the_hash_before_it(feeds: tuple[LocalFeed, HttpFeed]) -> None:
    local, _ = feeds
    for partition in range(8):
        for event in local.page(partition, 0):
            (found,) = local.of_subject(event.subject, partition, event.position, event.position)
            assert found.fits(event.previous_hash)


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", "Basic x"])
def test_without_the_pairs_key_the_feed_says_nothing(feeds: tuple[LocalFeed, HttpFeed], header: str) -> None:
    _, remote = feeds
    remote.client.headers["Authorization"] = header
    for path in ("/feed/v1/heads", "/feed/v1/partitions/0", "/feed/v1/partitions/0/hashes/1"):
        assert remote.client.get(path).status_code == 401
    with pytest.raises(FeedUnavailable):
        remote.heads()


def test_the_key_of_another_pair_does_not_open(feeds: tuple[LocalFeed, HttpFeed], keys: KeyRing) -> None:
    _, remote = feeds
    remote.client.headers["Authorization"] = f"Bearer {keys.feed_key('notify', 'reporting')}"
    assert remote.client.get("/feed/v1/heads").status_code == 401


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"null", b'{"heads": 3}', b'{"events": [{}]}', b'{"hash": 3}', b'{"heads": {"0": {"position": "x"}}}'],
)
def test_an_answer_that_is_no_feed_is_unavailable(answer: bytes) -> None:
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(200, content=answer))
    feed = HttpFeed("intake", httpx2.Client(transport=transport, base_url="http://feed"))
    calls: list[Callable[[], object]] = [feed.heads, lambda: feed.page(0, 0), lambda: feed.hash_at(0, 1)]
    fitting = {b'{"heads": 3}': 0, b'{"events": [{}]}': 1, b'{"hash": 3}': 2}
    for call in calls[fitting[answer] :][:1] if answer in fitting else calls[:2]:
        with pytest.raises(FeedUnavailable):
            call()


def test_a_silent_feed_is_unavailable() -> None:
    def refuse(_request: Any) -> Any:
        raise httpx2.ConnectError("refused")

    feed = HttpFeed("intake", httpx2.Client(transport=httpx2.MockTransport(refuse), base_url="http://feed"))
    with pytest.raises(FeedUnavailable):
        feed.heads()
