"""The service directory, as every organisation of the hub reads it: what was confirmed last comes first, stale last."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from babel.core import get_global
from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.intake.domain import Organisation, ServiceEntry
from services.intake.domain.directory import FRESH_FOR
from services.intake.domain.organisation import MEMBER_KINDS
from services.intake.queries.locking import locked
from services.intake.settings import PAGE
from shared.access import Act, Actor, require, visible_to
from shared.database import utc_now
from shared.errors import FieldError, InvalidInput, NotFound

TO_CONFIRM_SHOWN = 5
"""Of a keeper's entries, where a day begins; the count tells of the rest."""


@dataclass(frozen=True)
class WantedService:
    """What is looked for; None: anything."""

    category: str | None = None
    place: str | None = None
    """The beginning of a code. A country finds the p-codes in it too: LBY finds LY0203."""
    language: str | None = None
    """A BCP 47 tag; `ar` finds `ar-SY` too."""
    capacity: str | None = None
    provider_id: UUID | None = None
    to_confirm: bool = False
    """Only what the own organisation keeps, and nobody has confirmed for 30 days."""
    withdrawn: bool = False
    """What the own organisation withdrew, instead of what can be chosen."""
    among: frozenset[UUID] | None = None
    """Providers: of one of these."""
    besides: frozenset[UUID] = frozenset()
    """Providers: of none of these."""
    ages: tuple[int, int] | None = None
    """From and to, in years: what takes in somebody of such an age."""


@dataclass(frozen=True)
class Service:
    """An entry, with who provides it and who keeps it up to date."""

    entry: ServiceEntry
    provider: Organisation
    keeper: Organisation


@dataclass(frozen=True)
class ServicePage:
    """One page of services. `next` asks for the next, None on the last."""

    services: Sequence[Service]
    next: str | None


@dataclass(frozen=True)
class ToConfirm:
    """A keeper's entries that wait for somebody to confirm them, the longest waiting first, and how many there are."""

    entries: Sequence[ServiceEntry]
    count: int


_PROVIDER, _KEEPER = aliased(Organisation), aliased(Organisation)


def services(
    session: Session,
    actor: Actor,
    wanted: WantedService,
    *,
    after: str | None = None,
    limit: int = PAGE,
    now: datetime | None = None,
) -> ServicePage:
    """The services of the hub that are as `wanted`: what was confirmed last first, so what is stale comes last.

    Every organisation's are shown. Raises `InvalidInput` for an `after` that we never gave.
    """
    require(actor, Act.READ_DIRECTORY)
    at, key = ServiceEntry.confirmed_at, ServiceEntry.id
    statement = _with_names().where(*_conditions(actor, wanted, now or utc_now()))
    if after is not None:
        moment, last_id = _place_of(after)
        statement = statement.where(or_(at < moment, and_(at == moment, key < last_id)))
    rows = session.execute(statement.order_by(at.desc(), key.desc()).limit(limit + 1)).all()
    found = [Service(*row) for row in rows]
    last = found[limit - 1].entry if len(found) > limit else None
    return ServicePage(found[:limit], None if last is None else _cursor_behind(last))


