"""No own field reaches anybody unless the agreement names it: random schemas, agreements, questions and answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from services.intake import commands
from services.intake.casework.own_fields import CODED, kind_of, own_code
from services.intake.casework.referrals import AskAgreement, AskReferral
from services.intake.commands import agreements
from services.intake.commands.own_fields import write_own_fields
from services.intake.commands.protection import record_legal_basis
from services.intake.domain import CasePerson
from services.intake.queries import referrals as found
from services.intake.schemas import CASE_SHAPES
from shared.access import Actor, act_as
from shared.database import reading, transaction, utc_now
from shared.errors import Conflict, InvalidInput
from tests.intake.own_fields.conftest import BEDS, REMARK, SHELTER, WARM, ask, define, met, schema
from tests.intake.referrals.conftest import Hub, offer_case
from tests.intake.referrals.test_fields import actors

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")


@st.composite
def asked_fields(draw: st.DrawFn) -> dict[str, tuple[dict[str, Any], Any]]:
    """Name → (a field, an answer), both with words that stand nowhere else."""
    made = {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)):
        title, code = {"title": f"Qtitle {name}"}, f"Qcode-{name}"
        choice = {"type": "string", "oneOf": [{"const": code, "title": f"Qword {name}"}]}
        number = 4_100_000 + NAMES.index(name)
        made[name] = draw(
            st.sampled_from(
                [
                    ({**title, **choice}, code),
                    ({**title, "type": "array", "uniqueItems": True, "items": choice}, [code]),
                    ({**title, "type": "integer"}, number),
                    ({**title, "type": "string", "format": "date"}, f"19{NAMES.index(name) + 10}-11-17"),
                    ({**title, "type": "boolean"}, True),
                    ({**title, "type": "string", "maxLength": 80}, f"Qtext {name}"),
                    ({**title, "type": "string", "maxLength": 900}, f"Qtext {name}"),
                ]
            )
        )
    return made


CODES = st.lists(
    st.sampled_from([*(own_code("registration", one) for one in NAMES), own_code("child", "alpha"), "sex"]),
    min_size=1,
    unique=True,
)


def submitted(engine: Engine, sender: Actor, receiver: Actor, own: dict[str, Any]) -> UUID:
    body = met(**own)
    with transaction(engine) as session:
        case = CASE_SHAPES["registration"].validate_python(body)
        case_id = UUID(commands.submit_case(session, sender, case, idempotency_key=None, request=body)["id"])
        for one in session.scalars(select(CasePerson.person_id).where(CasePerson.case_id == case_id)):
            record_legal_basis(
                session, sender, one, purpose="sharing", basis="consent", recipient_id=receiver.organisation_id
            )
    return case_id


def test_nothing_of_own_fields_reaches_the_receiver_but_what_the_agreement_names(
    sqlite: Callable[[str], Engine],
) -> None:
    engine = sqlite("intake")
    kinds_passed: set[str] = set()

    @settings(max_examples=200)
    @given(fields=asked_fields(), signed=CODES, ticked=CODES, by_sender=st.booleans())
    def try_it(
        fields: dict[str, tuple[dict[str, Any], Any]], signed: list[str], ticked: list[str], by_sender: bool
    ) -> None:
        sender, receiver = actors(engine)
        document = schema(**{name: field for name, (field, _) in fields.items()})
        proposes, signs = (sender, receiver) if by_sender else (receiver, sender)
        terms = AskAgreement(
            partner_id=signs.organisation_id,
            purposes=("assistance",),
            fields=tuple(signed),
            valid_from=utc_now().date(),
        )
        shareable = {own_code("registration", name) for name, (one, _) in fields.items() if kind_of(one) in CODED}
        with transaction(engine) as session:
            for one in (sender, receiver):
                write_own_fields(session, one, "registration", document, None)
        case_id = submitted(engine, sender, receiver, {name: answer for name, (_, answer) in fields.items()})
        try:
            with transaction(engine) as session:
                made = agreements.propose_agreement(session, proposes, terms)
                agreements.sign_agreement(session, signs, made.id)
        except InvalidInput:
            assert not set(signed) - {"sex"} <= shareable
            return
        assert set(signed) - {"sex"} <= shareable, "a text, or a field that nobody asks, cannot even be proposed"
        wanted = AskReferral(
            receiver_id=receiver.organisation_id,
            purpose="assistance",
            service="primary_health_care",
            fields=tuple(ticked),
        )
        passing = set(signed) & set(ticked) & (shareable | {"sex"} if by_sender else {"sex"})
        try:
            with transaction(engine) as session:
                act_as(session, sender)
                row = offer_case(session, sender, case_id, wanted)
        except Conflict:
            assert not passing
            return
        assert set(row.fields) == passing
        with reading(engine) as session:
            offered = found.referral(session, receiver, row.id)
            shown = found.shown(session, receiver, offered, utc_now().date())
        text = json.dumps(shown.view, ensure_ascii=False)
        for name, (field, answer) in fields.items():
            signs_of_it = [f"Qtitle {name}", *([] if answer is True else [str(json.dumps(answer)).strip('[]"')])]
            expected = own_code("registration", name) in passing
            assert [one in text for one in signs_of_it] == [expected] * len(signs_of_it), (name, text)
            if expected:
                kinds_passed.add(kind_of(field))
        assert "Qtext" not in text

    try_it()
    assert kinds_passed == CODED, "each kind passed in some example"


def named(*names: str) -> dict[str, Any]:
    """What is signed and ticked: these own fields, and the sex."""
    return {"fields": ["sex", *(f"own:registration.{name}" for name in names)]}


def test_the_receiver_reads_it_in_words_that_were_frozen_whatever_becomes_of_the_field(hub: Hub) -> None:
    define(hub.manager, schema(shelter=SHELTER, beds=BEDS, warm=WARM))
    agreement = hub.agree(**named("shelter", "beds"))
    told = hub.their_manager.get("agreements")[0]
    assert told["own_titles"]["own:registration.shelter"]["title"] == "Where does the person sleep?"
    assert told["id"] == agreement["id"]
    case = hub.submit(met(shelter="tent", beds=3, warm=True))
    asked = hub.asked(**named("shelter", "beds", "warm"))
    preview = hub.worker.post(f"cases/{case.id}/referrals/preview", asked)
    offered = hub.worker.post(f"cases/{case.id}/referrals", asked, 201)
    assert offered["fields"] == named("shelter", "beds")["fields"]
    ask(hub.manager, "DELETE", "own-fields/registration")
    own = hub.theirs.get(f"referrals/{offered['id']}")["shared"]["own"]
    assert own == preview["shared"]["own"]
    assert [(one["name"], one["value"]) for one in own] == [("shelter", "tent"), ("beds", 3)]
    assert own[0]["field"]["oneOf"][0]["title"] == "In a tent"


def test_an_agreement_names_fields_of_who_proposed_it_alone(hub: Hub) -> None:
    define(hub.manager, schema(shelter=SHELTER, remark=REMARK))
    hub.agree(fields=["sex"])
    terms = {"partner_id": str(hub.sender.organisation_id), "purposes": ["assistance"], "valid_from": "2020-01-01"}
    refused = hub.their_manager.post("agreements", {**terms, **named("shelter")}, 422)
    assert [one["pointer"] for one in refused["errors"]] == ["#/fields/1"]
    define(hub.their_manager, schema(shelter=SHELTER))
    theirs = hub.their_manager.post("agreements", {**terms, **named("shelter")}, 201)
    hub.manager.post(f"agreements/{theirs['id']}/signature")
    case = hub.submit(met(shelter="tent"))
    offered = hub.offer(case.id, **named("shelter"))
    assert offered["fields"] == ["sex"]
    assert "own" not in hub.theirs.get(f"referrals/{offered['id']}")["shared"]
    refused = hub.manager.post(
        "agreements", {**terms, "partner_id": str(hub.receiver.organisation_id), **named("remark")}, 422
    )
    assert "stays at home" in refused["errors"][0]["detail"]
