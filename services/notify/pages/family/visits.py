"""A visit: which page a code opened, for a quarter of an hour, and in which language. Both are cookies of this host
that die with the browser; no address holds either."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from shared.crypto import KeyRing
from shared.database import utc_now
from shared.errors import NotAllowed
from shared.pages import FormData, check_origin, posted
from shared.web import is_https

OPEN_FOR = timedelta(minutes=15)
SENT_WITHIN = timedelta(hours=1)
"""From when its page was shown, in which a form is still taken: who writes slowly loses nothing."""
OPENED, LANGUAGE = "family", "family_language"
_TIME, _ID = 8, 16


class Visit:
    """One request, what it brought, and when."""

    def __init__(self, request: Request, form: FormData) -> None:
        self.request = request
        self.form = form
        self.now = utc_now()
        self._https = is_https(request)

    @property
    def ours(self) -> bool:
        """False for a form that another site had our visitor send."""
        try:
            check_origin(self.request)
        except NotAllowed:
            return False
        return True

    @property
    def client(self) -> str:
        """Who asks, for counting: an address; of IPv6 the network, of which a household has one."""
        host = self.request.client.host if self.request.client else ""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return host
        return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host

    @property
    def chosen(self) -> list[str]:
        """The language that the visitor asked for, in this address or before."""
        said = self.request.query_params.get("l") or self.request.cookies.get(self._named(LANGUAGE)) or ""
        return [said] if said else []

    def opened(self, keys: KeyRing) -> UUID | None:
        """The contact whose page a code opened, in the last quarter of an hour; None for a cookie that is not ours."""
        try:
            raw = base64.urlsafe_b64decode(self.request.cookies.get(self._named(OPENED), ""))
        except (binascii.Error, ValueError):
            return None
        said, mac = raw[: _TIME + _ID], raw[_TIME + _ID :]
        if not any(hmac.compare_digest(mac, _mac(key, said)) for key in keys.all_derived(_PURPOSE)):
            return None
        shown_at = int.from_bytes(said[:_TIME])
        lasts = SENT_WITHIN if self.request.method == "POST" else OPEN_FOR
        return UUID(bytes=said[_TIME:]) if self.now.timestamp() < shown_at + lasts.total_seconds() else None

    def keep_open(self, answer: Response, keys: KeyRing, contact_id: UUID) -> Response:
        """For another quarter of an hour."""
        said = int(self.now.timestamp()).to_bytes(_TIME) + contact_id.bytes
        value = base64.urlsafe_b64encode(said + _mac(keys.derived(_PURPOSE), said)).decode()
        return self._keep(answer, OPENED, value)

    def keep_language(self, answer: Response, tag: str) -> Response:
        """Where the visitor asked for it."""
        return self._keep(answer, LANGUAGE, tag) if self.request.query_params.get("l") else answer

    def close(self, answer: Response) -> Response:
        """Nothing of the visit is left."""
        for name in (OPENED, LANGUAGE):
            answer.delete_cookie(self._named(name), path="/", secure=self._https, httponly=True, samesite="strict")
        return answer

    def _keep(self, answer: Response, name: str, value: str) -> Response:
        answer.set_cookie(self._named(name), value, path="/", secure=self._https, httponly=True, samesite="strict")
        return answer

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self._https else name


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, hashlib.sha256)


_PURPOSE = "family visit"


def _visited(request: Request, form: Annotated[FormData, Depends(posted)]) -> Visit:
    return Visit(request, form)


Visited = Annotated[Visit, Depends(_visited)]