def service(session: Session, actor: Actor, service_id: UUID) -> Service:
    """One service, whoever keeps it, withdrawn or not: somebody may have been referred to it. Raises `NotFound`."""
    require(actor, Act.READ_DIRECTORY)
    row = session.execute(_with_names().where(ServiceEntry.id == service_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such service in the directory.")
    return Service(*row)


def kept_service(session: Session, actor: Actor, service_id: UUID, *, lock: bool = False) -> ServiceEntry:
    """An entry that the actor's organisation keeps, locked if asked. Raises `NotFound` for another's, as for none."""
    require(actor, Act.KEEP_DIRECTORY)
    statement = select(ServiceEntry).where(
        ServiceEntry.id == service_id, visible_to(actor, ServiceEntry.organisation_id)
    )
    found: ServiceEntry | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("Your organisation keeps no such service.")
    return found


def services_to_confirm(session: Session, actor: Actor, now: datetime | None = None) -> ToConfirm:
    """What the actor's organisation keeps and nobody has confirmed for 30 days."""
    require(actor, Act.KEEP_DIRECTORY)
    waiting = and_(*_conditions(actor, WantedService(to_confirm=True), now or utc_now()))
    oldest = select(ServiceEntry).where(waiting).order_by(ServiceEntry.confirmed_at, ServiceEntry.id)
    entries = session.scalars(oldest.limit(TO_CONFIRM_SHOWN)).all()
    if len(entries) < TO_CONFIRM_SHOWN:
        return ToConfirm(entries, len(entries))
    return ToConfirm(entries, session.scalar(select(func.count()).select_from(ServiceEntry).where(waiting)) or 0)


def providers(session: Session) -> Sequence[Organisation]:
    """The organisations that may provide a service, by name."""
    statement = select(Organisation).where(Organisation.kind.in_(MEMBER_KINDS))
    return sorted(session.scalars(statement), key=lambda one: one.name.casefold())


def _with_names() -> Select[ServiceEntry, Organisation, Organisation]:
    return (
        select(ServiceEntry, _PROVIDER, _KEEPER)
        .join(_PROVIDER, _PROVIDER.id == ServiceEntry.provider_id)
        .join(_KEEPER, _KEEPER.id == ServiceEntry.organisation_id)
    )


def _conditions(actor: Actor, wanted: WantedService, now: datetime) -> list[ColumnElement[bool]]:
    off = ServiceEntry.withdrawn_at
    found: list[ColumnElement[bool]] = [off.is_not(None) if wanted.withdrawn else off.is_(None)]
    if wanted.withdrawn or wanted.to_confirm:
        found.append(visible_to(actor, ServiceEntry.organisation_id))
    if wanted.to_confirm:
        found.append(ServiceEntry.confirmed_at < now - FRESH_FOR)
    for column, value in (
        (ServiceEntry.category, wanted.category),
        (ServiceEntry.capacity, wanted.capacity),
        (ServiceEntry.provider_id, wanted.provider_id),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.among is not None:
        found.append(ServiceEntry.provider_id.in_(sorted(wanted.among)))
    if wanted.besides:
        found.append(ServiceEntry.provider_id.not_in(sorted(wanted.besides)))
    if wanted.ages is not None:
        youngest, oldest = wanted.ages
        found.append(or_(ServiceEntry.age_from.is_(None), ServiceEntry.age_from <= oldest))
        found.append(or_(ServiceEntry.age_to.is_(None), ServiceEntry.age_to >= youngest))
    if wanted.place is not None:
        found.append(
            or_(*(ServiceEntry.place.startswith(one, autoescape=True) for one in _beginnings(wanted.place.upper())))
        )
    if wanted.language is not None:
        spoken, asked = func.lower(cast(ServiceEntry.languages, Text)), wanted.language.lower()
        ends = ('"', "-")  # the tag itself, or with a region or script behind it (RFC 4647, basic filtering)
        found.append(or_(*(spoken.contains(f'"{asked}{end}', autoescape=True) for end in ends)))
    return found


def _beginnings(place: str) -> tuple[str, ...]:
    """How the codes of a place begin: p-codes begin with the two letters of their country (OCHA), seldom with three."""
    short = _short_codes().get(place)
    return (place,) if short is None else (place, short)


def country_of(place: str) -> str | None:
    """The country (ISO 3166-1 alpha-3) in which the place of a code lies; None where the code does not tell."""
    letters = place[:3] if place[:3].isalpha() else place[:2]
    short = _short_codes()
    if letters in short:
        return letters
    return next((code for code, two in short.items() if two == letters[:2] and code not in _FORMER), None)


_FORMER = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"})
"""ISO 3166-3: codes of countries whose two letters mean another code today."""


@cache
def _short_codes() -> dict[str, str]:
    """ISO 3166-1 alpha-3 → alpha-2 (CLDR)."""
    aliases = get_global("territory_aliases")
    return {code: to[0] for code, to in aliases.items() if len(code) == 3 and len(to) == 1 and code.isalpha()}


def _cursor_behind(last: ServiceEntry) -> str:
    place = [last.confirmed_at.isoformat(), last.id.hex]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place_of(after: str) -> tuple[datetime, UUID]:
    try:
        moment, last = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(hex=last)
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
        raise InvalidInput(
            "`after` must be the `next` of the page before, of the same search.",
            (FieldError("after", "cursor", "This is no place in this search."),),
        ) from None
