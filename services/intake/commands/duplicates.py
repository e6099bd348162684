"""Duplicates inside an organisation: warned of, decided by a person, merged with undo. Nothing is ever dropped.

A merged case stays as it is and points to the one that is worked on; people and timelines are read together. So the
undoing of a merge restores what was, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.commands.changes import open_for_change, write_change
from services.intake.commands.protection.restating import known_elsewhere, tell_anew
from services.intake.commands.sharing import review_sharing
from services.intake.domain import Case, CasePerson, DuplicateWarning, Person
from services.intake.queries.duplicates import NewCase, alike_cases
from services.intake.queries.locking import one_at_a_time
from shared.access import Act, Actor, require
from shared.database import table_of, utc_now
from shared.errors import Conflict, NotFound
from shared.events import CaseMerged, CaseMergeUndone
from shared.rows import insert_rows


def warn_of_duplicates(
    session: Session, actor: Actor, new: Sequence[NewCase], now: datetime
) -> dict[UUID, list[dict[str, Any]]]:
    """Note which cases may be the same as new ones. Returns, by new case, what its submitter is told."""
    found = alike_cases(session, actor, new)
    pairs = {tuple(sorted((case_id, one.id), reverse=True)) for case_id, alike in found.items() for one in alike}
    rows = [
        {
            "case_id": case_id,
            "other_case_id": other_id,
            "organisation_id": actor.organisation_id,
            "noticed_at": now,
            "decided": None,
            "decided_by": None,
            "decided_at": None,
        }
        for case_id, other_id in sorted(pairs)
    ]
    insert_rows(session, table_of(DuplicateWarning), rows)
    return {
        case_id: [{"id": str(one.id), "reference": one.reference, "likeness": one.likeness} for one in alike]
        for case_id, alike in found.items()
    }


def merge_cases(
    session: Session,
    actor: Actor,
    case_id: UUID,
    duplicate_id: UUID,
    *,
    same_people: Sequence[tuple[UUID, UUID]] = (),
    reason: str | None = None,
    expected: int | None = None,
) -> Case:
    """Work on one case instead of two: the duplicate points to it from now on. Returns the case that is worked on.

    `same_people`: (a person of the duplicate, the same person in the other case). `reason`: a code for both timelines,
    one of `casework.words.MERGE_REASONS`. Raises `NotFound`, `NotAllowed`,
    `Stale`, and `Conflict` for cases of two types, or where another merge stands in the way.
    """
    require(actor, Act.MERGE_CASES)
    if case_id == duplicate_id:
        raise Conflict("A case is no duplicate of itself.")
    one_at_a_time(session, actor.organisation_id)
    for one in sorted((case_id, duplicate_id)):  # locked in one order, whoever merges in which direction
        queries.case(session, actor, one, lock=True)
    case = open_for_change(session, actor, case_id, expected)
    duplicate = open_for_change(session, actor, duplicate_id, None)
    if case.type != duplicate.type or case.restricted != duplicate.restricted:
        raise Conflict("Only cases of the same type can be merged.")
    if session.scalar(select(Case.id).where(Case.merged_into == duplicate_id).limit(1)) is not None:
        raise Conflict("Other cases were merged into this duplicate: merge the other way round, or undo that first.")
    _link_people(session, case, duplicate, same_people)
    review_sharing(session, [case.id, duplicate.id])
    _decide(session, actor, case_id, duplicate_id, "merged")
    write_change(
        session,
        actor,
        duplicate,
        "merge_into",
        CaseMerged(**_about(duplicate), into=case.id),
        reason=reason,
        recorded={"into": str(case.id)},
        merged_into=case.id,
    )
    write_change(session, actor, case, "merge", reason=reason, recorded={"duplicate": str(duplicate.id)})
    tell_anew(session, known_elsewhere(session, case))
    return case


def undo_merge(
    session: Session, actor: Actor, duplicate_id: UUID, *, reason: str | None = None, expected: int | None = None
) -> Case:
    """Make two cases of one again, as they were. Returns the former duplicate. Raises `Conflict` if it is none.

    `reason`: a code for both timelines, one of `casework.words.UNDO_REASONS`.
    """
    require(actor, Act.MERGE_CASES)
    one_at_a_time(session, actor.organisation_id)
    into = queries.case(session, actor, duplicate_id).merged_into
    if into is None:
        raise Conflict("This case was not merged into another.")
    for one in sorted((into, duplicate_id)):
        queries.case(session, actor, one, lock=True)
    duplicate = open_for_change(session, actor, duplicate_id, expected, merged=True)
    if duplicate.merged_into != into:
        raise Conflict("The merge was undone or made anew meanwhile: look again.")
    known = known_elsewhere(session, duplicate)
    session.execute(update(Person).where(Person.id.in_(_people_of(duplicate))).values(merged_into=None))
    review_sharing(session, [into, duplicate_id])
    _decide(session, actor, into, duplicate_id, None)
    write_change(
        session,
        actor,
        queries.case(session, actor, into),
        "undo_merge",
        reason=reason,
        recorded={"duplicate": str(duplicate_id)},
    )
    write_change(
        session,
        actor,
        duplicate,
        "undo_merge_into",
        CaseMergeUndone(**_about(duplicate), out_of=into),
        reason=reason,
        recorded={"out_of": str(into)},
        merged_into=None,
    )
    tell_anew(session, known)
    return duplicate


def call_different(session: Session, actor: Actor, case_id: UUID, other_id: UUID) -> None:
    """Decide that two cases are about different people: the warning goes. Raises `NotFound`, `NotAllowed`, and
    `Conflict` while one of them is merged."""
    require(actor, Act.MERGE_CASES)
    for one in (case_id, other_id):
        if queries.case(session, actor, one).merged_into is not None:
            raise Conflict("One of them was merged: undo that first.")
    _decide(session, actor, case_id, other_id, "different")


def _about(case: Case) -> dict[str, Any]:
    return {"organisation_id": case.organisation_id, "case_id": case.id, "case_type": case.type}


def _people_of(case: Case) -> Any:
    return select(CasePerson.person_id).where(CasePerson.case_id == case.id)


def _link_people(session: Session, case: Case, duplicate: Case, same: Sequence[tuple[UUID, UUID]]) -> None:
    if len({person_id for person_id, _ in same}) < len(same):
        raise Conflict("A person of the duplicate was named twice: say once who is the same person.")
    ours, theirs = set(session.scalars(_people_of(case))), set(session.scalars(_people_of(duplicate)))
    for person_id, into in same:
        if person_id not in theirs or into not in ours:
            raise NotFound("There is no such person in these cases.")
        session.execute(update(Person).where(Person.id == person_id).values(merged_into=into))


def _decide(session: Session, actor: Actor, one: UUID, other: UUID, decided: str | None) -> None:
    newer, older = sorted((one, other), reverse=True)
    warning = session.get(DuplicateWarning, (newer, older), with_for_update=True, populate_existing=True)
    if warning is None:
        warning = DuplicateWarning(
            case_id=newer, other_case_id=older, organisation_id=actor.organisation_id, noticed_at=utc_now()
        )
        session.add(warning)
    warning.decided = decided
    warning.decided_by = actor.user_id if decided else None
    warning.decided_at = utc_now() if decided else None
    session.flush()
