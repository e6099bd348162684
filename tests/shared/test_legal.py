"""May this be used? The rule, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.legal import Ground, decide
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION

TODAY = date(2026, 3, 4)


@dataclass(frozen=True)
class Row:
    basis: str
    recipient_id: UUID | None = None
    expires_on: date | None = None


def ground(*rows: Row, recipient: UUID | None = ORGANISATION) -> Ground:
    decision = decide(rows, recipient, TODAY)
    assert decision.allowed == (decision.ground is Ground.LEGAL_BASIS)
    assert decision.sentence
    return decision.ground


def test_nothing_recorded_is_a_no() -> None:
    assert ground() is Ground.NO_LEGAL_BASIS


def test_a_basis_counts_for_its_own_recipient_alone() -> None:
    assert ground(Row("consent", ORGANISATION)) is Ground.LEGAL_BASIS
    assert ground(Row("consent", ANOTHER_ORGANISATION)) is Ground.NO_LEGAL_BASIS
    assert ground(Row("consent", None)) is Ground.NO_LEGAL_BASIS
    assert ground(Row("public_interest", None), recipient=None) is Ground.LEGAL_BASIS


def test_the_last_day_still_counts_and_the_next_does_not() -> None:
    assert ground(Row("consent", ORGANISATION, TODAY)) is Ground.LEGAL_BASIS
    assert ground(Row("consent", ORGANISATION, date(2026, 3, 3))) is Ground.EXPIRED


def test_another_basis_still_counts_when_one_has_expired() -> None:
    expired = Row("consent", ORGANISATION, date(2025, 1, 1))
    assert ground(expired, Row("vital_interest", ORGANISATION)) is Ground.LEGAL_BASIS


def test_the_same_basis_recorded_again_is_what_counts() -> None:
    assert ground(Row("consent", ORGANISATION), Row("consent", ORGANISATION, date(2025, 1, 1))) is Ground.EXPIRED


def test_a_withdrawal_ends_every_basis_of_its_purpose() -> None:
    rows = Row("consent", ORGANISATION), Row("public_interest", ORGANISATION)
    assert ground(*rows, Row("withdrawal", ORGANISATION)) is Ground.WITHDRAWN
    assert ground(*rows, Row("withdrawal")) is Ground.WITHDRAWN
    assert ground(*rows, Row("withdrawal", ANOTHER_ORGANISATION)) is Ground.LEGAL_BASIS


def test_no_other_basis_goes_against_the_persons_word_and_a_later_consent_does() -> None:
    objection = Row("objection")
    assert ground(objection, Row("vital_interest", ORGANISATION)) is Ground.OBJECTED
    assert ground(objection, Row("consent", ANOTHER_ORGANISATION)) is Ground.OBJECTED
    assert ground(objection, Row("consent", ORGANISATION)) is Ground.LEGAL_BASIS
    assert ground(Row("consent", ORGANISATION), objection) is Ground.OBJECTED
