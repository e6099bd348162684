"""The feed of another service, over HTTP; `feed_server` is its other end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from shared.events.envelope import Logged
from shared.messaging.feed import PAGE, FeedUnavailable, from_feed
from shared.messaging.sequencer import Head


@dataclass
class HttpFeed:
    """The feed of another service, over HTTP with the pair's key. Raises `FeedUnavailable`."""

    source: str
    client: httpx2.Client

    @classmethod
    def open(cls, source: str, url: str, key: str) -> HttpFeed:
        """A feed at `url`; no call is made yet."""
        headers = {"Authorization": f"Bearer {key}"}
        return cls(source, httpx2.Client(base_url=url, headers=headers, timeout=10.0, trust_env=False))

    def heads(self) -> dict[int, Head]:
        with self._understanding():
            answer = self._get("/feed/v1/heads")
            return {int(p): Head(int(at["position"]), bytes.fromhex(at["hash"])) for p, at in answer["heads"].items()}

    def page(self, partition: int, after: int, limit: int = PAGE) -> list[Logged[Any]]:
        return self._events(f"/feed/v1/partitions/{partition}", partition, {"after": after, "limit": limit})

    def of_subject(self, subject: str, partition: int, first: int, last: int) -> list[Logged[Any]]:
        asked = {"subject": subject, "first": first, "last": last}
        return self._events(f"/feed/v1/partitions/{partition}/subject", partition, asked)

    def hash_at(self, partition: int, position: int) -> bytes | None:
        with self._understanding():
            found = self._get(f"/feed/v1/partitions/{partition}/hashes/{position}")["hash"]
            return None if found is None else bytes.fromhex(found)

    def _events(self, path: str, partition: int, asked: dict[str, Any]) -> list[Logged[Any]]:
        with self._understanding():
            answer = self._get(path, asked)
            return [from_feed(self.source, partition, item) for item in answer["events"]]

    @contextmanager
    def _understanding(self) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FeedUnavailable(f"The feed of {self.source} answered with something else.") from error

    def _get(self, path: str, asked: dict[str, Any] | None = None) -> Any:
        try:
            answer = self.client.get(path, params=asked)
            answer.raise_for_status()
            return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise FeedUnavailable(f"The feed of {self.source} does not answer.") from error
