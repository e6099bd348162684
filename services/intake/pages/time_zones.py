"""The clocks that a page offers: the likely countries first, then the others by part of the world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from services.intake.casework.contacts import zones
from shared.database import utc_now
from shared.pages import Language, marked, say

LIKELY = marked("Countries of this case")
NO_COUNTRY = "ZZ"
"""Of zones that are an offset from UTC and nothing else."""
LOOKED_AHEAD, EVERY = timedelta(days=730), timedelta(days=15)
"""Two places of a country with the same time on all of these days are one clock."""
_PARTS = {
    "Africa": "002",
    "America": "019",
    "Asia": "142",
    "Europe": "150",
    "Arctic": "150",
    "Australia": "009",
    "Pacific": "009",
    "Antarctica": "AQ",
}
"""How a zone's name begins → the part of the world (CLDR, UN M.49)."""
_ELSEWHERE = {
    "002": "CV KM MG MU RE SC SH ST YT",
    "019": "BM FK GS",
    "142": "IO MV",
    "150": "ES FO IS PT RU",
    "009": "CC CX",
    "AQ": "TF",
}
"""Countries whose zones are named after an ocean, or after several parts of the world."""
_OF_COUNTRY = {country: part for part, countries in _ELSEWHERE.items() for country in countries.split()}


@dataclass(frozen=True)
class ZoneGroup:
    """Zones under one heading: IANA's name → country and city."""

    title: str
    zones: Mapping[str, str]


def zone_groups(language: Language, likely: Iterable[str], chosen: str = "") -> list[ZoneGroup]:
    """Every clock of the world, once; those of the likely countries (ISO 3166-1, alpha-2) and the chosen one first."""
    named, wanted = places(language.tag), list(dict.fromkeys(likely))
    first = {one: words for one, words in named.items() if one in _clocks() and country_of(one) in wanted}
    if chosen in named:
        first = {chosen: named[chosen], **first}
    groups = [ZoneGroup(say(language, LIKELY), first)] if first else []
    return [*groups, *_of_the_world(language.tag)]


def country_of(zone: str) -> str:
    """The country of a zone (ISO 3166-1, alpha-2); empty where it is no country's."""
    return str(get_global("zone_territories").get(zone, ""))


def short_country(code: str | None) -> str:
    """ISO 3166-1 alpha-3 → alpha-2; empty for none (CLDR)."""
    return str(next(iter(get_global("territory_aliases").get(code or "", ())), ""))


@cache
def places(tag: str) -> Mapping[str, str]:
    """IANA's name of a time zone → country and city in that language, by name (CLDR)."""
    locale = Locale.parse(tag)
    found = {
        zone: f"{locale.territories[country]} – {_city(zone, locale)}"
        for zone, country in get_global("zone_territories").items()
        if zone in zones() and country in locale.territories and country != "001"
    }
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))


def _city(zone: str, locale: Locale) -> str:
    return get_timezone_location(zone, locale=locale, return_city=True).rpartition("/")[2]


@cache
def _of_the_world(tag: str) -> Sequence[ZoneGroup]:
    parts: dict[str, dict[str, str]] = {}
    for zone, words in places(tag).items():
        if zone in _clocks():
            part = _OF_COUNTRY.get(country_of(zone)) or _PARTS[zone.partition("/")[0]]
            parts.setdefault(part, {})[zone] = words
    names = Locale.parse(tag).territories
    groups = [ZoneGroup(names[part], found) for part, found in parts.items()]
    return sorted(groups, key=lambda group: group.title.casefold())


@cache
def _clocks() -> frozenset[str]:
    """One zone for each clock of a country: the one that other systems name it by (CLDR), else the first."""
    usual, begins, found = set(get_global("windows_zone_mapping").values()), utc_now(), dict[object, str]()
    offered = [one for one in places("en") if country_of(one) != NO_COUNTRY]
    for zone in sorted(offered, key=lambda one: (one not in usual, one)):
        days = (begins + number * EVERY for number in range(LOOKED_AHEAD // EVERY))
        told = tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in days)
        found.setdefault((country_of(zone), told), zone)
    return frozenset(found.values())
