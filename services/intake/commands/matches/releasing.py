"""What must stand before the enquirer's organisation learns of a match.

The found person was asked and agrees, by its own answer on its own case (for a child: its view was heard and a best
interests decision made after it); or its death is confirmed there by a second person. A death goes to the enquirer's
organisation alone, by a manager: the family is told in person, after that organisation has recorded the account itself.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.intake.casework.life_cycle import MANAGERS
from services.intake.casework.matching import PASSED_ON_FOR, Release
from services.intake.commands.matches.found_standing import FoundStanding, standing_of
from services.intake.commands.protection.bases import record_legal_basis
from services.intake.domain import Match
from services.intake.queries.referrals import may_share
from shared.access import Actor
from shared.database import utc_now
from shared.errors import Conflict, NotAllowed


def check_release(session: Session, actor: Actor, row: Match, said: Release) -> FoundStanding:
    """Raises a `Conflict` that says what the release waits for, `NotAllowed` where another role releases."""
    found = standing_of(session, row)
    found.check()
    if not said.relationship_verified:
        raise Conflict("Verify the relationship first: ask for something that only the family knows.")
    if found.standing == "dead":
        if actor.roles.isdisjoint(MANAGERS):
            raise NotAllowed("Your role may not do this.")
    elif not said.person_agrees or said.asked_on is None:
        raise Conflict("Say that the person was asked and agrees, and on which day.")
    return found


def allow_sharing(session: Session, actor: Actor, row: Match, found: FoundStanding) -> None:
    """Record why the found person's data may be used by the enquirer's organisation, where nothing does so yet: the
    person's consent; for a child or a dead person the task under humanitarian law, as it was decided.

    Raises `Conflict` where the person's own no stands against it.
    """
    receiver, today = row.sought_organisation_id, utc_now().date()
    if receiver == row.found_organisation_id:
        return
    consents = found.standing == "agrees" and not found.child
    if not may_share(session, row.found_person_id, receiver, today, consents)[0].allowed:
        basis = "consent" if consents else "public_interest"
        record_legal_basis(
            session, actor, row.found_person_id, purpose=PASSED_ON_FOR, basis=basis, recipient_id=receiver
        )
    if not may_share(session, row.found_person_id, receiver, today, consents)[0].allowed:
        raise Conflict("The person's own no stands against this: nothing of it is released.")
