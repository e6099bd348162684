"""What the found person's own case says of it now: whether news may be passed on, and what that waits for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import histories
from services.intake.casework.found_person import ANSWER, child_was_heard, standing
from services.intake.domain import Case, Match, Person
from shared.errors import Conflict


@dataclass(frozen=True)
class FoundStanding:
    """What the found person's own case says of it now."""

    standing: str
    """agrees, nothing, dead, unknown (`casework.found_person.standing`)."""
    agrees_to: str | None
    child: bool
    child_was_heard: bool

    @property
    def may_go_on(self) -> bool:
        """The person agrees, for a child after it was heard; or its death is confirmed."""
        return self.standing == "dead" or (self.standing == "agrees" and (self.child_was_heard or not self.child))

    def check(self) -> None:
        """Raises a `Conflict` that says what must be recorded there before a release."""
        if self.may_go_on:
            return
        if self.standing != "agrees":
            raise Conflict(
                "Ask the found person in confidence, and record its answer on its case: nothing else is released."
            )
        raise Conflict(
            "For a child, record its view and have a best interests decision made after it, on its own case."
        )


def standing_of(session: Session, row: Match) -> FoundStanding:
    """As the found person's case is now, which the transaction may see. With the case locked, no newer answer slips in
    between."""
    case = worked_on(session, row.found_case_id)
    known, person_id = histories.history(session, case, lock=True), str(_root(session, row.found_person_id))
    answer = known.about(person_id).last(ANSWER)
    return FoundStanding(
        standing(known, person_id),
        answer.facts.get("agrees_to") if answer is not None else None,
        row.child or histories.is_child(session, case, person_id),
        child_was_heard(known, person_id),
    )


def worked_on(session: Session, case_id: UUID) -> Case:
    """The case, or the one that is worked on instead of it."""
    case = session.get_one(Case, case_id)
    return case if case.merged_into is None else session.get_one(Case, case.merged_into)


def _root(session: Session, person_id: UUID) -> UUID:
    person = session.get_one(Person, person_id)
    return person.merged_into or person.id
