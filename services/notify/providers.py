"""What providers tell us: receipts, and what families write. The signature is the provider's; nobody signs in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Engine

from services.notify.commands.approvals import approved_anywhere
from services.notify.commands.heard import hear_message
from services.notify.commands.receipts import take_receipts
from services.notify.commands.sending import Senders
from services.notify.senders import RECEIVES_AT, Arrived, Inbound, Outgoing, Receiver
from services.notify.wording import Envelope, UnknownSender, render
from shared.database import reading, transaction, utc_now
from shared.errors import NotFound

DONE = Response(status_code=204)


async def _arrived(request: Request) -> Arrived:
    """Async: it reads the body, for an endpoint that works in a thread."""
    return Arrived(request.method, str(request.url), dict(request.headers), await request.body())


Came = Annotated[Arrived, Depends(_arrived)]


def router(engine: Engine, receivers: Mapping[str, Receiver], senders: Senders, base: str, page: str) -> APIRouter:
    """The addresses that providers call. `base` is the public address under which they do, without a slash at its end;
    `page` is where families enter their codes."""
    routes = APIRouter(include_in_schema=False)

    def receiver(name: str) -> Receiver:
        if name not in receivers:
            raise NotFound("There is no such provider here.")
        return receivers[name]

    def receipts(provider: str, came: Came) -> Response:
        told = receiver(provider).receipts(_as_called(came, base))
        if told:
            with transaction(engine) as session:
                take_receipts(session, told, utc_now())
        return DONE

    def inbound(provider: str, came: Came) -> Response:
        for message in receiver(provider).inbound(_as_called(came, base)):
            with transaction(engine) as session:
                known = hear_message(session, message, utc_now())
            if known is False:
                _answer_stranger(engine, senders, message, page)
        return DONE

    for kind, endpoint in (("receipts", receipts), ("inbound", inbound)):
        path = RECEIVES_AT.format(provider="{provider}", kind=kind)
        for one in (path, f"{path}/{{secret}}"):
            routes.add_api_route(one, endpoint, methods=["GET", "POST"])
    return routes


def _as_called(came: Arrived, base: str) -> Arrived:
    """With the address as the provider knows it: a proxy may have another one for us."""
    path = "/notify/" + came.url.partition("/notify/")[2]
    return Arrived(came.method, base + path, came.headers, came.body)


def _answer_stranger(engine: Engine, senders: Senders, message: Inbound, page: str) -> None:
    """The one neutral answer, in the languages that somebody here approved; at the most once, and kept nowhere."""
    with reading(engine) as session:
        languages: Sequence[str] = approved_anywhere(session)
    sender = senders.get("sms")
    if not languages or sender is None:
        return
    said = render(UnknownSender(), Envelope(alias=None, code=None, page=page), languages[0], "sms")
    reference = uuid5(NAMESPACE_URL, f"{message.provider} {message.provider_id}")
    sender.send(Outgoing(reference, message.sender, said.subject, said.text, said.language))
