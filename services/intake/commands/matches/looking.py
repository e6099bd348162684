"""Somebody looks at a match: that it saw these people's data is recorded."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.commands.views import note_views
from services.intake.queries.match_view import MatchView, match_view
from shared.access import Actor

SEEN_AS = "match"
"""The purpose under which it stands in the trail of reads."""


def look_at(session: Session, actor: Actor, match_id: UUID) -> MatchView:
    """A match with both records, and the note that the actor saw them: in its own organisation's trail, which the other
    side does not read. Raises `NotFound`."""
    view = match_view(session, actor, match_id)
    note_views(session, actor, SEEN_AS, view.looked_at)
    return view
