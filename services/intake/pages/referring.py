"""A case is referred: the form, exactly what would be shared, and only then it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import commands
from services.intake.casework.own_answers import own_codes
from services.intake.casework.questions import Question, questions
from services.intake.casework.referrals import FIELDS, AskReferral
from services.intake.casework.service_directory import DOUBTS
from services.intake.commands import referrals as acts
from services.intake.domain import Agreement, Case, ServiceEntry
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.directory import WORDS, row_of
from services.intake.pages.fields import Problem, read_answers
from services.intake.pages.own_shown import named_fields
from services.intake.pages.preview import digest_of, kept_fields, preview_page
from services.intake.pages.sending import (
    Sending,
    answers_told,
    form_page,
    limited,
    receivers_under,
    sendable,
    sent_or_looked_at,
    why_closed,
)
from services.intake.pages.showing import options
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import agreements, directory
from services.intake.queries.agreements import Standing
from services.intake.queries.attachments import offerable
from services.intake.queries.directory import Service
from shared.access import Act
from shared.database import utc_now
from shared.errors import NotFound
from shared.pages import Language, marked

WHY_NOT: Mapping[Standing, str] = {
    "none": marked("Your organisation has no data-sharing agreement with this one yet."),
    "proposed": marked("An agreement with this organisation waits for a signature."),
    "not_yet": marked("The agreement with this organisation is signed, and not yet in force."),
    "elsewhere": marked("The agreement with this organisation does not cover this country."),
}
"""Why a service cannot be chosen, by how it stands between the two organisations."""
FROM_ENTRY = frozenset({"receiver_id", "service", "service_entry_id"})
"""What a service of the directory answers by itself."""


@dataclass(frozen=True)
class Partners:
    """Who may be asked, and what the agreements with them let through."""

    receivers: Sequence[tuple[str, str]]
    purposes: frozenset[str]
    fields: frozenset[str]
    rows: Sequence[Agreement]
    """Every agreement of the own organisation."""
    own_titles: Mapping[str, Mapping[str, Any]]
    """Code → the wording of each own field that may pass."""


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/refer")
    def ask(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            return _form(desk, visit, seat, sendable(seat, case_id, Act.REFER_CASES))

    @routes.post("/cases/{case_id}/refer")
    def refer(visit: Visited, case_id: UUID) -> Response:
        """Look at what would be shared, change it, or send it, as the button says."""
        with desk.seat(visit) as seat:
            case, chosen = sendable(seat, case_id, Act.REFER_CASES, lock=True), _chosen(seat, visit)
            partners = partners_of(seat)
            sending = Sending(
                act="refer",
                into=AskReferral,
                questions=_asked(partners, chosen, case, visit.language),
                receivers=None if chosen else dict(partners.receivers),
                seen_too=doubts_of(chosen),
                form=partial(_form, desk, visit, seat, case),
                preview=partial(_preview, desk, visit, seat, case),
                given=_answered_by(chosen),
            )
            return sent_or_looked_at(visit, seat, case, sending)


def partners_of(seat: Seat) -> Partners:
    """The organisations with which an agreement is in force today, by name."""
    own, today = seat.actor.organisation_id, utc_now().date()
    every = agreements.agreements(seat.session, seat.actor)
    counting = [one for one in every if one.state(today) == "in_force" and agreements.lets_share(one, own)]
    return Partners(
        receivers_under(seat, counting),
        frozenset(code for one in counting for code in one.purposes),
        frozenset(code for one in counting for code in one.fields),
        every,
        {
            code: words
            for one in counting
            if one.organisation_id == own
            for code, words in (one.own_titles or {}).items()
        },
    )


def standing_of(seat: Seat, partners: Partners, entry: ServiceEntry) -> Standing:
    """Whether that service may be chosen: how it stands with who provides it, in its country."""
    own, country = seat.actor.organisation_id, directory.country_of(entry.place)
    return agreements.standing_with(partners.rows, own, entry.provider_id, country, utc_now().date())


def _chosen(seat: Seat, visit: Visit) -> Service | None:
    """The service of the directory that the address or the form names. Raises `NotFound`."""
    named = visit.form.one("service_entry_id") or visit.request.query_params.get("service_entry_id", "")
    if not named:
        return None
    try:
        return directory.service(seat.session, seat.actor, UUID(named))
    except ValueError:
        raise NotFound(marked("There is no such page.")) from None


def _answered_by(chosen: Service | None) -> dict[str, Any]:
    if chosen is None:
        return {}
    entry = chosen.entry
    return {"receiver_id": str(entry.provider_id), "service": entry.category, "service_entry_id": str(entry.id)}


def _asked(partners: Partners, chosen: Service | None, case: Case, language: Language) -> Sequence[Question]:
    """What is asked: of purposes and fields, those that an agreement lets through; not what the service answers."""
    answered = FROM_ENTRY if chosen else {"service_entry_id"}
    answered = answered if "attachments" in partners.fields else answered | {"attachments"}
    named = own_codes(partners.own_titles, case.type)
    own = named_fields({code: partners.own_titles[code] for code in sorted(named)}, language)
    asked = [
        replace(one, codes={**one.codes, **own}) if one.name == "fields" else one
        for one in questions(AskReferral)
        if one.name not in answered
    ]
    return limited(asked, partners.purposes, (partners.fields - {"attachments"}) | named)


def _attached(seat: Seat, case: Case) -> list[tuple[str, str]]:
    """What can be ticked of the case's photos and documents; that the titles were read is recorded."""
    offered = offerable(seat.session, case)
    whom = {one.row.person_id for one in offered if one.row.person_id}
    commands.note_view(seat.session, seat.actor, "attachment", case.id, sorted(whom))
    return [(str(one.row.id), one.title) for one in offered]


