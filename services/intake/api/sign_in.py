"""Signing in and out, and the own user, for programs that people use. Pages do the same by cookie."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import Engine

from services.intake import commands, queries
from services.intake.api.requests import Credential, actor_of
from services.intake.commands import Refusal
from services.intake.credentials import hashed_password
from services.intake.schemas.access import (
    CodeIn,
    EnrolmentOut,
    InvitationIn,
    LanguageIn,
    PasswordIn,
    SessionOut,
    SignInIn,
    TicketIn,
    TicketOut,
    UserOut,
)
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import NotAuthenticated


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)
    _add_sign_in(routes, engine)
    _add_own_user(routes, engine, keys)
    return routes


def _add_sign_in(routes: APIRouter, engine: Engine) -> None:
    @routes.post("/sign-in")
    def begin(asked: SignInIn) -> TicketOut:
        """The first step. A wrong name, a wrong password and a locked name take the same time."""
        with reading(engine) as session:
            tried = commands.try_password(session, asked.sign_in_name, asked.password)
        with transaction(engine) as session:
            step = commands.begin_sign_in(session, tried)
        return _next_step(step)

    @routes.post("/sign-in/second-factor")
    def enrol(asked: TicketIn) -> EnrolmentOut:
        """The second factor to enrol, where there is none yet."""
        with transaction(engine) as session:
            enrolment = commands.enrol_second_factor(session, asked.ticket)
        return EnrolmentOut(secret=enrolment.secret, address=enrolment.address)

    @routes.post("/sign-in/finish")
    def finish(asked: CodeIn) -> SessionOut:
        """The second step, and a session."""
        with transaction(engine) as session:
            begun = commands.finish_sign_in(session, asked.ticket, asked.code)
        if isinstance(begun, Refusal):
            raise NotAuthenticated(begun.sentence)
        return SessionOut(session=begun.secret, ends_at=begun.ends_at, recovery_codes=begun.recovery_codes)

    @routes.post("/invitations/accept")
    def accept(asked: InvitationIn) -> TicketOut:
        """Choose a password; then the second factor."""
        with reading(engine) as session:
            invited = queries.invited(session, asked.invitation)
        about = (invited.user.sign_in_name, invited.user.display_name, invited.organisation)
        password_hash = hashed_password(asked.password, about)
        with transaction(engine) as session:
            return _next_step(commands.accept_invitation(session, asked.invitation, password_hash))


def _next_step(step: commands.Ticket | Refusal) -> TicketOut:
    if isinstance(step, Refusal):
        raise NotAuthenticated(step.sentence)
    return TicketOut(ticket=step.secret, enrols=step.enrols)


def _add_own_user(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/me")
    def show_me(credential: Credential) -> UserOut:
        """The user who is signed in."""
        with reading(engine) as session:
            return UserOut.model_validate(queries.own_user(session, actor_of(session, keys, credential)))

    @routes.put("/me/language")
    def choose_language(asked: LanguageIn, credential: Credential) -> UserOut:
        """The language of the own pages."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return UserOut.model_validate(commands.change_language(session, actor, asked.language))

    @routes.put("/me/password", status_code=204)
    def change_password(asked: PasswordIn, credential: Credential) -> Response:
        """Change the own password; other sessions end."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            user, organisation = queries.own_user(session, actor), queries.member(session, actor.organisation_id)
            tried = commands.try_password(session, user.sign_in_name, asked.present)
        about = (user.sign_in_name, user.display_name, organisation.name)
        password_hash = hashed_password(asked.new, about)
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            refused = commands.change_password(session, actor, tried, password_hash, keep=credential)
        if refused is not None:
            raise NotAuthenticated(refused.sentence)
        return Response(status_code=204)

    @routes.post("/sign-out", status_code=204)
    def leave(credential: Credential) -> Response:
        """End this session."""
        with transaction(engine) as session:
            actor_of(session, keys, credential)
            commands.sign_out(session, credential)
        return Response(status_code=204)

    @routes.post("/sign-out/everywhere", status_code=204)
    def leave_everywhere(credential: Credential) -> Response:
        """End every session of the own user."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            commands.end_sessions(session, queries.own_user(session, actor).id)
        return Response(status_code=204)
