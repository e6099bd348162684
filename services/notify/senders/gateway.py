"""Handing a message to a provider by HTTP: what an answer, or none, says about the message.

- Nothing was sent (no address, refused, TLS): `temporary-failure`.
- The request went out, and no whole answer came back: `outcome-unknown`.
- 429 and 503 (RFC 6585 §4, RFC 9110 §15.6.4): `temporary-failure`, with what `Retry-After` says.
- Any other 5xx: `outcome-unknown`, since what stands behind the provider's front may have taken the message.
- 408: `temporary-failure`. Any other 3xx or 4xx without a code of the provider's table: `technical-failure`, our own
  mistake (a wrong account, a wrong address of the API).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2

from services.notify.senders.channel import Handed
from shared.errors import MisconfiguredError

LONGEST_WAIT = timedelta(hours=6)
"""More than this a provider is not believed: it is asked again."""
LONGEST_ANSWER = 64 * 1024
"""Bytes. No provider's answer about one message comes near."""
ANSWER_WITHIN = 30.0
"""Seconds for a whole answer, however slowly it drips."""
TIMEOUTS = httpx2.Timeout(connect=5.0, read=20.0, write=20.0, pool=5.0)
"""Seconds to connect, and for each piece of the answer."""
_BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_OUR_MISTAKE = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PROVIDER_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


@dataclass(frozen=True)
class Answer:
    """A whole answer: its HTTP status, its JSON (None where it is none), and how long to wait where it says so."""

    status: int
    body: Any
    retry_after: timedelta | None


class Gateway:
    """A pool of connections to one provider's API, for several threads."""

    def __init__(self, url: str, *, auth: tuple[str, str] | None = None, headers: Mapping[str, str] | None = None):
        """`url` is the API's root: https, or this machine."""
        self._client = httpx2.Client(
            base_url=_safe(url),
            auth=auth,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})},
            timeout=TIMEOUTS,
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=5.0),
            follow_redirects=False,
            trust_env=False,
        )

    def post(self, path: str, form: Mapping[str, str]) -> Answer | Handed:
        """What the provider answered, or what it means that there is no answer."""
        return self._ask("POST", path, form)

    def get(self, path: str) -> Answer | Handed:
        """As `post`."""
        return self._ask("GET", path, None)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None) -> Answer | Handed:
        try:
            request = self._client.build_request(method, path, data=form)
        except (httpx2.InvalidURL, ValueError):  # a text that is no Unicode
            return Handed("technical-failure", code="not-askable")
        try:
            with closing(self._client.send(request, stream=True)) as response:
                body = _whole(response)
        except _BEFORE_SENDING:
            return Handed("temporary-failure", code="not-reached")
        except _OUR_MISTAKE:
            return Handed("technical-failure", code="not-askable")
        except (httpx2.HTTPError, httpx2.StreamError, OSError, ValueError):
            return Handed("outcome-unknown", code="no-answer")
        return Answer(response.status_code, _json(body), waiting(response.headers.get("retry-after")))


def without_code(answer: Answer) -> Handed:
    """What an answer means by its HTTP status alone, as the module's docstring says; a 2xx that says nothing is
    `outcome-unknown`."""
    code = f"http-{answer.status}"
    if answer.status in (408, 429, 503):
        return Handed("temporary-failure", code=code, retry_after=answer.retry_after)
    if answer.status >= 500 or 200 <= answer.status < 300:
        return Handed("outcome-unknown", code=code)
    return Handed("technical-failure", code=code)


def waiting(header: str | None, now: datetime | None = None) -> timedelta | None:
    """What a `Retry-After` asks for (RFC 9110 §10.2.3: seconds or a date), 0 to `LONGEST_WAIT`; None where it is
    neither."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        asked = timedelta(seconds=min(int(text[:9]), LONGEST_WAIT.total_seconds()))
    else:
        try:
            date = parsedate_to_datetime(text)
            asked = (date if date.tzinfo else date.replace(tzinfo=UTC)) - (now or datetime.now(UTC))
        except (ValueError, OverflowError, TypeError, IndexError):
            return None
    return max(timedelta(0), min(asked, LONGEST_WAIT))


def is_number(to: str) -> bool:
    """True for one E.164 number. Anything else never reaches a provider: some read a comma as several recipients."""
    return _E164.fullmatch(to) is not None


def provider_id_in(value: object) -> str | None:
    """A provider's id of a message, where it is one."""
    return value if isinstance(value, str) and _PROVIDER_ID.fullmatch(value) else None


def on_this_machine(host: str) -> bool:
    """True for a loopback address or its name."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _safe(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and on_this_machine(parts.hostname or "")):
        raise MisconfiguredError("KINBRIDGE_SMS_URL must begin with https://: numbers and texts go there.")
    return url


def _whole(response: httpx2.Response) -> bytes:
    body, until = b"", time.monotonic() + ANSWER_WITHIN
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LONGEST_ANSWER or time.monotonic() > until:
            raise ValueError("too long")
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
