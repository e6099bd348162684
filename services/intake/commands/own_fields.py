"""Own fields are defined, version by version, and answered with a case or on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.casework.own_answers import OwnAnswers, Place, answered, still_fitting
from services.intake.casework.own_fields import NO_SCHEMA, checked_schema, meaning_of
from services.intake.commands.changes import open_for_change, write_change
from services.intake.domain import Case, OwnFields
from services.intake.queries.locking import one_at_a_time
from services.intake.queries.own_fields import PLACE, FieldsInForce, forget_types, newest, own_answers, versions
from services.intake.schemas import PeopleCaseIn
from services.intake.schemas.changes import patched
from shared.access import Act, Actor, require
from shared.database import utc_now
from shared.errors import Conflict, FieldError, InvalidInput, Stale, pointer
from shared.vault import vault_of


def write_own_fields(
    session: Session, actor: Actor, case_type: str, document: object, expected: int | None
) -> OwnFields | None:
    """Define what is asked on a type of case, as a new version; None as `document` retires it. No case changes.

    The same fields again make no new version. Returns the newest; None where there is none. Raises `NotFound`,
    `NotAllowed`, `Stale`, `Conflict`, and `InvalidInput` with the place of what cannot be asked.
    """
    require(actor, Act.KEEP_OWN_FIELDS)
    one_at_a_time(session, actor.organisation_id)
    found = newest(session, actor, case_type)
    version = found.version if found is not None else 0
    if expected is not None and expected != version:
        raise Stale("These fields were changed since you read them: read them again, and decide anew.")
    schema = None if document is None else checked_schema(document)
    told = None if schema is None else json.dumps(schema, ensure_ascii=False)
    if told == (found.document if found is not None else None):
        return found
    if schema is not None:
        _check_meanings(schema, versions(session, actor, case_type))
    row = OwnFields(
        organisation_id=actor.organisation_id,
        case_type=case_type,
        version=version + 1,
        document=told,
        made_at=utc_now(),
        made_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    forget_types(session, actor.organisation_id)
    return row


def answers_with(in_force: FieldsInForce, case: PeopleCaseIn, place: Place = ()) -> OwnAnswers | None:
    """The answers that came with a new case, checked; None for none. Raises `InvalidInput`."""
    if not case.own and not in_force.may_be(case.type):
        return None
    asked = in_force.of(case.type)
    if asked is None:
        if case.own:
            raise InvalidInput(
                "Your organisation has no own fields on this type of case: leave `own` away.",
                (FieldError(pointer((*place, "own")), "extra_forbidden", "There are no own fields."),),
            )
        return None
    return answered(asked, case.own, (*place, "own"))


def answer_own_fields(
    session: Session, actor: Actor, case_id: UUID, patch: Mapping[str, Any], expected: int | None
) -> Case:
    """Change some answers of a case, under the newest version; null takes one away. The same answers change nothing.

    What the newest version has no place for is kept as an answer of its own version. Raises as `open_for_change`,
    `Conflict` where nothing is asked any more, and `InvalidInput`.
    """
    case = open_for_change(session, actor, case_id, expected)
    asked = FieldsInForce(session, actor).of(case.type)
    if asked is None:
        raise Conflict("Your organisation asks nothing more on this type of case: what was answered stays as it is.")
    was = own_answers(session, case)
    now = answered(asked, patched(still_fitting(asked, was), dict(patch)), was=was)
    if now == was:
        return case
    key = vault_of(session).open_or_renew(session, case.id, case.organisation_id)
    sealed = None if now is None else key.encrypt(now.to_keep(), PLACE)
    return write_change(session, actor, case, "update", recorded={"fields": ["own"]}, own=sealed)


def _check_meanings(schema: Mapping[str, Any], before: Sequence[OwnFields]) -> None:
    """A name keeps its kind for ever: an agreement lets it through by its name."""
    meant: dict[str, str] = {}
    for row in before:
        for name, field in (row.schema or {"properties": {}})["properties"].items():
            meant.setdefault(name, meaning_of(field))
    refused = tuple(
        FieldError(
            pointer(("properties", name, "type")), "other_kind", "This name had another kind: take another name."
        )
        for name, field in schema["properties"].items()
        if meant.get(name, meaning_of(field)) != meaning_of(field)
    )
    if refused:
        raise InvalidInput(NO_SCHEMA, refused)
