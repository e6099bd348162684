"""A death needs a named source and two people: one records the account, another confirms it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.intake.casework.forms import AboutPerson, Codes, NeededName, PastDay, PersonalText, ReferenceCode
from services.intake.casework.found_person import CONFIRMED_DEATH
from services.intake.casework.history import Need, by_another
from services.intake.casework.life_cycle import MANAGERS, Deed

ACCOUNT = "record_account_of_death"


class SourceOfDeath(AboutPerson):
    """Who says that the person died. An account without a named source is none."""

    source: Annotated[
        str,
        Codes(
            {
                "authority_record": "A record of an authority",
                "medico_legal_institution": "A medico-legal institution",
                "hospital": "A hospital",
                "witness": "A witness",
                "organisation": "Another organisation",
            }
        ),
    ] = Field(title="Where does the account come from?")
    source_name: NeededName = Field(title="Who is the source?", description="A name that can be asked again.")
    source_reference: ReferenceCode | None = Field(None, title="What is the source's own reference?")
    died_on: PastDay | None = Field(None, title="On which day did the person die, as the source says?")


class AccountOfDeath(SourceOfDeath):
    """What the source says, in words."""

    note: PersonalText = Field(None, title="What does the source say?")


def death_deeds(role: str, form: type[SourceOfDeath] = AccountOfDeath) -> tuple[Deed, ...]:
    """The two steps, for the person in that role."""
    return (
        Deed(ACCOUNT, "Record an account of death", form=form, about=role, by_person=True),
        Deed(
            CONFIRMED_DEATH,
            "Confirm the death",
            roles=MANAGERS,
            form=AboutPerson,
            needs=(
                by_another(
                    ACCOUNT, "A death is confirmed by another person than the one who recorded it.", same_person=True
                ),
            ),
            about=role,
            by_person=True,
        ),
    )


DEATH_CONFIRMED = Need(
    "death_confirmed",
    "Record an account of death, and have another person confirm it first.",
    lambda history, _asked: bool(history.all(CONFIRMED_DEATH)),
)
