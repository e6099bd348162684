"""A field outside the agreement, or not asked for, never appears at the receiver: random agreements, random cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from services.intake import commands
from services.intake.casework.referrals import REFERRED, AskAgreement, AskReferral
from services.intake.commands import agreements
from services.intake.commands.protection import record_legal_basis
from services.intake.domain import CasePerson
from services.intake.queries import referrals as found
from services.intake.schemas import CASE_SHAPES
from shared.access import Actor, Role, act_as
from shared.database import reading, transaction, utc_now, uuid7
from shared.errors import Conflict
from tests.intake.people import person
from tests.intake.referrals.conftest import offer_case, registration

WORKER = frozenset({Role.CASE_WORKER, Role.CASE_MANAGER})
TELLING: dict[str, Any] = {
    "sex": "female",
    "birth": {"year": 1987, "month": 11, "day": 9},
    "nationality": "ERI",
    "languages": ["ti"],
    "mother_name": "Qmother Canary",
    "father_name": "Rfather Canary",
    "born_in": "Qborn",
    "last_address": "Qaddress",
    "occupation": "Qoccupation",
    "marks": "Qmarks",
    "documents": ["Qdocument"],
    "disability": {"walking": 3},
}
SEEN_AS: dict[str, tuple[str, ...]] = {
    "names": ("Qname", "Qalias"),
    "sex": ('"sex": "female"',),
    "birth": ("1987", "18-49"),
    "nationality": ("ERI",),
    "languages": ('"ti"',),
    "mother_name": ("Q. C.", "mother_name"),
    "father_name": ("R. C.", "father_name"),
    "born_in": ("Qborn",),
    "last_address": ("Qaddress",),
    "occupation": ("Qoccupation",),
    "marks": ("Qmarks",),
    "documents": ("Qdocument",),
    "disability": ("disability", "walking"),
    "facts": ("service_point", "registration", "registered", "2026-01-02"),
    "third_persons": ("T. R.",),
}
"""How a field shows in what the receiver reads."""
NEVER = ("Third", "Relativename", "Qstory", "Qmother", "Rfather")
SOME = st.lists(st.sampled_from(sorted(REFERRED)), min_size=1, unique=True)
KNOWN = st.lists(st.sampled_from(sorted(TELLING)), unique=True)


def actors(engine: Engine) -> tuple[Actor, Actor]:
    with transaction(engine) as session:
        ids = [
            commands.register_organisation(session, short_name=name, name=name, kind="ngo").id
            for name in (f"org-{uuid7()}" for _ in range(2))
        ]
    one, other = (Actor(one, roles=WORKER, user_id=uuid7()) for one in ids)
    return one, other


def case_of(engine: Engine, sender: Actor, receiver: Actor, known: list[str]) -> UUID:
    told = person("Qname Canary", "Qalias", **{name: TELLING[name] for name in known})
    body = registration(told)
    body["people"].append({"role": "relative", "person": person("Third Relativename")})
    with transaction(engine) as session:
        submitted = CASE_SHAPES["registration"].validate_python(body)
        made = commands.submit_case(session, sender, submitted, idempotency_key=None, request=body)
        case_id = UUID(made["id"])
        people = session.scalars(select(CasePerson.person_id).where(CasePerson.case_id == case_id)).all()
        for one in people:
            record_legal_basis(
                session, sender, one, purpose="sharing", basis="consent", recipient_id=receiver.organisation_id
            )
    return case_id


def test_nothing_outside_the_agreement_and_the_question_reaches_the_receiver(
    sqlite: Callable[[str], Engine],
) -> None:
    engine = sqlite("intake")
    seen: set[str] = set()

    @settings(max_examples=250)
    @given(signed=SOME, asked=SOME, known=KNOWN, hand=st.booleans())
    def try_it(signed: list[str], asked: list[str], known: list[str], hand: bool) -> None:
        sender, receiver = actors(engine)
        case_id = case_of(engine, sender, receiver, known)
        proposal = AskAgreement(
            partner_id=(receiver if hand else sender).organisation_id,
            purposes=("assistance",),
            fields=tuple(signed),
            valid_from=utc_now().date(),
        )
        proposes, signs = (sender, receiver) if hand else (receiver, sender)
        with transaction(engine) as session:
            made = agreements.propose_agreement(session, proposes, proposal)
            agreements.sign_agreement(session, signs, made.id)
        wanted = AskReferral(
            receiver_id=receiver.organisation_id,
            purpose="assistance",
            service="primary_health_care",
            fields=tuple(asked),
        )
        passing = set(signed) & set(asked)
        try:
            with transaction(engine) as session:
                act_as(session, sender)
                row = offer_case(session, sender, case_id, wanted)
        except Conflict:
            assert not passing
            return
        assert passing
        with reading(engine) as session:
            offered = found.referral(session, receiver, row.id)
            shown = found.shown(session, receiver, offered, utc_now().date())
        text = json.dumps(shown.view, ensure_ascii=False)
        for field, signs_of_it in SEEN_AS.items():
            if field not in passing:
                present = [one for one in signs_of_it if one in text]
                assert not present, (field, text)
            elif field in {"names", "facts", "third_persons"} or field in known:
                seen.add(field)
        assert not [one for one in NEVER if one in text]

    try_it()
    assert seen == set(SEEN_AS), "each field passed in some example"
    assert set(SEEN_AS) == set(REFERRED) - {"attachments"}, "photos and documents are chosen one by one"
