"""Nothing goes out by a channel for an organisation until somebody of it says so: a flood, a fault, a doubt."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.notify.commands.deeds import note_deed
from services.notify.domain import ChannelPause, Notification
from services.notify.settings import JOBS
from shared.access import Act, Actor, require
from shared.database import table_of, upsert, utc_now
from shared.errors import NotAllowed, NotFound
from shared.wakes import wake

CHANNELS = ("sms", "email", "voice")
"""By which families are reached, as their contacts name them."""


def pause_channel(session: Session, actor: Actor, channel: str, now: datetime | None = None) -> None:
    """Hold back what would go out by this channel for the actor's organisation. A pause that is there stays as it is.

    Raises `NotAllowed` for whoever may not, and for a system; `NotFound` for what is no channel to families.
    """
    require(actor, Act.PAUSE_CHANNELS)
    if actor.user_id is None:
        raise NotAllowed("A person pauses a channel: sign in.")
    at, table = now or utc_now(), table_of(ChannelPause)
    row = {"organisation_id": actor.organisation_id, "channel": _known(channel)}
    paused = upsert(session, table).values(**row, paused_by=actor.user_id, paused_at=at).on_conflict_do_nothing()
    if session.execute(paused.returning(table.c.channel)).first() is not None:
        note_deed(session, actor, "paused", channel, at)


def resume_channel(session: Session, actor: Actor, channel: str) -> None:
    """Let what was held back go out now. Once more changes nothing. Raises as `pause_channel`."""
    require(actor, Act.PAUSE_CHANNELS)
    own = ChannelPause.organisation_id == actor.organisation_id
    theirs = delete(ChannelPause).where(own, ChannelPause.channel == _known(channel))
    if session.scalar(theirs.returning(ChannelPause.channel)) is not None:
        note_deed(session, actor, "resumed", channel, utc_now())
    held = Notification.organisation_id == actor.organisation_id, Notification.status == "held"
    waits = Notification.reason == "paused", Notification.next_attempt_at.is_not(None)
    session.execute(update(Notification).where(*held, *waits).values(next_attempt_at=utc_now()))
    wake(session, JOBS)


def paused(session: Session) -> set[tuple[UUID, str]]:
    """Every (organisation, channel) by which nothing goes out now."""
    return {(one, channel) for one, channel in session.execute(_PAUSED)}


def _known(channel: str) -> str:
    if channel not in CHANNELS:
        raise NotFound("There is no such channel to families.")
    return channel


_PAUSED = select(ChannelPause.organisation_id, ChannelPause.channel)
