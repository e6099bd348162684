"""Every door of the system: each route of each application, in an OpenAPI document or not, mounts and all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from services.intake.domain.reference import new_reference
from shared.database import uuid7
from shared.middleware import ByPrefix

PUBLIC = {
    "GET /": "the installation's front page: whether events flow, and how many; never whose",
    "GET /health": "whether the process answers",
    "GET /openapi.json": "describes the interface, holds no record",
    "GET /intake/health": "whether the database answers",
    "GET /notify/health": "whether the database answers",
    "GET /reporting/health": "whether the database answers",
    "GET /intake/openapi.json": "describes the interface, holds no record",
    "GET /notify/openapi.json": "describes the interface, holds no record",
    "GET /reporting/openapi.json": "describes the interface, holds no record",
    "MOUNT /assets": "style sheets",
    "GET /intake/": "leads to the first page, which asks to sign in",
    "GET /intake/language/{tag}": "sets the cookie of a language",
    "GET /intake/sign-in": "the form of the first step",
    "POST /intake/sign-in": "a name and a password prove who it is",
    "GET /intake/sign-in/code": "the form of the second step; a ticket's cookie proves the first",
    "POST /intake/sign-in/code": "a ticket's cookie and a code prove who it is",
    "GET /intake/sign-in/out": "says that one is signed out",
    "POST /intake/sign-out": "ends the session of the cookie, if there is one",
    "POST /notify/sign-out": "forgets the cookie of the session, if there is one",
    "GET /intake/invitation/{secret}": "moves the secret of a link into a cookie",
    "GET /intake/invitation": "an invitation's cookie proves who it is",
    "POST /intake/invitation": "an invitation's cookie proves who it is",
    "GET /intake/link/{secret}": "moves the secret of a provider's link into a cookie",
    "GET /intake/link": "a provider's link proves who it is; says who asks, and not for whom",
    "POST /intake/link": "a provider's link proves who it is",
    "POST /intake/link/do/{name}": "a provider's link proves who it is",
    "POST /intake/v1/oauth/token": "a client's id and secret prove who it is",
    "POST /intake/v1/sign-in": "a name and a password prove who it is",
    "POST /intake/v1/sign-in/second-factor": "a ticket proves who it is",
    "POST /intake/v1/sign-in/finish": "a ticket and a code prove who it is",
    "POST /intake/v1/invitations/accept": "an invitation proves who it is",
    "GET /reporting/": "leads to the first page, which asks to sign in",
    "GET /reporting/language/{tag}": "sets the cookie of a language",
    "GET /reporting/enter": "intake's token proves who it is",
    "POST /reporting/sign-out": "forgets the cookie of the session, if there is one",
    "GET /reporting/open": "a signed link proves who it is",
    "GET /notify/": "leads to the first page, which asks to sign in",
    "GET /notify/language/{tag}": "sets the cookie of a language",
    "GET /notify/open": "intake's token proves who it is",
    "GET /notify/f": "the form that asks for a family's code",
    "POST /notify/f": "a family's code proves who it is",
    "GET /notify/f/case": "a family's visit proves who it is",
    "GET /notify/f/leave": "ends the visit, if there is one",
    "GET /notify/f/genuine": "what messages look like; names nobody",
    "POST /notify/f/genuine": "whether a code is one of ours; opens nothing",
    "GET /notify/f/reply": "a family's visit proves who it is",
    "POST /notify/f/reply": "a family's visit proves who it is",
    "GET /notify/f/preferences": "a family's visit proves who it is",
    "POST /notify/f/preferences": "a family's visit proves who it is",
    "GET /notify/f/stop": "a family's visit proves who it is",
    "POST /notify/f/stop": "a family's visit proves who it is",
    "POST /notify/f/start": "a family's visit proves who it is",
    "GET /notify/f/complaint": "a form for everybody",
    "POST /notify/f/complaint": "anybody may complain, without a name",
    "GET /notify/u/{token}": "the link in a mail with a report proves who it is, and ends these mails",
    "POST /notify/u/{token}": "the same; whether there is such a link is not told",
    "GET /notify/f/{rest:path}": "leads to the form that asks for a code",
    "GET /notify/providers/{provider}/receipts": "the provider's signature or secret proves who it is",
    "POST /notify/providers/{provider}/receipts": "the provider's signature or secret proves who it is",
    "GET /notify/providers/{provider}/receipts/{secret}": "the provider's signature or secret proves who it is",
    "POST /notify/providers/{provider}/receipts/{secret}": "the provider's signature or secret proves who it is",
    "GET /notify/providers/{provider}/inbound": "the provider's signature or secret proves who it is",
    "POST /notify/providers/{provider}/inbound": "the provider's signature or secret proves who it is",
    "GET /notify/providers/{provider}/inbound/{secret}": "the provider's signature or secret proves who it is",
    "POST /notify/providers/{provider}/inbound/{secret}": "the provider's signature or secret proves who it is",
}
"""Routes that answer somebody who is not signed in, each with the reason."""

PUBLIC_IN_THE_HUB = {
    "GET /intake/v1/services": "the service directory is what every organisation chooses from: it holds no person",
    "GET /intake/v1/services/{service_id}": "the same, one service",
    "GET /intake/services": "the same on a page, with the organisations that provide services",
    "GET /intake/services/{service_id}": "the same, one service",
    "GET /intake/services/{service_id}/refer": "the same, where the case that is to be referred is not found",
    "GET /intake/services/new": "names the organisations that may provide a service",
    "POST /intake/services/new": "names the organisations that may provide a service",
}
"""Doors behind which each organisation reads, by design, what others wrote there for all (decision 20). Nothing else of
theirs stands there: no member of the staff, no case; and it is changed by its keeper alone."""

OF_A_TYPE = {
    f"{method} /intake/own-fields/{{case_type}}{page}"
    for method in ("GET", "POST")
    for page in ("", "/schema", "/retire")
} | {
    "GET /notify/languages/{tag}",
    "POST /notify/languages/{tag}/approve",
    "POST /notify/languages/{tag}/withdraw",
    "POST /notify/pauses/{channel}/pause",
    "POST /notify/pauses/{channel}/resume",
}
"""Pages that name a type of case, a language or a channel, and no record: each organisation finds there what is its
own."""


def applications(web: ByPrefix) -> dict[str, Any]:
    """Every application behind the address, once."""
    found = {"front": web.front, **web.apps}
    return {name: app for name, app in found.items() if app not in [found[one] for one in found if one < name]}


def doors(apps: Iterable[Any]) -> Iterator[str]:
    """`METHOD /path` of every route; `MOUNT /path` of what is mounted and is no application of ours."""
    for app in apps:
        yield from _doors(app.routes, "")


def _doors(routes: Iterable[Any], prefix: str) -> Iterator[str]:
    for context in iter_route_contexts(list(routes)):
        route = getattr(context, "route", context)
        path = prefix + (getattr(context, "path", None) or route.path)
        if isinstance(route, Mount):
            yield from _doors(route.routes, path) if route.routes else iter([f"MOUNT {path}"])
            continue
        methods = getattr(context, "methods", None) or route.methods or {"ANY"}
        yield from (f"{method} {path}" for method in methods - {"HEAD"})


def filled(path: str, known: Mapping[str, Any]) -> str:
    """The path with its parameters. Fails for a parameter that is not known: teach it to `Victim`."""
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace(f"{{{name}}}", str(known[name]))
    return path


def nobodys(known: dict[str, Any]) -> dict[str, Any]:
    """The same, with ids and references that nobody has, and equal where they were equal."""
    fresh: dict[str, str] = {}
    for value in known.values():
        if isinstance(value, str) and value.startswith("KB-"):
            fresh.setdefault(value, new_reference())
        elif isinstance(value, str) and _is_id(value):
            fresh.setdefault(value, str(uuid7()))
        elif isinstance(value, str) and "@" in value:
            fresh.setdefault(value, f"n{value[1:]}")
    return {name: fresh.get(value, value) if isinstance(value, str) else value for name, value in known.items()}


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
