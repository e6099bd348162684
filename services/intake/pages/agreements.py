"""Data-sharing agreements: what two organisations may tell each other; proposed, signed, ended by people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.own_fields import CODED, kind_of, own_code
from services.intake.casework.questions import Question, questions
from services.intake.casework.referrals import AskAgreement
from services.intake.commands import agreements as acts
from services.intake.commands.once import done_once
from services.intake.domain import Agreement
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, problems_of, read_answers, typed_answers
from services.intake.pages.own_shown import named_fields
from services.intake.pages.sending import CHOOSE_PARTNER
from services.intake.pages.showing import Shown, options, shown_answers
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import agreements as found
from services.intake.queries import work
from services.intake.queries.own_fields import of_every_type
from shared.access import Act, Actor, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict, InvalidInput, NotFound
from shared.pages import Language, marked, say

HERE = "/intake/agreements"
STATES: Mapping[str, str] = {
    "proposed": marked("Waits for a signature"),
    "in_force": marked("In force"),
    "not_yet": marked("Signed, not yet in force"),
    "declined": marked("Declined"),
    "over": marked("Over"),
}
ANYWHERE, UNTIL_ENDED = marked("Wherever the partner works"), marked("Until one side ends it")
Short = Annotated[str, Path(max_length=30)]


@dataclass(frozen=True)
class Deed:
    """What one side can do with an agreement."""

    title: str
    hint: str
    run: Callable[[Session, Actor, UUID], Agreement]


DEEDS: Mapping[str, Deed] = {
    "sign": Deed(
        marked("Sign this agreement"),
        marked("From then on both organisations may share under it what stands above, and nothing else."),
        acts.sign_agreement,
    ),
    "decline": Deed(
        marked("Decline this agreement"),
        marked("Nothing is shared under it. The other organisation sees that you declined it."),
        acts.decline_agreement,
    ),
    "end": Deed(
        marked("End this agreement"),
        marked(
            "From then on nothing is shared under it, and what was shared is shown no more, on both sides, at once."
        ),
        acts.end_agreement,
    ),
}
PROPOSE = marked("Propose an agreement")


@dataclass(frozen=True)
class Row:
    """An agreement in a list."""

    agreement: Agreement
    partner: str
    state: str
    words: str


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/agreements")
    def list_agreements(visit: Visited) -> Response:
        """Those that wait for the own signature first, then what counts, then what is over."""
        with desk.seat(visit) as seat:
            return _list(desk, visit, seat)

    @routes.get("/agreements/new")
    def ask_proposal(visit: Visited) -> Response:
        with desk.seat(visit) as seat:
            return _form(desk, visit, seat)

    @routes.post("/agreements/new")
    def propose(visit: Visited) -> Response:
        with desk.seat(visit) as seat:
            require(seat.actor, Act.SIGN_AGREEMENTS)
            try:
                asked = cast("AskAgreement", checked(AskAgreement, read_answers(questions(AskAgreement), visit.form)))
                if str(asked.partner_id) not in dict(_partners(seat)):
                    return _form(desk, visit, seat, (Problem("partner_id", CHOOSE_PARTNER),), 422)
                return go_to(f"{HERE}/{_propose(seat, visit.form.one('key'), asked)}?done=propose")
            except InvalidInput as error:
                return _form(desk, visit, seat, problems_of(error, questions(AskAgreement)), 422)

    @routes.get("/agreements/{agreement_id}")
    def show_agreement(visit: Visited, agreement_id: UUID, done: str = "") -> Response:
        with desk.seat(visit) as seat:
            row = found.agreement(seat.session, seat.actor, agreement_id)
            did = PROPOSE if done == "propose" else DEEDS[done].title if done in DEEDS else ""
            return _page(desk, visit, seat, row, "agreement.html", done=did)

    @routes.get("/agreements/{agreement_id}/do/{name}")
    def ask(visit: Visited, agreement_id: UUID, name: Short) -> Response:
        with desk.seat(visit) as seat:
            deed = _deed(seat, name)
            row = found.agreement(seat.session, seat.actor, agreement_id)
            return _page(desk, visit, seat, row, "agreement_deed.html", name=name, deed=deed)

    @routes.post("/agreements/{agreement_id}/do/{name}")
    def do(visit: Visited, agreement_id: UUID, name: Short) -> Response:
        with desk.seat(visit) as seat:
            deed = _deed(seat, name)
            row = found.agreement(seat.session, seat.actor, agreement_id, lock=True)
            try:
                with seat.session.begin_nested():
                    deed.run(seat.session, seat.actor, row.id)
            except Conflict as error:
                problems = (problem_in(visit.language, error),)
                return _page(
                    desk, visit, seat, row, "agreement_deed.html", status=409, errors=problems, name=name, deed=deed
                )
            return go_to(f"{HERE}/{row.id}?done={name}")


def possible(row: Agreement, actor: Actor) -> list[str]:
    """What the actor's side can do with it now."""
    if not actor.may(Act.SIGN_AGREEMENTS):
        return []
    state, own = row.state(utc_now().date()), row.organisation_id == actor.organisation_id
    if state == "proposed":
        return ["end"] if own else ["sign", "decline"]
    return ["end"] if state in {"in_force", "not_yet"} else []


