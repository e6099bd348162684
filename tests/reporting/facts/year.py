"""A year of made-up case work of five organisations and three grants, the same in every run."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.events import (
    CaseClosed,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    CaseSubmitted,
    CaseUpdated,
    Event,
    FamilyTold,
    GrantPart,
    IncidentCorrected,
    IncidentCounts,
    IncidentRecorded,
    IncidentSourceAssessed,
    NewsReleased,
    PersonErased,
    PersonFigures,
    ReferralAccepted,
    ReferralDeclined,
    ReferralOffered,
    ServedFigures,
    ServiceCorrected,
    ServiceCounts,
    ServiceDelivered,
    TransferAccepted,
)

FIRST, DAYS = date(2028, 1, 1), 366
"""A leap year."""
ORGANISATIONS = tuple(UUID(int=(7 << 76) | (2 << 62) | number) for number in range(1, 6))
GRANTS = ("horn_28", "sahel_28", "appeal_28")
TYPES = {"tracing_request": "sought", "assistance": "assisted", "child": "child"}
CATEGORIES = ("food", "water", "phone_call", "reunification", "detention_followed")
PLACES = (None, "ETH01", "ETH02", "SOM01", "KEN01")


class Year:
    """Tells what happened, day by day."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.persons = [self.id() for _ in range(60)]
        self.open: list[tuple[UUID, UUID, str]] = []
        """Organisation, case, type."""
        self.closed: list[tuple[UUID, UUID, str]] = []
        self.merged: list[tuple[UUID, UUID, str]] = []
        self.services: list[ServiceDelivered] = []
        self.referrals: list[dict[str, Any]] = []
        self.incidents: list[IncidentRecorded] = []

    def id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128))

    def days(self) -> Any:
        """(moment of recording, facts) of each day."""
        for number in range(DAYS):
            day = FIRST + timedelta(days=number)
            at = datetime.combine(day, time(self.chance.randrange(24), 30), UTC)
            yield at, [event for event in (self._event(day) for _ in range(9)) if event is not None]

    def _event(self, day: date) -> Event | None:
        kinds = (
            *[self._submit] * 3,
            *[self._serve] * 8,
            *[self._close] * 2,
            *[self._release, self._tell] * 2,
            self._reopen,
            self._merge,
            self._part,
            self._correct,
            self._move,
            self._transfer,
            self._refer,
            self._answer,
            self._incident,
            self._correct_incident,
            self._assess,
            self._erase,
        )
        event: Event | None = self.chance.choice(kinds)(day)
        return event

    def _about(self, of: tuple[UUID, UUID, str]) -> dict[str, Any]:
        return {"organisation_id": of[0], "case_id": of[1]}

    def _typed(self, of: tuple[UUID, UUID, str]) -> dict[str, Any]:
        return {**self._about(of), "case_type": of[2]}

    def _submit(self, day: date) -> Event:
        of = self.chance.choice(ORGANISATIONS), self.id(), self.chance.choice(list(TYPES))
        self.open.append(of)
        person = PersonFigures(role=TYPES[of[2]], sex=self.chance.choice(["female", "male"]), nationality="ETH")
        on = day - timedelta(days=self.chance.randrange(3))
        people = (PersonFigures(role="enquirer", sex="male"), person)
        return CaseSubmitted(
            **self._typed(of), status="new", submitted_on=on, place=self.chance.choice(PLACES), people=people
        )

    def _serve(self, day: date) -> Event | None:
        if not self.open:
            return None
        of = self.chance.choice(self.open)
        event = ServiceDelivered(**self._typed(of), service_id=self.id(), **self._service(day))
        self.services.append(event)
        return event

    def _service(self, day: date) -> dict[str, Any]:
        cells = tuple(self._cell() for _ in range(self.chance.randrange(3)))
        named = self.chance.sample(GRANTS, self.chance.randrange(3))
        extra = self.chance.choice([0, 0, 2])
        people = sum(one.count for one in cells) + extra
        return {
            "counts": ServiceCounts(quantity=self.chance.randrange(1, 9), people=people),
            "category": self.chance.choice(CATEGORIES),
            "delivered_on": day - timedelta(days=self.chance.choice([0, 0, 1, 40])),
            "place": self.chance.choice(PLACES),
            "people": cells,
            "grants": tuple(GrantPart(grant=g, per_cent=self.chance.choice(_SHARES)) for g in named),
            "modality": self.chance.choice([None, "in_kind", "cash"]),
        }

    def _cell(self) -> ServedFigures:
        persons = tuple(self.chance.sample(self.persons, self.chance.choice([0, 1, 1, 2])))
        return ServedFigures(
            sex=self.chance.choice(["female", "male", "other", "unknown"]),
            age_band=self.chance.choice(["0-1", "13-17", "18-49", "80+", "unknown"]),
            disability=self.chance.choice(["with", "without", "unknown"]),
            nationality=self.chance.choice([None, "ETH", "SOM"]),
            legal_status=self.chance.choice([None, "refugee"]),
            count=len(persons) + self.chance.randrange(3),
            persons=persons,
        )

    def _correct(self, day: date) -> Event | None:
        if not self.services:
            return None
        was = self.chance.choice(self.services)
        cancelled = self.chance.random() < 0.2
        if cancelled:
            self.services.remove(was)
        about = {"organisation_id": was.organisation_id, "case_id": was.case_id, "case_type": was.case_type}
        return ServiceCorrected(**about, service_id=was.service_id, cancelled=cancelled, **self._service(day))

    def _close(self, day: date) -> Event | None:
        of = self._moved(self.open, self.closed)
        reason = self.chance.choice(["located", "withdrawn", None])
        return of and CaseClosed(**self._typed(of), reason=reason, closed_on=day)

    def _reopen(self, _day: date) -> Event | None:
        of = self._moved(self.closed, self.open)
        return of and CaseStatusChanged(**self._typed(of), move="reopen", was="closed", status="new", version=3)

    def _merge(self, _day: date) -> Event | None:
        of = self._moved(self.chance.choice([self.open, self.closed]), self.merged)
        return of and CaseMerged(**self._typed(of), into=self.id())

    def _part(self, _day: date) -> Event | None:
        of = self._moved(self.merged, self.open)
        return of and CaseMergeUndone(**self._typed(of), out_of=self.id())

    def _moved(self, source: list[Any], target: list[Any]) -> Any:
        if not source:
            return None
        of = source.pop(self.chance.randrange(len(source)))
        target.append(of)
        return of

    def _move(self, _day: date) -> Event | None:
        of = self.chance.choice(self.open) if self.open else None
        return of and CaseUpdated(**self._typed(of), what="update", version=2, place=self.chance.choice(PLACES))

    def _transfer(self, _day: date) -> Event | None:
        if not self.open:
            return None
        of = self.open.pop(self.chance.randrange(len(self.open)))
        receiver = self.chance.choice([one for one in ORGANISATIONS if one != of[0]])
        self.open.append((receiver, of[1], of[2]))
        return TransferAccepted(
            **self._about(of), transfer_id=self.id(), receiver_id=receiver, reference="KB-7F3K9-QX2MA-5"
        )

    def _release(self, _day: date) -> Event | None:
        return NewsReleased(**self._about(self.chance.choice(self.open))) if self.open else None

    def _tell(self, day: date) -> Event | None:
        told_on = day - timedelta(days=self.chance.randrange(3))
        return FamilyTold(**self._about(self.chance.choice(self.open)), told_on=told_on) if self.open else None

    def _refer(self, day: date) -> Event:
        sender, receiver = self.chance.sample(ORGANISATIONS, 2)
        ids = {"case_id": self.id(), "referral_id": self.id()}
        self.referrals.append({"organisation_id": sender, "receiver_id": receiver, **ids})
        by = datetime.combine(day, time(), UTC)
        asked = {"service": "food", "purpose": "assistance", "urgency": "high"}
        return ReferralOffered(**self.referrals[-1], **asked, acknowledge_by=by, answer_by=by)

    def _answer(self, _day: date) -> Event | None:
        if not self.referrals:
            return None
        of = self.referrals.pop()
        accepted = self.chance.random() < 0.5
        return ReferralAccepted(**of) if accepted else ReferralDeclined(**of, reason="no_capacity")

    def _incident(self, day: date) -> Event:
        event = IncidentRecorded(**self._incident_of(day, self.id(), self.chance.choice(ORGANISATIONS)))
        self.incidents.append(event)
        return event

    def _correct_incident(self, day: date) -> Event | None:
        if not self.incidents:
            return None
        was = self.chance.choice(self.incidents)
        return IncidentCorrected(**self._incident_of(day, was.case_id, was.organisation_id))

    def _assess(self, _day: date) -> Event | None:
        if not self.incidents:
            return None
        was, level = self.chance.choice(self.incidents), self.chance.choice(["official_or_several", "one_media_report"])
        return IncidentSourceAssessed(organisation_id=was.organisation_id, case_id=was.case_id, level=level)

    def _incident_of(self, day: date, case: UUID, organisation: UUID) -> dict[str, Any]:
        figures = [self.chance.choice([None, 0, 3, 11]) for _ in range(3)]
        return {
            "organisation_id": organisation,
            "case_id": case,
            "counts": IncidentCounts(dead=figures[0], missing=figures[1], survivors=figures[2]),
            "occurred_from": day - timedelta(days=self.chance.choice([0, 0, 9])),
            "occurred_to": day,
            "route": self.chance.choice([None, "Horn of Africa", "Sahara"]),
            "place": self.chance.choice(PLACES),
        }

    def _erase(self, _day: date) -> Event | None:
        if not self.open or self.chance.random() < 0.8:
            return None
        return PersonErased(**self._about(self.chance.choice(self.open)), person_id=self.chance.choice(self.persons))


_SHARES = (Decimal("50"), Decimal("33.33"), Decimal("12.5"))
