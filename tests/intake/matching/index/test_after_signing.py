"""Behind a signature whoever the two organisations look for is compared anew, some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from services.intake.commands.match_index import take_turn
from services.intake.commands.matches import after_signing
from services.intake.domain import Agreement
from shared.database import reading, transaction, utc_now
from tests.intake.matching.index.conftest import Matched
from tests.intake.matching.proposals.conftest import MANAGER, Kept


@pytest.fixture
def parted(hub: Matched, monkeypatch: pytest.MonkeyPatch) -> Matched:
    """The two have no agreement, and everybody was compared."""
    monkeypatch.setattr(after_signing, "MARKED_AT_ONCE", 2)
    hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
    return hub


def due(hub: Matched, kept: Kept) -> bool:
    row = hub.record(kept)
    return row is not None and row.next_attempt_at is not None and row.next_attempt_at <= utc_now()


@contextmanager
def written(hub: Matched) -> Iterator[list[str]]:
    """The statements that change a record of the index meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "match_record" in statement and not statement.startswith("SELECT"):
            found.append(statement)

    event.listen(hub.engine, "before_cursor_execute", note)
    yield found
    event.remove(hub.engine, "before_cursor_execute", note)


def test_signing_marks_nobody_and_the_chore_everybody_who_is_sought_some_at_a_time(parted: Matched) -> None:
    everybody = [parted.sought(f"{name} Quillfeather") for name in ("Zubeida", "Perpetua", "Ottoline")]
    found = parted.found()
    parted.work()
    assert (parted.pairs(), [due(parted, one) for one in everybody]) == ([], [False] * 3)
    with written(parted) as statements:
        parted.agree()
    assert statements == []
    assert [due(parted, one) for one in everybody] == [False] * 3
    assert parted.mark_after_signing() == 2
    assert sum(due(parted, one) for one in everybody) == 2
    assert (parted.mark_after_signing(), parted.mark_after_signing()) == (1, 0)
    assert [due(parted, one) for one in (*everybody, found)] == [True, True, True, False]
    parted.work()
    assert (everybody[0].person, found.person) in parted.pairs()


def test_what_breaks_off_goes_on_where_it_was(parted: Matched) -> None:
    everybody = [parted.sought() for _ in range(4)]
    parted.work()
    parted.agree()
    parted.mark_after_signing()
    with pytest.raises(KeyboardInterrupt):
        _mark_and_break_off(parted)
    assert sum(due(parted, one) for one in everybody) == 2
    assert (parted.mark_after_signing(), parted.mark_after_signing()) == (2, 0)
    assert sum(due(parted, one) for one in everybody) == 4


def _mark_and_break_off(hub: Matched) -> None:
    with transaction(hub.engine) as session:
        after_signing.mark_after_signing(session)
        raise KeyboardInterrupt


def test_what_is_worked_on_just_now_is_compared_again_and_what_is_due_keeps_its_place(parted: Matched) -> None:
    one, another = parted.sought(), parted.sought("Perpetua Quillfeather")
    parted.work()
    parted.agree()
    for kept in (one, another):
        parted.basis(kept, "public_interest")
    with transaction(parted.engine) as session:
        claim = take_turn(session, utc_now())
    assert (claim and claim.person_id, due(parted, another)) == (another.person, False)
    place = parted.record(one)
    assert parted.mark_after_signing() == 2
    assert place is not None
    assert parted.record(one).next_attempt_at == place.next_attempt_at  # type: ignore[union-attr] # it is there
    assert due(parted, another)


def test_two_signatures_are_seen_to_one_after_the_other(parted: Matched) -> None:
    kept = parted.sought()
    parted.work()
    parted.agree()
    parted.agree()
    assert [parted.mark_after_signing() for _ in range(3)] == [1, 1, 0]
    assert due(parted, kept)
    with reading(parted.engine) as session:
        assert session.scalars(select(Agreement.looked_again_to)).all() == [None] * 3
