"""What can be recorded of a person to protect it: each with its form, who may, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.casework.forms import Form
from services.intake.casework.protection import AskBasis, AskErasure, AskHold, AskRequest, AskStop, AskWish
from services.intake.commands import protection as acts
from shared.access import Act, Actor
from shared.pages import marked


@dataclass(frozen=True)
class Deed:
    """Something that is recorded of a person, on a page of its own."""

    title: str
    act: Act
    run: Callable[[Session, Actor, UUID, Any], object]
    form: type[Form] | None = None
    hint: str = ""


def _basis(session: Session, actor: Actor, person_id: UUID, told: AskBasis) -> object:
    return acts.record_legal_basis(session, actor, person_id, **told.__dict__)


def _withdrawal(session: Session, actor: Actor, person_id: UUID, told: AskStop) -> object:
    return acts.withdraw_consent(session, actor, person_id, **told.__dict__)


def _objection(session: Session, actor: Actor, person_id: UUID, told: AskStop) -> object:
    return acts.record_objection(session, actor, person_id, **told.__dict__)


def _wish(session: Session, actor: Actor, person_id: UUID, told: AskWish) -> object:
    return acts.share_with_nobody(session, actor, person_id, wish=told.wish)


def _request(session: Session, actor: Actor, person_id: UUID, told: AskRequest) -> object:
    return acts.receive_request(session, actor, person_id, **told.__dict__)


def _hold(session: Session, actor: Actor, person_id: UUID, told: AskHold) -> object:
    return acts.place_legal_hold(session, actor, person_id, told.reason)


def _lift(session: Session, actor: Actor, person_id: UUID, _told: None) -> object:
    return acts.lift_legal_hold(session, actor, person_id)


def _erasure(session: Session, actor: Actor, person_id: UUID, told: AskErasure) -> object:
    return acts.propose_erasure(session, actor, person_id, told.reason)


DEEDS: Mapping[str, Deed] = {
    "basis": Deed(marked("Record why the data may be used"), Act.RECORD_LEGAL_BASES, _basis, AskBasis),
    "withdrawal": Deed(
        marked("Record that consent was taken back"),
        Act.RECORD_LEGAL_BASES,
        _withdrawal,
        AskStop,
        marked("It counts at once, and everywhere."),
    ),
    "objection": Deed(
        marked("Record an objection"),
        Act.RECORD_LEGAL_BASES,
        _objection,
        AskStop,
        marked("It counts at once, and everywhere, whatever the data was used by before."),
    ),
    "wish": Deed(marked("Record the wish to share with nobody"), Act.RECORD_LEGAL_BASES, _wish, AskWish),
    "request": Deed(marked("Record what the person asks for"), Act.ANSWER_SUBJECTS, _request, AskRequest),
    "hold": Deed(
        marked("Place a legal hold"),
        Act.APPROVE_ERASURE,
        _hold,
        AskHold,
        marked("While it lasts nothing of this person is erased, whoever asks for it."),
    ),
    "lift": Deed(marked("Lift the legal hold"), Act.APPROVE_ERASURE, _lift),
    "erasure": Deed(
        marked("Propose to erase this person"),
        Act.PROPOSE_ERASURE,
        _erasure,
        AskErasure,
        marked("A second person must approve it. Erased is then what is known of the person, and what cases tell."),
    ),
}