def doubts_of(chosen: Service | None) -> list[str]:
    """What whoever refers somebody there is warned of, in sentences."""
    return [DOUBTS[code] for code in chosen.entry.doubts(utc_now())] if chosen else []


def _form(
    desk: Desk, visit: Visit, seat: Seat, case: Case, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    partners, chosen = partners_of(seat), _chosen(seat, visit)
    asked = _asked(partners, chosen, case, visit.language)
    standing = WHY_NOT.get(standing_of(seat, partners, chosen.entry), "") if chosen else ""
    attached = _attached(seat, case)
    only = {"country": directory.country_of(chosen.entry.place) or ""} if chosen else {}
    return form_page(
        desk,
        visit,
        seat,
        case,
        "refer.html",
        [one for one in asked if one.kind != "attachments" or attached],
        {**only, "receiver_id": visit.request.query_params.get("receiver_id", "")},
        problems,
        status,
        partners=partners,
        why_not=why_closed(case, visit.language) or standing,
        chosen=row_of(seat, chosen, visit.language, utc_now()) if chosen else None,
        doubts=doubts_of(chosen),
        words=WORDS,
        options={**options(visit.language), "organisations": partners.receivers, "attachments": attached},
    )


def _preview(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    asked: AskReferral,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    agreement, share, fields = acts.what_would_be_shared(seat.session, seat.actor, case, asked)
    partners, chosen = partners_of(seat), _chosen(seat, visit)
    all_asked = _asked(partners, chosen, case, visit.language)
    ticked = [*asked.fields, *(["attachments"] if asked.attachments else [])]
    unshared = [one for one in ticked if one not in fields]
    words = {**FIELDS, **next(one.codes for one in all_asked if one.name == "fields")}
    return preview_page(
        desk,
        visit,
        seat,
        case,
        share,
        problems,
        status,
        chosen=chosen.entry if chosen else None,
        doubts=doubts_of(chosen),
        back_to=f"/intake/cases/{case.id}/refer" + (f"?service_entry_id={chosen.entry.id}" if chosen else ""),
        receiver=dict(partners.receivers).get(str(asked.receiver_id), "–"),
        answers=answers_told(asked, visit.language),
        agreement=agreement,
        unshared=[words.get(one, one) for one in unshared],
        kept=kept_fields(all_asked, read_answers(all_asked, visit.form)),
        hidden={
            "key": visit.form.one("key"),
            "seen": digest_of(share, agreement.id, *doubts_of(chosen)),
            **({"service_entry_id": str(chosen.entry.id)} if chosen else {}),
        },
        send=marked("Send it"),
    )
