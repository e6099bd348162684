"""Whatever happens in whatever order, each case's events take effect once and in order."""

from __future__ import annotations

import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.crypto import KeyRing
from shared.database import transaction
from shared.errors import Conflict, DomainError
from shared.events.envelope import GENESIS
from shared.messaging import replay
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.inlet import Inlet
from shared.messaging.log import record
from shared.messaging.publisher import Publisher
from tests.backbone.broker import Broker
from tests.backbone.test_crash_points import Crash, Fuse, OnePass, fused
from tests.backbone.world import LISTENER, SOURCE, World, assert_gapless
from tests.databases import Databases, SqliteCopies
from tests.factories import Factory

CASES = 4
case_numbers = st.integers(0, CASES - 1)


class Backbone(RuleBasedStateMachine):
    """Two services, a broker in memory, and all that may go wrong."""

    copies: SqliteCopies
    keys: KeyRing

    @initialize()
    def start(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.broker, self.factory = Broker(), Factory()
        self.broker.install(self.patch)
        self.databases = Databases(self.copies, self.keys)
        self.world = World(self.databases, self.keys)
        self.cases = self.factory.cases(3, partition=0) + self.factory.cases(1, partition=1)
        self.persons = [self.factory.id() for _ in self.cases]
        self.sick: set[str] = set()
        self.erased: dict[str, set[int]] = {}
        self.publisher = Publisher(self.world.source, SOURCE, "memory")
        self.world.poison = lambda event: DomainError("no") if event.subject in self.sick else None
        for partition in range(8):
            self.broker.declare(LISTENER, SOURCE, partition)

    @rule(numbers=st.lists(case_numbers, min_size=1, max_size=4), kept=st.booleans())
    def record_notes(self, numbers: list[int], kept: bool) -> None:
        with transaction(self.world.source) as session:
            facts = [self.factory.note(self.cases[n], person_id=self.persons[n]) for n in numbers]
            record(session, *facts)
            if not kept:
                session.rollback()

    @rule(number=case_numbers)
    def record_erasure(self, number: int) -> None:
        with transaction(self.world.source) as session:
            record(session, self.factory.erasure(self.cases[number], self.persons[number]))
        subject = f"case/{self.cases[number]}"
        self.erased.setdefault(subject, set()).add(self.world.recorded()[subject][-1])

    @rule(limit=st.sampled_from([1, 2, 100]))
    def sequence(self, limit: int) -> None:
        self.world.sequencer.sequence(limit)

    @rule()
    def restart_sequencer(self) -> None:
        self.world.sequencer = type(self.world.sequencer)(self.world.source)

    @rule(crash=st.sampled_from(["", "publish", "confirm", "before commit", "after commit"]))
    def publish(self, crash: str) -> None:
        with fused(Fuse(crash, 1), self.broker, self.world.source):
            try:
                self.publisher.publish()
            except Crash:
                self.publisher.close()
                self.publisher = Publisher(self.world.source, SOURCE, "memory")

    @rule(crash=st.sampled_from(["", "ack", "statement", "before commit", "after commit"]), at=st.integers(1, 12))
    def deliver(self, crash: str, at: int) -> None:
        consumer = self.world.consumer
        with fused(Fuse(crash, at), self.broker, self.world.target):
            try:
                Inlet(consumer, "memory", BackOff(consumer), range(8)).run(OnePass(2))
            except Crash:
                self.world.target.dispose()

    @rule(seed=st.integers(0, 1000))
    def disturb_the_queues(self, seed: int) -> None:
        """Double, lose and shuffle what waits."""
        chance = random.Random(seed)
        for queue in self.broker.queues.values():
            kept = [message for message in list(queue) * 2 if chance.random() < 0.7]
            chance.shuffle(kept)
            queue.clear()
            queue.extend(kept)

    @rule()
    def purge_the_broker(self) -> None:
        self.broker.purge()

    @rule(number=case_numbers)
    def fall_sick(self, number: int) -> None:
        self.sick.add(f"case/{self.cases[number]}")

    @rule(number=case_numbers)
    def be_well(self, number: int) -> None:
        self.sick.discard(f"case/{self.cases[number]}")

    @rule(number=case_numbers)
    def replay_case(self, number: int) -> None:
        replay.replay(self.world.consumer, SOURCE, f"case/{self.cases[number]}")

    @rule(number=case_numbers)
    def try_to_discard_an_erasure(self, number: int) -> None:
        subject = f"case/{self.cases[number]}"
        first = {hold.subject: hold.first_position for hold in self.world.holds()}.get(subject)
        seqs = {event.position: event.seq for event in self.world.log() if event.subject == subject}
        if first is not None and seqs[first] in self.erased.get(subject, ()):
            with pytest.raises(Conflict):
                replay.discard(self.world.consumer, SOURCE, subject, by="operator", reason="in the way")

    @rule()
    def reconcile(self) -> None:
        self.world.reconciler().reconcile(patient=False)

    @invariant()
    def effects_are_in_order_and_once(self) -> None:
        if not hasattr(self, "world"):
            return
        for subject, seqs in self.world.effects_by_subject().items():
            assert len(seqs) == len(set(seqs)), f"{subject} doubled: {seqs}"
            ordinary = [seq for seq in seqs if seq not in self.erased.get(subject, ())]
            assert ordinary == sorted(ordinary), f"{subject} out of order: {seqs}"
            for place, seq in enumerate(seqs):
                overtaken = set(range(1, seq)) - set(seqs[:place])
                allowed = seq in self.erased.get(subject, ()) or all(
                    any(missing < e for e in seqs[: place + 1] if e in self.erased.get(subject, ()))
                    for missing in overtaken
                )
                assert allowed, f"{subject} skipped {overtaken}: {seqs}"

    @invariant()
    def positions_have_no_gaps_and_the_chain_fits(self) -> None:
        if not hasattr(self, "world"):
            return
        assert_gapless(self.world.source)
        for partition in (0, 1):
            before = GENESIS
            for event in self.world.log(partition):
                assert event.fits(before)
                before = event.hash

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.heal()
            self.settle_the_account()
        finally:
            self.publisher.close()
            self.databases.close()
            self.patch.undo()

    def heal(self) -> None:
        self.sick.clear()
        self.world.restart()
        self.world.sequence()
        self.world.reconciler().reconcile(patient=False)
        for hold in self.world.holds():
            replay.replay(self.world.consumer, SOURCE, hold.subject)
        self.world.reconciler().reconcile(patient=False)

    def settle_the_account(self) -> None:
        applied = {subject: set(seqs) for subject, seqs in self.world.effects_by_subject().items()}
        for subject, seqs in self.world.recorded().items():
            missing = set(seqs) - applied.get(subject, set())
            last_erasure = max(self.erased.get(subject, {0}))
            assert all(seq < last_erasure for seq in missing), f"{subject} lost {missing}"
            assert not missing & self.erased.get(subject, set())
        assert self.world.holds() == []
        assert self.world.alarms() == []
        self.effects_are_in_order_and_once()


def test_the_backbone_keeps_its_promises_whatever_happens(sqlite_copies: SqliteCopies, keys: KeyRing) -> None:
    class Here(Backbone):
        copies = sqlite_copies

    Here.keys = keys
    run_state_machine_as_test(Here, settings=settings(max_examples=60, stateful_step_count=40))
