"""People counted once over a whole period: by a token that leads to nobody, and goes when the person is erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from services.reporting.domain import Base, ServedPerson, TokenKey
from services.reporting.indicators.indicator import Services
from services.reporting.subscribers import erase_again
from shared.crypto import KeyRing
from shared.database import reading, table_of, transaction
from shared.operators.keys import rewrap
from shared.vault import data_key
from shared.vault import erased as erased_here
from tests.factories import ANOTHER_ORGANISATION
from tests.reporting.facts.world import FACTORY, QUARTER, SERVICES, Counting, erased, served, women

UNIQUE, FED = SERVICES[4:]


def test_a_person_served_twice_counts_once_in_the_cell_of_the_latest_service(counting: Counting) -> None:
    person = FACTORY.id()
    counting.tell(
        served(women(1, person, age_band="50-59", nationality="SYR"), on=date(2026, 8, 3), place="LBN2"),
        served(women(1, person), on=date(2026, 7, 30), place="LBN1"),
        served(women(1, person, age_band="60-69"), on=date(2026, 10, 1)),
    )
    (cells,) = counting.count(UNIQUE)
    assert (cells.total, cells.facts, cells.unlinked, cells.attributed) == (1, 2, 0, None)
    assert cells.by["age"] == {"50-59": 1}
    assert cells.by["sex_age_disability"] == {"female|50-59|without": 1}
    assert (cells.by["nationality"], cells.by["place"]) == ({"SYR": 1}, {"LBN2": 1})


def test_on_one_day_the_later_record_of_a_case_counts(counting: Counting) -> None:
    person, case = FACTORY.id(), FACTORY.id()
    counting.tell(served(women(1, person), case=case), served(women(1, person, disability="with"), case=case))
    assert counting.count(UNIQUE)[0].by["disability"] == {"with": 1}


def test_people_are_counted_anew_for_each_period_and_never_summed(counting: Counting) -> None:
    person = FACTORY.id()
    counting.tell(*(served(women(1, person), on=date(2026, month, 10)) for month in (7, 8, 9)))
    assert counting.trend(UNIQUE) == {"unique": {"2026-07": 1, "2026-08": 1, "2026-09": 1}}
    assert counting.count(UNIQUE)[0].total == 1


def test_who_carries_no_token_is_counted_once_per_delivery(counting: Counting) -> None:
    person = FACTORY.id()
    counting.tell(served(women(3, person), women(2, sex="male")), served(women(3, person)), served(women(2)))
    (cells,) = counting.count(UNIQUE)
    assert (cells.total, cells.unlinked) == (1 + 2 + 2 + 2 + 2, 8)
    assert cells.by["sex"] == {"female": 7, "male": 2}


def test_a_category_and_a_grant_count_their_own_people(counting: Counting) -> None:
    one, other = FACTORY.id(), FACTORY.id()
    counting.tell(
        served(women(1, one), grants={"g1": "50"}),
        served(women(1, one), category="water", grants={"g2": "50"}),
        served(women(1, other), category="water"),
        served(women(1, other), organisation_id=ANOTHER_ORGANISATION),
    )
    assert [cells.total for cells in counting.count(UNIQUE, FED)] == [2, 1]
    assert [cells.total for cells in counting.count(UNIQUE, FED, grant="g2")] == [1, 0]
    assert counting.count(UNIQUE, organisation_id=ANOTHER_ORGANISATION)[0].total == 1


@pytest.mark.parametrize(("first", "last"), [QUARTER, (date(2026, 7, 5), date(2026, 8, 20))])
def test_an_erased_person_leaves_its_counts_and_no_token(counting: Counting, first: date, last: date) -> None:
    person, other, case, second = (FACTORY.id() for _ in range(4))
    counting.tell(
        served(women(1, person), case=case, on=date(2026, 7, 6)),
        served(women(2, person, other), case=case),
        served(women(1, person), case=second, on=date(2026, 8, 20)),
    )
    whole = counting.count(*SERVICES[:4], first=first, last=last)
    assert counting.count(UNIQUE, first=first, last=last)[0].total == 2
    counting.tell(erased(case, person), erased(second, person))
    (cells,) = counting.count(UNIQUE, first=first, last=last)
    assert (cells.total, cells.unlinked) == (4, 3), "its three deliveries are no longer known to be one person's"
    assert counting.count(*SERVICES[:4], first=first, last=last) == whole
    with reading(counting.engine) as session:
        tokens = session.scalars(select(ServedPerson.token)).all()
    assert sorted(token is None for token in tokens) == [False, True, True, True]


def test_what_arrives_after_an_erasure_carries_no_token_either(counting: Counting) -> None:
    person, case = FACTORY.id(), FACTORY.id()
    counting.tell(served(women(1), case=case), erased(case, person))
    counting.tell(served(women(1, person), case=FACTORY.id()))
    with reading(counting.engine) as session:
        assert session.scalars(select(ServedPerson.token)).all() == [None]


def test_a_restored_backup_forgets_the_person_again(counting: Counting) -> None:
    person, case = FACTORY.id(), FACTORY.id()
    counting.tell(served(women(1, person), case=case))
    with transaction(counting.engine) as session:
        erase_again(session, person, frozenset({case}))
    with reading(counting.engine) as session:
        assert session.scalars(select(ServedPerson.token)).all() == [None]
        assert session.scalars(select(erased_here.c.person_id)).all() == [person]


def test_no_table_of_reporting_holds_a_persons_id(counting: Counting) -> None:
    person = FACTORY.id()
    counting.tell(served(women(1, person)))
    assert counting.count(UNIQUE)[0].unlinked == 0
    with reading(counting.engine) as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(select(table)).all()
            assert not [row for row in rows if str(person) in str(row) or person.hex in str(row)], table.name


def test_two_installations_have_different_tokens(
    counting: Counting, database: Callable[[str], Engine], keys: KeyRing
) -> None:
    other = Counting(database, keys)
    person = FACTORY.id()
    for one in (counting, other):
        one.tell(served(women(1, person)))
    assert _tokens(counting).isdisjoint(_tokens(other))


def test_a_token_outlives_the_rotation_of_the_master_key(counting: Counting) -> None:
    person = FACTORY.id()
    counting.tell(served(women(1, person)))
    rotated = KeyRing((b"n" * 32, *counting.keys.masters))
    later = counting.consumer_of(counting.engine)
    later.keys = rotated
    counting.record(served(women(1, person)))
    counting.catch_up(later)
    assert len(_tokens(counting)) == 1
    with reading(counting.engine) as session:
        named = session.scalars(select(TokenKey.key_id)).all()
    assert named == [counting.keys.current]
    assert "token_key" in rewrap(counting.engine, Base.metadata, {}), "so that an old master key can go"


def _tokens(counting: Counting) -> set[UUID]:
    with reading(counting.engine) as session:
        return {token for token in session.scalars(select(ServedPerson.token)) if token is not None}


def test_the_key_of_tokens_is_kept_encrypted(counting: Counting) -> None:
    counting.tell(served(women(1, FACTORY.id())), served(women(1, FACTORY.id())))
    with reading(counting.engine) as session:
        (row,) = session.execute(select(table_of(TokenKey))).all()
        assert len(row.secret) == 12 + 32 + 16, "nonce, secret and tag"
        assert session.scalar(select(data_key.c.owner_id)) is None


def test_facts_behind_people_counted_once_are_all_their_deliveries(counting: Counting) -> None:
    person = FACTORY.id()
    counting.tell(served(women(1, person)), served(women(1, person)))
    assert len(counting.behind(Services("people"))) == counting.count(UNIQUE)[0].facts == 2
