"""Codes: derived, forgiving to whoever types them, and silent to whoever guesses."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from services.notify.commands.family.codes import ALPHABET, code_of, find_contact, folded, keep_codes
from services.notify.commands.family.opening import try_code
from services.notify.commands.family.tries import CODES, WINDOW, TooManyTries, count_try, refuse_many
from services.notify.domain import FamilyCode, FamilyContact
from services.notify.domain.tries import FamilyTry
from services.notify.settings import CODE_LIFE
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from tests.notify.pages.visiting import Pages

SOMEBODY = "203.0.113.7"
DIGITS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "০১২৩৪৫৬৭৮৯", "၀၁၂၃၄၅၆၇၈၉", "०१२३४५६७८९", "０１２３４５６７８９")


def opens(pages: Pages, typed: str, at: Any = None) -> UUID | None:
    with reading(pages.engine) as session:
        found = find_contact(session, pages.keys, typed, at or utc_now())
        return found.id if found else None


def test_a_code_has_sixty_bits_and_is_the_same_for_the_same_message(keys: KeyRing) -> None:
    codes = {code_of(keys, UUID(int=number)) for number in range(2_000)}
    assert len(codes) == 2_000
    assert {len(one) for one in codes} == {14}
    assert set("".join(codes)) == {*ALPHABET, "-"}
    assert len(ALPHABET) ** 12 == 2**60
    assert code_of(keys, UUID(int=7)) == code_of(keys, UUID(int=7)) != code_of(KeyRing((b"k" * 32,)), UUID(int=7))


@given(st.text(alphabet=ALPHABET, min_size=12, max_size=12), st.sampled_from(DIGITS))
def test_a_code_is_understood_as_people_type_it(code: str, digits: str) -> None:
    assert folded(code) == code
    assert folded(f" {code[:4]}-{code[4:8].lower()} –\u200f{code[8:]}\n") == code
    assert folded(code.translate(str.maketrans("0123456789", digits))) == code
    assert folded(code.replace("0", "o").replace("1", "l")) == code
    assert folded(code.replace("0", "О").replace("1", "І").replace("A", "А").replace("C", "с")) == code


def test_a_code_opens_its_page_again_and_again_until_it_is_too_old(pages_on_both: Pages) -> None:
    pages, now = pages_on_both, utc_now()
    contact_id, code = pages.family()
    assert opens(pages, code) == opens(pages, code.lower().replace("-", "")) == contact_id
    assert opens(pages, code, now + CODE_LIFE - timedelta(minutes=1)) == contact_id
    assert opens(pages, code, now + CODE_LIFE + timedelta(minutes=1)) is None
    with transaction(pages.engine) as session:
        keep_codes(session, pages.keys, {code: contact_id}, now + CODE_LIFE)
    assert opens(pages, code, now + CODE_LIFE + timedelta(minutes=1)) is None
    with reading(pages.engine) as session:
        (kept,) = session.scalars(select(FamilyCode.digest))
    assert code.replace("-", "").encode() not in kept


def test_a_code_lives_on_after_the_master_key_was_changed(pages: Pages) -> None:
    contact_id, code = pages.family()
    with reading(pages.engine) as session:
        for masters, found in (
            ((b"n" * 32, *pages.keys.masters), contact_id),
            ((b"n" * 32,), None),
        ):
            contact = find_contact(session, KeyRing(masters), code, utc_now())
            assert (contact.id if contact else None) == found


def test_nobody_is_found_once_the_contact_was_withdrawn_or_erased(pages_on_both: Pages) -> None:
    pages = pages_on_both
    for change in ({"withdrawn_at": utc_now()}, {"sealed": None}):
        contact_id, code = pages.family()
        assert opens(pages, code) == contact_id
        pages.change(contact_id, **change)
        assert opens(pages, code) is None


@contextmanager
def statements(pages: Pages) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(pages.engine, "before_cursor_execute", note)
    yield asked
    event.remove(pages.engine, "before_cursor_execute", note)


def test_every_wrong_code_costs_the_same_and_is_answered_alike(pages_on_both: Pages) -> None:
    pages, asked, answers = pages_on_both, set(), set()
    withdrawn, erased, expired = pages.family(), pages.family(), pages.family()
    pages.change(withdrawn[0], withdrawn_at=utc_now())
    pages.change(erased[0], sealed=None)
    with transaction(pages.engine) as session:
        session.execute(
            FamilyCode.__table__.update()
            .where(FamilyCode.contact_id == expired[0])
            .values(expires_at=utc_now() - timedelta(minutes=1))
        )
    for typed in ("ZZZZ-ZZZZ-ZZZZ", "-", "7K4M", "ü" * 5_000, "\0", withdrawn[1], erased[1], expired[1]):
        with statements(pages) as found:
            page = pages.browser().send(status=422, code=typed)
        asked.add(tuple(found))
        answers.add(page)
    assert len(answers) == 1
    assert len(asked) == 1


@pytest.mark.parametrize("path", ["", "/genuine"])
def test_no_code_at_all_is_said_as_such_and_is_no_try(pages: Pages, path: str) -> None:
    for typed in ("", "  "):
        with statements(pages) as found:
            page = pages.browser().send(path, 422, code=typed)
        assert 'href="#code">Type the code.' in page
        assert "do not know this code" not in page
        assert not [one for one in found if "family_try" in one]


def test_after_too_many_wrong_codes_a_right_one_waits_too(pages_on_both: Pages) -> None:
    pages = pages_on_both
    contact_id, code = pages.family()
    now = utc_now()
    with transaction(pages.engine) as session:
        for _ in range(CODES.each):
            assert try_code(session, pages.keys, SOMEBODY, "wrong", now) is None
        with pytest.raises(TooManyTries) as refused:
            try_code(session, pages.keys, SOMEBODY, code, now)
        assert now < refused.value.until <= now + WINDOW
        other = try_code(session, pages.keys, "203.0.113.8", code, now)
        assert other
        assert other.id == contact_id
        again = try_code(session, pages.keys, SOMEBODY, code, refused.value.until)
        assert again
        assert again.id == contact_id


def test_right_codes_are_not_counted(pages: Pages) -> None:
    _, code = pages.family()
    with transaction(pages.engine) as session:
        for _ in range(2 * CODES.each):
            assert try_code(session, pages.keys, SOMEBODY, code, utc_now())
        assert session.scalar(select(func.count()).select_from(FamilyTry)) == 0


def test_all_together_may_not_guess_for_ever(pages: Pages) -> None:
    now = utc_now()
    with transaction(pages.engine) as session:
        count_try(session, pages.keys, CODES, SOMEBODY, now)
        session.execute(FamilyTry.__table__.update().values(times=CODES.together))
        with pytest.raises(TooManyTries):
            refuse_many(session, pages.keys, CODES, "a newcomer", now)


def test_what_is_counted_tells_nobodys_address_and_is_forgotten(pages: Pages) -> None:
    now = utc_now()
    with transaction(pages.engine) as session:
        count_try(session, pages.keys, CODES, SOMEBODY, now)
        count_try(session, pages.keys, CODES, "203.0.113.9", now)
        rows = session.execute(select(FamilyTry.who, FamilyTry.times)).all()
        assert sorted(times for _, times in rows) == [1, 1, 2]
        assert not any(SOMEBODY.encode() in who for who, _ in rows)
        count_try(session, pages.keys, CODES, SOMEBODY, now + 2 * WINDOW)
        session.expire_all()
        assert list(session.scalars(select(FamilyTry.times))) == [1, 1]


def test_opening_a_page_proves_that_the_address_is_the_familys(pages: Pages) -> None:
    contact_id, code = pages.family(bounced_at=utc_now())
    pages.browser().send("/genuine", 200, code=code)
    assert pages.contact(contact_id).bounced_at is not None
    pages.inside(code)
    contact: FamilyContact = pages.contact(contact_id)
    assert contact.bounced_at is None
    assert not contact.unverified(utc_now())


def test_many_tries_at_once_are_all_counted(pages_on_both: Pages) -> None:
    pages, now = pages_on_both, utc_now()
    with transaction(pages.engine) as session:
        for number in range(8):
            count_try(session, pages.keys, CODES, f"from before {number}", now - WINDOW)

    def count(number: int) -> None:
        with transaction(pages.engine) as session:
            count_try(session, pages.keys, CODES, f"{number % 4}", now)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, range(40)))
    with reading(pages.engine) as session:
        assert sorted(session.scalars(select(FamilyTry.times))) == [10, 10, 10, 10, 40]
