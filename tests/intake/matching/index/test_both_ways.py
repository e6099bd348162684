"""Who is submitted is compared with whoever is there already: both ways."""

from __future__ import annotations

from tests.intake.matching.index.conftest import NAME, Matched


def test_a_request_finds_the_registration_that_was_there_before_it(hub: Matched) -> None:
    found = hub.found()
    hub.work()
    assert hub.pairs() == []
    sought = hub.sought()
    hub.work()
    assert hub.pairs() == [(sought.person, found.person)]


def test_a_registration_finds_the_request_that_was_there_before_it(hub: Matched) -> None:
    sought = hub.sought()
    hub.work()
    found = hub.found()
    hub.work()
    assert hub.pairs() == [(sought.person, found.person)]


def test_another_name_is_no_match(hub: Matched) -> None:
    hub.sought(NAME)
    hub.found("Bartholomew Oxenstierna", sex="male", birth={"year": 1950})
    hub.work()
    assert hub.pairs() == []


def test_two_on_one_side_are_not_compared(hub: Matched) -> None:
    hub.found()
    hub.found()
    hub.work()
    assert hub.pairs() == []
