"""Transactions: all or nothing, woken after the commit, in turn; reading disturbs nobody."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, Text, event, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from shared.database import SeveralStatements, UtcDateTime, put_row, reading, single_write, transaction
from shared.rows import insert_rows
from shared.sqlite_files import FairLock
from shared.wakes import bind_finish, bind_wake, wake
from tests.databases import Databases

HERE = MetaData()
entry = Table("entry", HERE, Column("name", Text, primary_key=True), Column("at", UtcDateTime))


@pytest.fixture
def engine(database: Databases) -> Any:
    engine = database.empty()
    HERE.create_all(engine)
    return engine


def names(engine: Any) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(entry.c.name).order_by(entry.c.name)))


def test_a_transaction_commits_at_the_end_of_its_block(engine: Any) -> None:
    with transaction(engine) as session:
        session.execute(insert(entry).values(name="a"))
        assert names(engine) == []
    assert names(engine) == ["a"]


def test_a_transaction_that_raises_leaves_nothing_and_frees_its_lock(engine: Any) -> None:
    def fail() -> None:
        with transaction(engine) as session:
            session.execute(insert(entry).values(name="a"))
            raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            fail()
    assert names(engine) == []


def test_a_savepoint_takes_back_what_was_said_on_the_connection_alone(engine: Any) -> None:
    def fail(session: Session) -> None:
        with session.begin_nested():
            session.connection().execute(insert(entry).values(name="b"))
            raise KeyError

    with transaction(engine) as session:
        session.connection().execute(insert(entry).values(name="a"))
        with pytest.raises(KeyError):
            fail(session)
        session.connection().execute(insert(entry).values(name="c"))
    assert names(engine) == ["a", "c"]


def test_a_row_of_a_known_key_is_replaced_and_no_other(engine: Any) -> None:
    first, second = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    with transaction(engine) as session:
        for name, at in (("a", first), ("b", first), ("a", second)):
            put_row(session, entry, name=name, at=at)
    with reading(engine) as session:
        assert [tuple(row) for row in session.execute(select(entry).order_by(entry.c.name))] == [
            ("a", second),
            ("b", first),
        ]


def test_a_single_write_is_committed_and_wakes_and_one_that_fails_leaves_nothing(engine: Any) -> None:
    seen: list[list[str]] = []
    bind_wake(engine, "jobs", lambda: seen.append(names(engine)))
    with single_write(engine) as session:
        wake(session, "jobs")
        session.connection().execute(insert(entry).values(name="a"))
    assert seen == [["a"]]

    def fail() -> None:
        with single_write(engine) as session:
            wake(session, "jobs")
            session.connection().execute(insert(entry).values(name="a"))

    with pytest.raises(IntegrityError):
        fail()
    assert (names(engine), seen) == (["a"], [["a"]])
    with transaction(engine) as session:  # on the connection that comes back
        session.execute(insert(entry).values(name="c"))
        assert names(engine) == ["a"]


def test_a_single_write_refuses_what_takes_several_statements(postgres: Databases) -> None:
    engine = postgres.empty()
    HERE.create_all(engine)
    with pytest.raises(SeveralStatements), single_write(engine) as session:
        insert_rows(session, entry, [{"name": "a", "at": None}])
    assert names(engine) == []


def test_rows_are_inserted_with_their_types(engine: Any) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with transaction(engine) as session:
        insert_rows(session, entry, [{"name": "a", "at": moment}, {"name": "b", "at": None}])
    with reading(engine) as session:
        assert {name: at for name, at in session.execute(select(entry.c.name, entry.c.at))} == {"a": moment, "b": None}


def test_a_waker_is_called_once_after_the_commit_and_never_after_a_rollback(engine: Any) -> None:
    seen: list[list[str]] = []
    bind_wake(engine, "jobs", lambda: seen.append(names(engine)))
    with transaction(engine) as session:
        wake(session, "jobs")
        session.execute(insert(entry).values(name="a"))
        wake(session, "jobs")
        wake(session, "nobody bound this")
        assert seen == []
    assert seen == [["a"]]

    def fail() -> None:
        with transaction(engine) as session:
            wake(session, "jobs")
            session.execute(insert(entry).values(name="a"))

    with pytest.raises(IntegrityError):
        fail()
    assert seen == [["a"]]


def test_a_waker_that_fails_changes_nothing_and_tells_no_text(engine: Any, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("amqp://guest:canary@broker")

    bind_wake(engine, "jobs", fail)
    with transaction(engine) as session:
        session.execute(insert(entry).values(name="a"))
        wake(session, "jobs")
    assert names(engine) == ["a"]
    assert [record.getMessage() for record in caplog.records] == ["wake failed"]
    assert "canary" not in str([vars(record) for record in caplog.records])


def test_reading_waits_for_no_writer_and_sees_no_half_of_it(engine: Any) -> None:
    with transaction(engine) as session:
        session.execute(insert(entry).values(name="a"))
        begun = time.monotonic()
        for _ in range(20):
            assert names(engine) == []
        assert time.monotonic() - begun < 5


def test_reading_writes_nothing(engine: Any) -> None:
    with reading(engine, snapshot=True) as session:
        before = list(session.scalars(select(entry.c.name)))
        with transaction(engine) as writing:
            writing.execute(insert(entry).values(name="a"))
        assert list(session.scalars(select(entry.c.name))) == before
    assert names(engine) == ["a"]


def test_a_commit_that_is_broken_off_leaves_no_half_transaction_to_the_next(engine: Any) -> None:
    for opened in (transaction, reading):

        def break_off(_connection: Any) -> None:
            raise KeyboardInterrupt

        event.listen(engine, "commit", break_off)
        with pytest.raises(KeyboardInterrupt), opened(engine) as session:
            session.scalar(select(entry.c.name))
        event.remove(engine, "commit", break_off)
        with engine.connect() as connection:
            driver = connection.connection.dbapi_connection
            assert not getattr(driver, "in_transaction", False)
            assert engine.dialect.name == "sqlite" or driver.info.transaction_status.name == "IDLE"
        assert names(engine) == []


def test_statements_that_are_read_again_stay_prepared(postgres: Databases) -> None:
    engine = postgres.empty()
    HERE.create_all(engine)
    for _ in range(10):
        names(engine)
    with reading(engine) as session:
        prepared = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("ORDER BY entry.name" in one for one in prepared)


def test_times_come_back_aware_and_in_utc(engine: Any) -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, 89, timezone(timedelta(hours=3)))
    with transaction(engine) as session:
        session.execute(insert(entry).values(name="a", at=moment))
    with reading(engine) as session:
        found = session.scalar(select(entry.c.at))
    assert found == moment
    assert found.tzinfo == UTC
    with pytest.raises(StatementError), transaction(engine) as session:
        session.execute(insert(entry).values(name="b", at=datetime(2026, 1, 1)))  # noqa: DTZ001 - is refused


def test_an_error_text_never_holds_a_value(engine: Any) -> None:
    def twice() -> None:
        with transaction(engine) as session:
            session.execute(insert(entry), [{"name": "canary-1"}, {"name": "canary-1"}])

    with pytest.raises(IntegrityError) as caught:
        twice()
    assert "canary" not in str(caught.value).partition("DETAIL")[0]


def test_the_fair_lock_serves_its_waiters_in_the_order_they_came() -> None:
    lock, served, waiting = FairLock(), [], []
    lock.acquire()

    def wait(number: int) -> None:
        lock.acquire()
        served.append(number)
        lock.release()

    for number in range(8):
        thread = threading.Thread(target=wait, args=(number,))
        thread.start()
        waiting.append(thread)
        until = time.monotonic() + 10
        while len(lock._waiters) <= number and time.monotonic() < until:
            time.sleep(0.001)
    lock.release()
    for thread in waiting:
        thread.join()
    assert served == list(range(8))
    lock.acquire()
    lock.release()


def test_what_finishes_a_transaction_belongs_to_it_and_is_followed_by_its_word(engine: Any) -> None:
    said: list[str] = []

    def finish(session: Any) -> Any:
        session.execute(insert(entry).values(name="b"))
        return lambda: said.append(f"after {names(engine)}")

    bind_finish(engine, "last", finish)
    with transaction(engine) as session:
        session.execute(insert(entry).values(name="a"))
        wake(session, "last")
        wake(session, "last")
    assert said == ["after ['a', 'b']"]

    def again() -> None:
        with transaction(engine) as session:
            session.execute(insert(entry).values(name="c"))
            wake(session, "last")

    with pytest.raises(IntegrityError):
        again()
    assert names(engine) == ["a", "b"]
    assert len(said) == 1
