"""A paused channel sends nothing for that organisation, and what waited goes out once it is resumed."""

from __future__ import annotations

import pytest

from services.notify.commands.pauses import pause_channel, paused, resume_channel
from services.notify.domain import ChannelPause
from services.notify.settings import JOBS
from shared.access import Actor, Role
from shared.database import reading, transaction
from shared.errors import NotAllowed, NotFound
from shared.wakes import bind_wake
from tests.notify.staff.conftest import NOON, Office


def test_a_pause_is_of_one_channel_and_one_organisation(office: Office) -> None:
    with transaction(office.engine) as session:
        pause_channel(session, office.actor(), "sms")
        pause_channel(session, office.actor(other=True), "email")
    with reading(office.engine) as session:
        assert paused(session) == {(office.own, "sms"), (office.other, "email")}
    with transaction(office.engine) as session:
        resume_channel(session, office.actor(), "sms")
        resume_channel(session, office.actor(), "email")
    with reading(office.engine) as session:
        assert paused(session) == {(office.other, "email")}


def test_a_pause_that_is_there_keeps_who_made_it_and_when(office: Office) -> None:
    first = office.actor()
    with transaction(office.engine) as session:
        pause_channel(session, first, "sms", NOON)
        pause_channel(session, office.actor(Role.ADMINISTRATOR), "sms")
    with reading(office.engine) as session:
        pause = session.get_one(ChannelPause, (office.own, "sms"))
        assert (pause.paused_by, pause.paused_at) == (first.user_id, NOON)


def test_what_waited_is_looked_at_as_soon_as_a_channel_is_resumed(office: Office) -> None:
    woken: list[str] = []
    bind_wake(office.engine, JOBS, lambda: woken.append("now"))
    with transaction(office.engine) as session:
        pause_channel(session, office.actor(), "sms")
    assert woken == []
    with transaction(office.engine) as session:
        resume_channel(session, office.actor(), "sms")
    assert woken == ["now"]


def test_a_manager_or_an_administrator_pauses_and_no_system(office: Office) -> None:
    system = Actor(office.own, roles=frozenset({Role.CASE_MANAGER}))
    for actor in (office.actor(Role.CASE_WORKER), office.actor(Role.DATA_PROTECTION_OFFICER), system):
        with pytest.raises(NotAllowed), transaction(office.engine) as session:
            pause_channel(session, actor, "sms")
    with pytest.raises(NotFound), transaction(office.engine) as session:
        pause_channel(session, office.actor(), "pigeon")
    with reading(office.engine) as session:
        assert paused(session) == set()