def waiting_for(seat: Seat) -> int:
    """How many wait for the signature of the visitor's organisation."""
    today, own = utc_now().date(), seat.actor.organisation_id
    listed = found.agreements(seat.session, seat.actor)
    return sum(one.state(today) == "proposed" and one.receiver_id == own for one in listed)


def _deed(seat: Seat, name: str) -> Deed:
    require(seat.actor, Act.SIGN_AGREEMENTS)
    deed = DEEDS.get(name)
    if deed is None:
        raise NotFound(marked("There is no such page."))
    return deed


def _partners(seat: Seat) -> list[tuple[str, str]]:
    """With whom there may be an agreement, by name: never an authority."""
    own = seat.actor.organisation_id
    members = [one for one in queries.organisations(seat.session) if one.is_member() and one.id != own]
    return sorted(((str(one.id), one.name) for one in members), key=lambda one: one[1].casefold())


def _propose(seat: Seat, form_key: str, asked: AskAgreement) -> str:
    """The id of the proposal, also of the one that the same form led to before."""
    body = asked.model_dump(mode="json")

    def propose() -> dict[str, str]:
        return {"id": str(acts.propose_agreement(seat.session, seat.actor, asked).id)}

    key = f"page {form_key} {sorted(body.items())}"
    return str(done_once(seat.session, seat.actor, key, ["propose on a page", body], propose)["id"])


def _list(desk: Desk, visit: Visit, seat: Seat) -> Response:
    today, own = utc_now().date(), seat.actor.organisation_id
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    rows = [
        Row(one, names.get(one.partner_of(own), "–"), state, STATES[state])
        for one in found.agreements(seat.session, seat.actor)
        for state in [one.state(today)]
    ]
    return desk.page(
        visit,
        "agreements.html",
        seat,
        to_sign=[one for one in rows if one.state == "proposed" and one.agreement.receiver_id == own],
        proposed=[one for one in rows if one.state == "proposed" and one.agreement.receiver_id != own],
        counting=[one for one in rows if one.state in {"in_force", "not_yet"}],
        over=[one for one in rows if one.state in {"declined", "over"}],
        may_sign=seat.actor.may(Act.SIGN_AGREEMENTS),
        may_refer=seat.actor.may(Act.REFER_CASES),
    )


def _form(desk: Desk, visit: Visit, seat: Seat, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    require(seat.actor, Act.SIGN_AGREEMENTS)
    asked = _with_own(questions(AskAgreement), named_fields(_shareable(seat), visit.language))
    given = {
        "valid_from": utc_now().date().isoformat(),
        "partner_id": visit.request.query_params.get("partner_id", ""),
    }
    return desk.page(
        visit,
        "agreement_new.html",
        seat,
        status=status,
        title=PROPOSE,
        questions=asked,
        typed=visit.form if visit.request.method == "POST" else typed_answers(asked, given),
        options={**options(visit.language), "organisations": _partners(seat)},
        key=visit.form.one("key") or str(uuid7()),
        errors=problems,
    )


def _shareable(seat: Seat) -> dict[str, Mapping[str, Any]]:
    """Code → the field, of the own fields that an agreement may name."""
    return {
        own_code(row.case_type, name): field
        for row in of_every_type(seat.session, seat.actor).values()
        for name, field in (row.schema or {"properties": {}})["properties"].items()
        if kind_of(field) in CODED
    }


def _with_own(asked: Sequence[Question], own: Mapping[str, str]) -> list[Question]:
    """The questions, where own fields stand among what may be shared."""
    return [replace(one, codes={**one.codes, **own}) if one.name == "fields" else one for one in asked]


def _page(
    desk: Desk, visit: Visit, seat: Seat, row: Agreement, template: str, *, status: int = 200, **more: object
) -> Response:
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    state = row.state(utc_now().date())
    return desk.page(
        visit,
        template,
        seat,
        status=status,
        agreement=row,
        partner=names.get(row.partner_of(seat.actor.organisation_id), "–"),
        names=names,
        staff=work.staff_names(seat.session, seat.actor, [row.proposed_by, row.signed_by]),
        state=state,
        state_words=STATES[state],
        says=_says(row, visit.language),
        possible=possible(row, seat.actor),
        deeds=DEEDS,
        **more,
    )


def _says(row: Agreement, language: Language) -> list[Shown]:
    """Everything that it says, in the words in which it was asked."""
    told = {
        name: value
        for name in ("purposes", "fields", "countries", "valid_from", "valid_to")
        if (value := getattr(row, name))
    }
    empty = {"countries": ANYWHERE, "valid_to": UNTIL_ENDED}
    known = _with_own(questions(AskAgreement), named_fields(row.own_titles, language))
    asked = [one for one in known if one.name != "partner_id"]
    return [
        one if one.text else Shown(one.name, one.title, say(language, empty[one.name]))
        for one in shown_answers(asked, told, language)
    ]
