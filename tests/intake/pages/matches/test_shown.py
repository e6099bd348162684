"""What the pages of a possible match show, and to whom."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.intake.domain import Case, PersonViewed
from services.intake.matching import Comparison, Term
from shared.database import reading, transaction, uuid7
from tests.intake.matching.proposals.conftest import FOUND, MANAGER, SOUGHT
from tests.intake.pages.matches.conftest import (
    CONFIRM_FORM,
    REJECT_FORM,
    Desks,
    text_of,
)


def test_before_the_release_no_page_of_the_enquirer_tells_of_a_match(desks: Desks) -> None:
    enquirer = desks.enquirer(MANAGER)
    sought = desks.hub.request()
    listed = (
        "/intake/matches",
        "/intake/matches?view=sought&show=all",
        "/intake/my-work",
        f"/intake/cases/{sought.case}",
    )
    before = [enquirer.open(path) for path in listed]
    desks.hub.propose(sought, desks.hub.registered())
    path = f"/intake/matches/{desks.hub.rows()[0].id}"
    assert [enquirer.open(one) for one in listed] == before
    for one in (path, f"{path}/decided", f"{path}/decided?done=release"):
        there = enquirer.open(one, 404)
        assert there.replace(path, "") == enquirer.open(one.replace(path, f"/intake/matches/{uuid7()}"), 404).replace(
            path, ""
        ).replace(enquirer.answer.url.path, "")
    for form in (CONFIRM_FORM, {"do": "look_further"}, {}):
        enquirer.open("/intake/matches")
        enquirer.send(path, form, 404)


def test_a_third_organisation_finds_nothing(desks: Desks) -> None:
    _, found, path = desks.pair()
    desks.hub.release(found, path.rpartition("/")[2])
    stranger = desks.pages.browser(MANAGER, of=desks.hub.stranger)
    stranger.open(path, 404)
    stranger.open(f"{path}/decided", 404)
    assert "Nothing waits for you" in stranger.open("/intake/matches")
    stranger.send(path, REJECT_FORM, 404)


def test_a_withdrawn_match_shows_the_own_record_alone_and_asks_nothing(desks: Desks) -> None:
    sought, _, path = desks.pair()
    desks.hub.no(sought)
    page = text_of(desks.holder().open(path))
    assert FOUND in page
    assert SOUGHT not in page
    assert "nothing of the other record is shown" in page
    assert "Record the decision" not in page
    assert "Weight of evidence" not in page


def test_the_weights_as_they_are_written_add_up_to_their_sum(desks: Desks) -> None:
    terms = (
        Term("prior", "unknown", "how_rare_a_match_is", -5.05),
        *(Term(field, "partial", "name_same", 1.25) for field in ("name", "father", "mother")),
        *(Term(field, "different", "sex_different", -0.149) for field in ("sex", "nationality", "marks")),
        Term("birth", "strong", "same_day", 6.449),
    )
    sought, found = desks.hub.request(), desks.hub.registered()
    desks.hub.propose(sought, found, Comparison(sum(one.bits for one in terms), 0.97, terms))
    page = desks.holder().open(f"/intake/matches/{desks.hub.rows()[0].id}")
    written = [float(one.replace("\N{MINUS SIGN}", "-")) for one in re.findall(r'<bdi dir="ltr">([^<]+)</bdi>', page)]
    assert len(written) == len(terms) + 1
    assert sum(written[:-1]) == pytest.approx(written[-1])
    assert written[-1] == pytest.approx(sum(one.bits for one in terms), abs=0.051)
    assert all(
        abs(shown - one.bits) < 0.1
        for shown, one in zip(sorted(written[:-1]), sorted(terms, key=lambda one: one.bits), strict=True)
    )


def test_what_an_agreement_keeps_back_is_neither_shown_nor_to_be_reckoned_from_the_weights(desks: Desks) -> None:
    hub = desks.hub
    hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
    hub.agree(fields=["names", "sex"])
    _, _, path = desks.pair(mother_name="Halima Petronell")
    page = text_of(desks.holder().open(path))
    assert "Not shared with you" in page
    assert "H. P." not in page
    assert "Together +9.0" in page
    assert "Where it begins" not in page


def test_every_look_stands_in_the_own_trail_of_reads_and_lists_tell_of_nobody(desks: Desks) -> None:
    sought, found, path = desks.pair()
    holder = desks.holder()
    holder.open("/intake/my-work")
    before = seen(desks)
    assert SOUGHT not in holder.open("/intake/matches?view=found&show=all")
    assert FOUND not in holder.page
    holder.open(f"{path}/decided")
    assert seen(desks) == before
    holder.open(path)
    holder.send(path, {}, 422)
    added = seen(desks)[len(before) :]
    ours = desks.pages.own.organisation_id
    assert set(added) == {(ours, found.person, "match"), (ours, sought.person, "match")}
    assert len(added) == 4


def seen(desks: Desks) -> list[tuple[Any, Any, str]]:
    with reading(desks.pages.engine) as session:
        rows = session.execute(select(PersonViewed.organisation_id, PersonViewed.person_id, PersonViewed.purpose))
        return [(one.organisation_id, one.person_id, one.purpose) for one in rows]


def test_a_restricted_case_hides_its_match_from_who_may_not_see_the_case(desks: Desks) -> None:
    _, found, path = desks.pair()
    with transaction(desks.pages.engine) as session:
        session.execute(update(Case).where(Case.id == UUID(found.case)).values(restricted=True))
    desks.holder().open(path, 404)
    desks.holder(MANAGER).open(path)


def test_the_pages_speak_the_readers_language(desks: Desks) -> None:
    _, found, path = desks.pair()
    desks.hub.release(found, path.rpartition("/")[2])
    for by, tag, words in (
        (desks.holder(), "ar", "هل هذان السجلان للشخص نفسه؟"),
        (desks.enquirer(), "fr", "Ces deux fiches concernent-elles la même personne ?"),
    ):
        by.open(f"/intake/language/{tag}", 303)
        page = by.open(path)
        assert words in page
        for english in ("The names are the same.", "Strong", "Record the decision", "What happens next", "Confirm it"):
            assert english not in page


def test_what_the_other_side_did_stands_in_the_timeline_as_the_other_organisations(desks: Desks) -> None:
    sought, found, path = desks.pair()
    desks.hub.release(found, path.rpartition("/")[2])
    enquirer = desks.enquirer()
    page = text_of(enquirer.open(f"/intake/cases/{sought.case}"))
    assert re.search(r"A match was released to the enquirer.{1,5}s organisation [^·]+ · The other organisation ", page)
    assert "A system of this organisation" not in page
    desks.hub.no(found)
    page = text_of(enquirer.open(f"/intake/cases/{sought.case}"))
    assert re.search(r"A match was withdrawn [^·]+ · The other organisation, or automatically", page)
