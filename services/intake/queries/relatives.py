"""Who else of a case is what to one of its people: for the matcher, and for who looks at what it compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.people import THE_OTHER_WAY, PersonIn
from services.intake.queries import PersonOfCase

_OF_ROLE: Mapping[str, str] = {"companion": "travel_companion", "sibling": "sibling"}


@dataclass(frozen=True)
class OwnAndOthers:
    """The people of a case, seen from one of them."""

    own: Sequence[PersonOfCase]
    """The person itself, then who was merged into it: all of them are that person."""
    others: Sequence[PersonOfCase]
    """Everybody else, each once."""


def seen_from(person_id: UUID, people: Iterable[PersonOfCase]) -> OwnAndOthers | None:
    """The people of whom something is known, seen from that one, or from the one it was merged into; None where nothing
    is known of it."""
    known = [one for one in people if one.known is not None]
    itself = next((one.person for one in known if one.person.id == person_id), None)
    root = person_id if itself is None else itself.merged_into or itself.id
    own = [one for one in known if root in {one.person.id, one.person.merged_into}]
    own.sort(key=lambda one: one.person.id != root)
    if not own or own[0].person.id != root:
        return None
    others = [one for one in known if one.person.merged_into is None and one.person.id != root]
    return OwnAndOthers(own, others)


def family_of(session: Session, seen: OwnAndOthers, facts: Mapping[str, Any]) -> list[tuple[str, PersonIn]]:
    """(what somebody else of the case is to the person, that one), as far as the others have names. `facts`: the
    case's, which say what the enquirer is to whom it seeks."""
    related = _related(session, [one.person.id for one in seen.own], [one.person.id for one in seen.others])
    return [
        (related.get(one.person.id) or _by_role(one.role, facts), one.known)
        for one in seen.others
        if one.known is not None and one.known.names
    ]


def _related(session: Session, itself: Collection[UUID], others: Collection[UUID]) -> Mapping[UUID, str]:
    """Who of the others is what to the person."""
    found = {}
    for one in queries.relations(session, [*itself, *others]):
        if one.other_id in itself:
            found[one.person_id] = one.kind
        elif one.person_id in itself:
            found[one.other_id] = THE_OTHER_WAY.get(one.kind, one.kind)
    return found


def _by_role(role: str, facts: Mapping[str, Any]) -> str:
    if role == "enquirer":
        return str(facts.get("relationship", "other_relative"))
    return _OF_ROLE.get(role, "other_relative")
