"""The erasure journal: whom a database restored from a backup must erase again. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert, select

from shared.database import is_sqlite, reading, transaction
from shared.erasures import Journal, Scrub, forget_person, settle
from shared.errors import MisconfiguredError
from shared.vault import data_key, vault_of
from tests.factories import ORGANISATION, Factory

Open = Callable[[str], Engine]


def with_key(engine: Engine, owner: UUID) -> UUID:
    with transaction(engine) as session:
        session.execute(insert(data_key), vault_of(session).fresh([owner], ORGANISATION)[1])
    return owner


def opens(engine: Engine, owner: UUID) -> bool:
    with reading(engine) as session:
        return owner in vault_of(session).open(session, [owner])


def erase(engine: Engine, person: UUID, *cases: UUID) -> None:
    with transaction(engine) as session:
        forget_person(session, person, cases)


def test_an_erasure_is_in_the_journal_once_it_is_committed(database: Open, factory: Factory, tmp_path: Path) -> None:
    engine, journal = database("notify"), Journal(tmp_path / "data" / "erasures.jsonl")
    settle(engine, journal, forget_person)
    person, cases = factory.id(), factory.cases(2)
    erase(engine, person, *cases)
    assert journal.read() == {person: frozenset(cases)}
    erase(engine, person, *cases)
    assert len(journal.file.read_text().splitlines()) == 2


def test_what_a_crash_kept_out_of_the_journal_is_written_at_the_next_start(
    database: Open, factory: Factory, tmp_path: Path
) -> None:
    engine, journal = database("notify"), Journal(tmp_path / "erasures.jsonl")
    person, (case,) = factory.id(), factory.cases(1)
    erase(engine, person, case)
    assert journal.read() == {}
    assert settle(engine, journal, forget_person) == 0
    assert journal.read() == {person: frozenset({case})}


def test_a_database_that_does_not_know_of_an_erasure_erases_again_before_it_serves(
    database: Open, factory: Factory, tmp_path: Path
) -> None:
    engine, journal = database("notify"), Journal(tmp_path / "erasures.jsonl")
    person, other = with_key(engine, factory.id()), with_key(engine, factory.id())
    journal.add({person: frozenset(factory.cases(1))})
    assert settle(engine, journal, forget_person) == 1
    assert (opens(engine, person), opens(engine, other)) == (False, True)
    assert settle(engine, journal, forget_person) == 0


def test_a_line_that_a_crash_cut_off_is_written_again(database: Open, factory: Factory, tmp_path: Path) -> None:
    engine, journal = database("notify"), Journal(tmp_path / "erasures.jsonl")
    first, second, (case,) = factory.id(), factory.id(), factory.cases(1)
    erase(engine, first, case)
    settle(engine, journal, forget_person)
    journal.file.write_bytes(journal.file.read_bytes() + b'{"person": "0190')
    erase(engine, second, case)
    assert journal.read() == {first: frozenset({case}), second: frozenset({case})}


def test_a_damaged_journal_stops_the_start(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "erasures.jsonl")
    journal.file.write_text("nothing of the kind\n")
    with pytest.raises(MisconfiguredError, match="damaged"):
        journal.read()


def test_a_scrub_runs_once_for_each_erasure(database: Open, factory: Factory) -> None:
    engine = database("notify")
    scrub = Scrub(engine)
    assert not scrub.run()
    person = with_key(engine, factory.id())
    with reading(engine) as session:
        wrapped = session.scalar(select(data_key.c.wrapped))
    erase(engine, person, *factory.cases(1))
    assert scrub.run()
    assert not scrub.run()
    if is_sqlite(engine):
        file = Path(str(engine.url.database))
        assert wrapped not in file.read_bytes() + file.with_name(f"{file.name}-wal").read_bytes()
