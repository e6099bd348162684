"""Forms as browsers post them, and the proof that our own page posted them: Origin, and a token of the session."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from shared.crypto import same_secret
from shared.errors import NotAllowed

MOST_FIELDS = 300
FORM_TYPE = "application/x-www-form-urlencoded"
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class FormData(dict[str, list[str]]):
    """The posted fields. Every field may come several times; what is not UTF-8 is replaced, never an error.

    So is what no database stores: NUL, and half a surrogate pair.
    """

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> FormData:
        """The fields by their names and values, as they came."""
        found = cls()
        for name, value in pairs:
            found.setdefault(name, []).append(_UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value))
        return found

    def one(self, name: str) -> str:
        """The first value, without white space around it; empty when the field did not come."""
        return (self.get(name) or [""])[0].strip()

    def many(self, name: str) -> list[str]:
        """Every value."""
        return self.get(name, [])


async def posted(request: Request) -> FormData:
    """The form of a request. Async: it reads the body, for an endpoint that works in a thread."""
    pairs: list[tuple[str, str]] = []
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM_TYPE:
        text = (await request.body()).decode("utf-8", "replace")
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise NotAllowed("The form has too many fields: go back, and send less at once.") from None
    return FormData.of(pairs)


Posted = Annotated[FormData, Depends(posted)]


def csrf_token(session_secret: str) -> str:
    """The token that stands in every form of a session: it tells nothing of the session's secret."""
    return hmac.digest(session_secret.encode(), b"kinbridge form token", hashlib.sha256).hex()


def check_origin(request: Request) -> None:
    """Raises `NotAllowed` for a request that another site made our visitor send."""
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        raise NotAllowed("The form came from another site: open the page here, and send it again.")
    origin = request.headers.get("origin")
    if origin is not None and _host_in(origin) != request.headers.get("host"):
        raise NotAllowed("The form came from another site: open the page here, and send it again.")


def _host_in(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no address at all
        return None


def require_csrf(request: Request, form: FormData, token: str) -> None:
    """Raises `NotAllowed` unless our own page, in the session that this token is of, made the form."""
    check_origin(request)
    if not same_secret(form.one("form_token"), token):
        raise NotAllowed("The form is too old, or not of this session: open the page again, and send it again.")
