"""A service is delivered: what, how much, to how many people, where, when, and which grants paid for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.intake.casework.forms import (
    Code,
    Codes,
    CountryCode,
    Form,
    PastDay,
    PersonOfCase,
    PlaceCode,
    ServiceOfCase,
)
from services.intake.casework.history import Asked, Happened, History, Need
from services.intake.casework.life_cycle import Deed
from services.intake.casework.people import AGE_BAND_WORDS, Sex
from services.intake.casework.service_categories import CATEGORIES

ServiceCategory = Annotated[str, Codes({code: one.title for code, one in CATEGORIES.items()})]
LARGEST = 1_000_000
LEGAL_STATUS = {
    "refugee": "Refugee",
    "asylum_seeker": "Asylum seeker",
    "displaced": "Displaced within the own country",
    "migrant": "Migrant",
    "returnee": "Came back to the own country",
    "stateless": "Stateless",
    "resident": "Lives here",
}
"""UNHCR's population groups (*Global Trends*: refugees, asylum-seekers, internally displaced and stateless people,
returnees, host community), and migrants. Left out: not known."""
MODALITIES = {
    "in_kind": "In kind",
    "cash": "In cash",
    "voucher": "By voucher",
    "in_person": "As a service, in person",
    "remote": "As a service, by phone or online",
}
"""Modalities of humanitarian programmes (CALP, *Glossary*: in-kind, cash, voucher, service delivery)."""


class Served(Form):
    """How many people of one sex, age band and disability were served."""

    sex: Sex = Field("unknown", title="Sex")
    age_band: Annotated[str, Codes(AGE_BAND_WORDS)] = Field("unknown", title="Age")
    disability: Annotated[
        str, Codes({"with": "With a disability", "without": "Without a disability", "unknown": "Not known"})
    ] = Field("unknown", title="Disability", description="With: a lot of difficulty, or cannot do, in the short set.")
    count: Annotated[int, Field(strict=True, ge=1, le=LARGEST)] = Field(title="How many people?")
    person: Annotated[UUID, PersonOfCase()] | None = Field(
        None,
        title="Which person of the case is one of them?",
        description="So that nobody is counted twice in a report. Leave it out where none is.",
    )
    nationality: CountryCode | None = Field(None, title="Nationality")
    legal_status: Annotated[str, Codes(LEGAL_STATUS)] | None = Field(None, title="Status")


class GrantShare(Form):
    """What part of a service a grant paid for."""

    grant: Code = Field(title="Which grant?", description="The grant's code, as finance uses it.")
    per_cent: Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)] = Field(
        title="What part of the service, in per cent?"
    )


class Delivery(Form):
    """One delivery of one service (IFRC *3W*: who does what, where, when; FDRS people reached by sex, age,
    disability)."""

    category: ServiceCategory = Field(title="Which service was delivered?")
    quantity: Annotated[int, Field(strict=True, ge=1, le=LARGEST)] = Field(
        1, title="How much of it?", description="Number of kits, nights, calls, messages …"
    )
    people: Annotated[tuple[Served, ...], Field(max_length=200)] = Field((), title="Who was served?")
    delivered_on: PastDay = Field(title="On which day?")
    place: PlaceCode | None = Field(None, title="In which place?")
    modality: Annotated[str, Codes(MODALITIES)] | None = Field(None, title="In which way?")
    grants: Annotated[tuple[GrantShare, ...], Field(max_length=20)] = Field((), title="Which grants paid for it?")

    @model_validator(mode="after")
    def _grants_pay_no_more_than_all(self) -> Delivery:
        if sum(one.per_cent for one in self.grants) > 100:
            raise PydanticCustomError("shares_over_100", "grants: the shares must not exceed 100 per cent together")
        if len({one.grant for one in self.grants}) < len(self.grants):
            raise PydanticCustomError("grant_twice", "grants: name each grant once")
        return self


class _OneService(Form):
    service: Annotated[UUID, ServiceOfCase()] = Field(title="Which service?")


class CorrectedDelivery(Delivery, _OneService):
    """A delivery that was written down wrongly: as it was."""

    cancelled: bool = Field(
        False, title="Was it not delivered at all?", description="Then it is counted no more, whatever else is said."
    )


def standing_services(history: Iterable[Happened]) -> dict[str, Mapping[str, Any]]:
    """Id → facts of the services of a case that can be corrected, as they are known now, the earliest first."""
    stands: dict[str, Mapping[str, Any]] = {}
    for one in history:
        if one.name == "deliver_service" and "service_id" in one.facts:
            stands[one.facts["service_id"]] = one.facts
        if one.name == "correct_service":
            stands[one.facts["service"]] = one.facts
            if one.facts.get("cancelled"):
                del stands[one.facts["service"]]
    return stands


def _stands(history: History, asked: Asked) -> bool:
    return str(asked.facts["service"]) in standing_services(history)


DELIVERIES = (
    Deed("deliver_service", "Record a service that was delivered", form=Delivery),
    Deed(
        "correct_service",
        "Correct a service that was recorded",
        form=CorrectedDelivery,
        needs=(
            Need(
                "service_stands",
                "Record a service first: the case has none that can be corrected.",
                lambda history, _asked: bool(standing_services(history)),
            ),
            Need("service_named", "Choose a service that the case has.", _stands, of_what_is_asked=True),
        ),
    ),
)
