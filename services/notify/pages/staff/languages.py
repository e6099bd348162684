"""Languages of messages to families: every text is read as it goes out, and then approved, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from services.notify.commands.approvals import approve_language, withdraw_approval
from services.notify.pages.staff import words
from services.notify.pages.staff.desk import Desk
from services.notify.pages.staff.visits import Visit, Visited
from services.notify.queries import staff
from services.notify.queries.page_texts import texts_beside
from services.notify.wording import LANGUAGES, Rendered, samples
from shared.access import Act
from shared.database import utc_now
from shared.errors import Conflict
from shared.pages.signed_in import Seat, go_to

HERE = "/notify/languages"
SHOWN_CHANNELS = ("sms", "email", "voice")
"""A file says the words of a text message."""
SOURCE = "en"
"""What every other language is translated from, and stands beside it."""
Tag = Annotated[str, Path(max_length=20)]


@dataclass(frozen=True)
class KindOfText:
    """A kind of message with its texts, channel by channel, and what each is a translation of."""

    title: str
    texts: Sequence[tuple[str, Rendered, Rendered]]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/languages")
    def list_languages(visit: Visited) -> Response:
        """Which of them are sent."""
        with desk.seat(visit) as seat:
            found = staff.languages(seat.session, seat.actor)
            return desk.page(
                visit, "languages.html", seat, found=found, spoken=LANGUAGES, here=HERE, **_known(visit, seat)
            )

    @routes.get("/languages/{tag}")
    def read_language(visit: Visited, tag: Tag, done: str = "") -> Response:
        """Every text; the button stands below them."""
        with desk.seat(visit) as seat:
            return _page(desk, visit, seat, tag, done=done)

    @routes.post("/languages/{tag}/approve")
    def approve(visit: Visited, tag: Tag) -> Response:
        """The texts as they stood on the page that was read."""
        with desk.seat(visit, Act.APPROVE_LANGUAGES) as seat:
            try:
                approve_language(seat.session, seat.actor, tag, visit.form.one("digest"), utc_now())
            except Conflict:
                return _page(desk, visit, seat, tag, status=409)
            return go_to(f"{HERE}/{tag}?done=approved")

    @routes.post("/languages/{tag}/withdraw")
    def withdraw(visit: Visited, tag: Tag) -> Response:
        """Nothing goes out in it any more."""
        with desk.seat(visit, Act.APPROVE_LANGUAGES) as seat:
            withdraw_approval(seat.session, seat.actor, tag)
            return go_to(f"{HERE}/{tag}?done=withdrawn")


def _page(desk: Desk, visit: Visit, seat: Seat, tag: str, *, status: int = 200, done: str = "") -> Response:
    found = staff.language(seat.session, seat.actor, tag)
    return desk.page(
        visit,
        "language.html",
        seat,
        status=status,
        found=found,
        spoken=LANGUAGES[tag],
        kinds=texts_of(tag),
        page_texts=texts_beside(tag),
        source=LANGUAGES[SOURCE],
        deeds=staff.deeds(seat.session, seat.actor, [tag]),
        deed_words=words.DEEDS,
        channels=words.CHANNELS,
        here=f"{HERE}/{tag}",
        done=done,
        changed=status == 409,
        may_approve=seat.actor.may(Act.APPROVE_LANGUAGES) and seat.actor.user_id is not None,
        **_known(visit, seat),
    )


def texts_of(tag: str) -> list[KindOfText]:
    """Every text of a language, kind by kind."""
    pairs = zip(samples(tag), samples(SOURCE), strict=True)
    shown = [(*one, english) for one, (_, _, english) in pairs if one[1] in SHOWN_CHANNELS]
    return [
        KindOfText(words.kind_in_words(kind), [(channel, text, english) for _, channel, text, english in texts])
        for kind, texts in groupby(shown, key=lambda one: one[0])
    ]


def _known(visit: Visit, seat: Seat) -> dict[str, Any]:
    return {"own_id": seat.actor.user_id, "language_name": lambda tag: words.language_in(visit.language, tag)}
