"""Matches: a sought person and a found one may be the same. Each side sees its own; the enquirer's none before its
release."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.api.requests import Credential, IdempotencyKey, IfMatch, Json, actor_of
from services.intake.casework.forms import Form
from services.intake.casework.matching import STATES, STEPS, Side
from services.intake.commands.matches import looking, steps
from services.intake.commands.once import done_once
from services.intake.domain import Match, MatchStep
from services.intake.queries import matches as found
from services.intake.queries.match_view import MatchView, reason_told
from services.intake.schemas.matches import (
    MatchOffer,
    MatchOut,
    MatchPage,
    MatchShown,
    MatchStepIn,
    MatchStepOut,
)
from services.intake.settings import V1
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import NotFound
from shared.openapi import documented
from shared.web import etag, expected_version, validated

_STEP = TypeAdapter(MatchStepIn)
StepName = Annotated[str, Path(max_length=30)]
States = Annotated[list[str], Query(alias="state", max_length=len(STATES), description="These states alone.")]


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.get("/matches", response_model=MatchPage)
    def list_matches(
        credential: Credential,
        side: Annotated[
            Side | None, Query(description="`holder`: of found people; `enquirer`: of sought ones.")
        ] = None,
        states: States = [],  # noqa: B006 - FastAPI copies it
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=found.PAGE)] = found.PAGE,
    ) -> MatchPage:
        """What one of the own cases may match, the newest first."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            rows, following = found.matches(session, actor, side=side, states=states, after=after, limit=limit)
            return MatchPage(items=[told_to(session, one, actor) for one in rows], next=following)

    @routes.get("/cases/{case_id}/matches", response_model=list[MatchOut])
    def list_of_case(case_id: UUID, credential: Credential) -> list[MatchOut]:
        """The matches of one of the own cases, the likest first."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            return [told_to(session, one, actor) for one in found.of_case(session, case, actor)]

    @routes.get("/matches/{match_id}", response_model=MatchShown)
    def show_match(match_id: UUID, credential: Credential, response: Response) -> MatchShown:
        """One match with both records side by side; that they were looked at is recorded."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            view = looking.look_at(session, actor, match_id)
            response.headers["ETag"] = etag(view.match.version)
            return _shown(view)

    @routes.post("/matches/{match_id}/steps/{name}", response_model=MatchOut, openapi_extra=documented(MatchStepIn))
    def take_step(
        match_id: UUID,
        name: StepName,
        body: Json,
        credential: Credential,
        response: Response,
        side: Annotated[
            Side | None, Query(description="Where both records are the own organisation's: as which side.")
        ] = None,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Any:
        """Release, reject, ask, answer, confirm, take back, undo or reconsider: as the side and state allow."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            found.match(session, actor, match_id)
            asked: MatchStepIn = validated(_STEP, body)
            said = _said(name, asked)

            def take() -> dict[str, Any]:
                expected = expected_version(if_match)
                row = steps.take_step(
                    *(session, actor, match_id, name, said), side=side, reason=asked.reason, expected=expected
                )
                return told_to(session, row, actor).model_dump(mode="json")

            told = done_once(session, actor, idempotency_key, ["match step", match_id, name, side, body], take)
        response.headers["ETag"] = etag(told["version"])
        return told

    return routes


def _said(name: str, asked: MatchStepIn) -> Form:
    """The step's form, filled with what was posted. Raises `NotFound` for no step, `InvalidInput` for the form."""
    step = next((one for one in STEPS if one.name == name), None)
    if step is None:
        raise NotFound("There is no such step.")
    told = asked.model_dump(mode="json", exclude_none=True, include=set(step.form.model_fields))
    filled: Form = validated(TypeAdapter(step.form), told)
    return filled


def told_to(session: Session, row: Match, actor: Actor) -> MatchOut:
    """A match as the actor's side may know it."""
    return _told(row, found.sides_of(session, row, actor))


def _told(row: Match, sides: tuple[Side, ...]) -> MatchOut:
    holds = "holder" in sides
    return MatchOut(
        id=row.id,
        reference=row.reference,
        sides=list(sides),
        case_id=row.found_case_id if holds else row.sought_case_id,
        other_case_id=row.sought_case_id if len(sides) == 2 else None,
        other_organisation_id=row.sought_organisation_id if holds else row.found_organisation_id,
        state=row.state,
        version=row.version,
        band=row.band,
        probability=row.probability,
        child=row.child,
        proposed_at=row.proposed_at if holds else None,
        released_at=row.released_at,
        confirmed_at=row.confirmed_at,
        due_at=row.due_at,
        reminded=row.reminded,
        reason=reason_told(row, sides),
        again=holds and row.round > 1,
    )


def _shown(view: MatchView) -> MatchShown:
    row = view.match
    return MatchShown(
        **_told(row, view.sides).model_dump(),
        fields=list(view.fields),
        hidden_because=view.hidden_because,
        agrees_to=row.agrees_to,
        of_dead=row.released_at is not None and row.agrees_to is None,
        history=[
            MatchStepOut(
                number=one.step.number,
                at=one.step.at,
                side=one.step.side,
                user_id=one.step.user_id if one.step.side in view.sides else None,
                what=one.step.what,
                reason=one.step.reason if _is_told_why(one.step, view.sides) else None,
                text=one.said.get("text"),
            )
            for one in view.history
        ],
        possible=[
            MatchOffer(name=step.name, side=step.side, title=step.title, reasons=list(step.reasons))
            for step in view.steps
        ],
    )


def _is_told_why(step: MatchStep, sides: tuple[Side, ...]) -> bool:
    """Why a match was withdrawn is the matter of the side whose reason it is."""
    return step.what not in {"withdraw", "take_back"} or step.side is None or step.side in sides
