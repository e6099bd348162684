"""A language is sent once somebody has read and approved its texts as they are; until then none is, not English."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event, update

from services.notify.commands.approvals import (
    approve_language,
    approved_anywhere,
    approved_by,
    approved_languages,
    choose_language,
    withdraw_approval,
)
from services.notify.domain import LanguageApproval
from services.notify.pages import family
from services.notify.queries.page_texts import page_texts
from services.notify.wording import LANGUAGES, digest_of
from shared.access import Actor, Role
from shared.database import reading, transaction
from shared.errors import Conflict, NotAllowed, NotFound
from tests.notify.staff.conftest import NOON, Office

UNREAD = "0" * 64
FAMILY_PAGES = Path(family.__file__).parent / "locale"


def approve(office: Office, *tags: str, actor: Actor | None = None) -> None:
    with transaction(office.engine) as session:
        for tag in tags:
            approve_language(session, actor or office.actor(), tag, digest_of(tag), NOON)


def test_nothing_is_approved_at_the_beginning_not_even_english(office: Office) -> None:
    with reading(office.engine) as session:
        assert approved_languages(session, office.own) == []
        assert approved_anywhere(session) == []
        assert choose_language(session, office.own, ["en", "fr"]) is None


def test_what_is_approved_is_the_organisations_own_in_the_order_of_languages(office: Office) -> None:
    approve(office, "am", "fr")
    approve(office, "ar", actor=office.actor(other=True))
    with reading(office.engine) as session:
        assert approved_languages(session, office.own) == ["fr", "am"]
        assert approved_languages(session, office.other) == ["ar"]
        assert approved_anywhere(session) == ["fr", "ar", "am"]


def test_the_first_wanted_language_that_is_approved_is_chosen(office: Office) -> None:
    approve(office, "fr", "pt")
    with reading(office.engine) as session:
        assert choose_language(session, office.own, ["ti", "pt", "fr"]) == "pt"
        assert choose_language(session, office.own, ["pt-BR"]) == "pt"
        assert choose_language(session, office.own, ["ti", "en"]) is None


def test_the_approvals_of_many_organisations_are_one_question(office: Office) -> None:
    approve(office, "fr")
    asked: list[str] = []
    with reading(office.engine) as session:
        listening = session.connection()
        event.listen(listening, "before_cursor_execute", lambda *call: asked.append(call[2]))
        found = approved_by(session, [office.own, office.other])
    assert found == {office.own: frozenset({"fr"}), office.other: frozenset()}
    assert len(asked) == 1


def test_a_changed_text_makes_the_language_a_draft_again(office: Office) -> None:
    approve(office, "fr", "es")
    with transaction(office.engine) as session:
        session.execute(update(LanguageApproval).where(LanguageApproval.language == "fr").values(digest=UNREAD))
    with reading(office.engine) as session:
        assert approved_languages(session, office.own) == ["es"]
    approve(office, "fr")
    with reading(office.engine) as session:
        assert approved_languages(session, office.own) == ["fr", "es"]


def test_only_the_texts_that_were_read_are_approved(office: Office) -> None:
    with pytest.raises(Conflict, match="read them again"), transaction(office.engine) as session:
        approve_language(session, office.actor(), "fr", UNREAD, NOON)
    with pytest.raises(Conflict), transaction(office.engine) as session:
        approve_language(session, office.actor(), "fr", digest_of("es"), NOON)
    with pytest.raises(NotFound), transaction(office.engine) as session:
        approve_language(session, office.actor(), "tlh", UNREAD, NOON)
    with reading(office.engine) as session:
        assert approved_anywhere(session) == []


def test_a_manager_or_a_data_protection_officer_approves_and_no_system(office: Office) -> None:
    approve(office, "fr", actor=office.actor(Role.DATA_PROTECTION_OFFICER))
    system = Actor(office.own, roles=frozenset({Role.CASE_MANAGER}))
    for actor in (office.actor(Role.CASE_WORKER), office.actor(Role.ADMINISTRATOR), system):
        with pytest.raises(NotAllowed), transaction(office.engine) as session:
            approve_language(session, actor, "es", digest_of("es"), NOON)
    with pytest.raises(NotAllowed), transaction(office.engine) as session:
        withdraw_approval(session, office.actor(Role.CASE_WORKER), "fr")
    with reading(office.engine) as session:
        assert approved_languages(session, office.own) == ["fr"]


def test_an_approval_is_withdrawn_for_the_own_organisation_alone(office: Office) -> None:
    approve(office, "fr")
    approve(office, "fr", actor=office.actor(other=True))
    with transaction(office.engine) as session:
        withdraw_approval(session, office.actor(), "fr")
        withdraw_approval(session, office.actor(), "fr")
    with reading(office.engine) as session:
        assert approved_languages(session, office.own) == []
        assert approved_languages(session, office.other) == ["fr"]


def test_every_language_of_families_can_be_approved(office: Office) -> None:
    approve(office, *LANGUAGES)
    with reading(office.engine) as session:
        assert approved_languages(session, office.own) == list(LANGUAGES)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_families_read_on_their_pages_is_read_with_the_messages(tag: str) -> None:
    texts = page_texts(tag, (FAMILY_PAGES,))
    assert len(texts) > 20
    assert all(texts)
    english = set(page_texts("en", (FAMILY_PAGES,)))
    assert tag == "en" or len(english.intersection(texts)) < len(texts) / 4
