"""The account of a storm over families: every message ended, none was lost, and what went out twice is flagged.

It compares what the providers took with what is in notify's database. A difference is an AssertionError that names it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select

from services.notify.domain import Attempt, Notification, Receipt
from services.notify.domain.statuses import FINAL
from shared.crypto import KeyRing
from shared.database import reading
from shared.events import AttentionRequested, FamilyMessageStatusChanged, Logged
from shared.events.envelope import PARTITIONS, readable
from shared.messaging.feed import read_log
from shared.messaging.sequencer import Sequencer

FAILURES = {"temporary-failure", "permanent-failure", "technical-failure"}
WITH_ATTENTION = {"permanent-failure", "technical-failure", "outcome-unknown", "expired"}
"""Ends to which a case worker must see."""
KINDS = {kind.TYPE: kind for kind in (AttentionRequested, FamilyMessageStatusChanged)}
SHOWN = 5


@dataclass
class FamilyAccount:
    """What differs, in words; empty when everything is as it must be."""

    messages: Mapping[UUID, Notification]
    attempts: Mapping[UUID, Attempt]
    told: Sequence[AttentionRequested | FamilyMessageStatusChanged]
    failed: Collection[UUID]
    """Attempts of which the provider, or nobody but us, said that they failed."""
    differences: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, engine: Engine, keys: KeyRing) -> FamilyAccount:
        """Read what notify knows."""
        sequencer = Sequencer(engine)
        while sequencer.sequence():
            pass
        with reading(engine) as session:
            messages = {one.id: one for one in session.scalars(select(Notification))}
            attempts = {one.id: one for one in session.scalars(select(Attempt))}
            failed = set(session.scalars(select(Receipt.attempt_id).where(Receipt.result.in_(FAILURES))))
            logged = [one for p in range(PARTITIONS) for one in read_log(session, "notify", p, 0, 10_000_000)]
        told = [_fact(one, keys) for one in logged if one.type in KINDS]
        account = cls(messages, attempts, told, failed)
        account._count()
        return account

    def close(self) -> None:
        """Raise an AssertionError that names every difference."""
        assert not self.differences, "The account does not balance: " + "; ".join(self.differences)

    def ended(self, written: Sequence[UUID]) -> FamilyAccount:
        """Those that were written are there, they alone, and each is at its end."""
        self._differ("lost", [str(one) for one in written if one not in self.messages])
        known = set(written)
        self._differ("nobody wrote it", [f"{one} {m.kind}" for one, m in self.messages.items() if one not in known])
        ended = FINAL | {"outcome-unknown"}
        open_ones = [m for m in self.messages.values() if m.status not in ended or m.next_attempt_at is not None]
        self._differ("not ended", [f"{m.id} {m.status}" for m in open_ones])
        arrived = {a.notification_id for a in self.attempts.values() if a.outcome == "delivered"}
        broken_off = [a for a in self.attempts.values() if a.outcome is None and a.notification_id not in arrived]
        self._differ("attempt without an outcome", [str(a.id) for a in broken_off])
        return self

    def taken(self, counted: Mapping[UUID, int]) -> FamilyAccount:
        """What the providers took, by the attempt's id: all of it is recorded, and what went out twice is flagged."""
        self._differ("taken, but never recorded", [str(one) for one in counted if one not in self.attempts])
        twice = [f"{one} {times} times" for one, times in counted.items() if times > 1]
        self._differ("one attempt taken more than once", twice)
        by_message: defaultdict[UUID, list[Attempt]] = defaultdict(list)
        for one in counted:
            if one in self.attempts:
                by_message[self.attempts[one].notification_id].append(self.attempts[one])
        doubled = {one: taken for one, taken in by_message.items() if _may_have_arrived(taken) > 1}
        self.done["messages taken more than once"] = sum(len(taken) > 1 for taken in by_message.values())
        self.done["of them perhaps read twice"] = len(doubled)
        self._differ("doubled, but not flagged", [str(m) for m in doubled if not self.messages[m].maybe_twice])
        never = [m.id for m in self.messages.values() if m.status == "delivered" and m.id not in by_message]
        self._differ("delivered, but never taken", [str(one) for one in never])
        return self

    def by_message(self, counted: Mapping[UUID, int]) -> Counter[UUID]:
        """What a provider took that knows no reference of ours, counted by message, as counts by attempt: first those
        of which it told us its id, then those of which nobody knows more. What is left over was taken too often."""
        found: Counter[UUID] = Counter()
        for message, times in counted.items():
            tried = [one for one in self.attempts.values() if one.notification_id == message]
            tried.sort(key=lambda one: (one.provider_id is None, one.outcome in FAILURES, one.started_at))
            for place in range(times):
                found[tried[min(place, len(tried) - 1)].id if tried else message] += 1
        return found

    def news(self) -> FamilyAccount:
        """News was never sent again unless a provider had said that it failed."""
        tried: defaultdict[UUID, list[Attempt]] = defaultdict(list)
        for one in sorted(self.attempts.values(), key=lambda one: one.started_at):
            if self.messages[one.notification_id].kind == "news":
                tried[one.notification_id].append(one)
        blindly = [a for attempts in tried.values() for a in attempts[:-1] if a.id not in self.failed]
        self.done["news"] = len(tried)
        self._differ("news sent again blindly", [f"{a.notification_id} after {a.outcome}" for a in blindly])
        return self

    def events(self) -> FamilyAccount:
        """A case worker is asked once to see to what did not arrive, and the case shows how each message ended."""
        asked = Counter((one.request_id, one.reason) for one in self.told if isinstance(one, AttentionRequested))
        self._differ("asked more than once", [f"{one} {why} {n} times" for (one, why), n in asked.items() if n > 1])
        people = {one for one, _ in asked}
        wanted = [m for m in self.messages.values() if m.status in WITH_ATTENTION]
        self._differ("nobody was asked to see to it", [f"{m.id} {m.status}" for m in wanted if m.id not in people])
        last = {one.notification_id: one.status for one in self.told if isinstance(one, FamilyMessageStatusChanged)}
        wrong = [m for m in self.messages.values() if last.get(m.id) != m.status]
        self._differ("the case shows another end", [f"{m.id} {m.status}, not {last.get(m.id)}" for m in wrong])
        self.done["attention asked for"] = sum(asked.values())
        return self

    def _count(self) -> None:
        self.done["messages"] = len(self.messages)
        self.done["attempts"] = len(self.attempts)
        self.done["flagged"] = sum(m.maybe_twice for m in self.messages.values())
        self.done["contradictory receipts"] = sum(a.contradictory for a in self.attempts.values())
        for status, number in Counter(m.status for m in self.messages.values()).items():
            self.done[f"messages {status}"] = number

    def _differ(self, what: str, found: Sequence[str]) -> None:
        if found:
            more = f" … and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            self.differences.append(f"{what}: {len(found)} ({', '.join(found[:SHOWN])}{more})")


def _may_have_arrived(attempts: Sequence[Attempt]) -> int:
    return sum(one.outcome not in FAILURES for one in attempts)


def _fact(logged: Logged[Any], keys: KeyRing) -> AttentionRequested | FamilyMessageStatusChanged:
    fact = readable(logged, KINDS[logged.type], keys).event
    assert isinstance(fact, AttentionRequested | FamilyMessageStatusChanged)
    return fact
