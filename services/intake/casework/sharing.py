"""How a case looks to somebody outside its holder: no more of a person than the purpose needs.

A minor is known by initials (encontrados and ICRC's practice alike), a third person is masked, free text stays at home:
a story may name anyone in it. Whether a case may be shown at all is decided elsewhere, before this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.intake.casework.case_type import CaseType
from services.intake.casework.forms import is_own_affair, is_personal
from services.intake.casework.people import Birth, Name, PersonIn, initials


@dataclass(frozen=True)
class Known:
    """A person of a case as its holder knows it; `known` is None once erased."""

    role: str
    minor: bool
    """True where the person may be under 18."""
    age_band: str
    known: PersonIn | None


@dataclass(frozen=True)
class SharedPerson:
    """A person as a recipient sees it."""

    role: str
    age_band: str
    person: PersonIn
    masked: bool
    """True for a third person: initials, sex and age band alone."""


@dataclass(frozen=True)
class SharedCase:
    """A case as a recipient sees it."""

    type: str
    facts: Mapping[str, Any]
    people: tuple[SharedPerson, ...]


def shared_view(kind: CaseType, details: Mapping[str, Any], people: Iterable[Known]) -> SharedCase:
    """The case as a recipient may see it.

    Of the details the coded facts alone, but for what is the organisation's own affair. An adult whom the case is about
    is shown, its parents by initials; a minor by initials, the year of birth at most, without documents and address;
    every third person masked. Who is to be shared with nobody, or was erased, is not in it.
    """
    fields = kind.details.model_fields.items()
    at_home = {name for name, field in fields if is_personal(field) or is_own_affair(field)}
    return SharedCase(
        kind.name,
        {name: value for name, value in details.items() if name not in at_home},
        tuple(_shown(kind, one, one.known) for one in people if one.known and not one.known.share_with_nobody),
    )


def _shown(kind: CaseType, one: Known, known: PersonIn) -> SharedPerson:
    role = kind.people.get(one.role)
    if role is None or not role.principal:
        return SharedPerson(one.role, one.age_band, PersonIn(names=_initials(known), sex=known.sex), masked=True)
    changed: dict[str, Any] = {
        "mother_name": _initial_of(known.mother_name),
        "father_name": _initial_of(known.father_name),
    }
    if one.minor:
        changed |= {
            "names": _initials(known),
            "birth": Birth(year=known.birth.year, estimated=True) if known.birth.year else Birth(),
            "documents": (),
            "last_address": None,
        }
    return SharedPerson(one.role, one.age_band, known.model_copy(update=changed), masked=False)


def _initials(known: PersonIn) -> tuple[Name, ...]:
    return (Name(full=initials(known.names)),) if known.names else ()


def _initial_of(written: str | None) -> str | None:
    return None if written is None else initials((Name(full=written),))
