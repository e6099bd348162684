"""However senders die and providers fail and lie, every message to a family ends, none is lost, none goes out twice
without being flagged, and news is never sent again blindly.

KINBRIDGE_CHAOS_MESSAGES scales the storm (10,000 is full), KINBRIDGE_CHAOS_SEED repeats one.
"""

from __future__ import annotations

import os
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from tests.faults.family_account import FamilyAccount
from tests.faults.family_storm import FamilyHub, FamilyStorm, Liar, servers
from tests.faults.family_world import Crowd, gather, number_of_family
from tests.faults.fleet import Fleet
from tests.notify.provider_shapes import Provider
from tests.servers import OwnPostgres

FULL = 10_000
MESSAGES = int(os.environ.get("KINBRIDGE_CHAOS_MESSAGES", FULL))
RATE = 200
"""Messages that become due in a second."""
SEED = os.environ.get("KINBRIDGE_CHAOS_SEED") or secrets.token_hex(4)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]


@contextmanager
def storm_over(
    postgres: OwnPostgres, provider: Provider, crowd: Crowd, *, senders: int = 2, careless: bool = False
) -> Iterator[tuple[FamilyStorm, Liar, list[UUID]]]:
    """Failing servers, a crowd of families, and a storm over them."""
    gateway, mail = servers(provider, random.Random(SEED).randrange(1 << 30))
    with gateway, mail:
        hub = FamilyHub(postgres, provider, gateway, mail)
        try:
            messages = gather(hub.engine, crowd)
            with Fleet(hub) as fleet:
                liar = Liar(hub, random.Random(SEED))
                try:
                    yield FamilyStorm(hub, fleet, SEED, senders=senders, careless=careless), liar, messages
                finally:
                    liar.end()
        finally:
            hub.close()


def account_of(storm: FamilyStorm, messages: list[UUID]) -> FamilyAccount:
    account = FamilyAccount.of(storm.hub.engine, storm.hub.keys)
    numbers = {number_of_family(place): one for place, one in enumerate(messages)}
    by_number = {number: times for number, times in storm.hub.gateway.counted.items() if number in numbers}
    counted = taken(storm) + account.by_message({numbers[one]: times for one, times in by_number.items()})
    account.ended(messages).taken(counted).news().events()
    return account


def taken(storm: FamilyStorm) -> Counter[UUID]:
    """How often each attempt was taken, by the text message gateway and by the mail server. Africa's Talking gets no
    reference of ours: what it took is counted by number."""
    by_mail = {one[1:].partition("@")[0]: times for one, times in storm.hub.mail.counted.items()}
    counted = Counter({UUID(one): n for one, n in storm.hub.gateway.counted.items() if not one.startswith("+")})
    return counted + Counter({UUID(one): times for one, times in by_mail.items()})


def tell(capsys: pytest.CaptureFixture[str], *counts: Counter[str]) -> None:
    line = ", ".join(
        f"{number:,} {name or 'calls of the gateway without trouble'}" for one in counts for name, number in one.items()
    )
    with capsys.disabled():
        print(f"\nfamilies, storm {SEED}: {line}")  # noqa: T201


@pytest.mark.parametrize(
    ("provider", "messages", "kills"),
    [("vonage", MESSAGES, 60), ("twilio", MESSAGES // 10, 10), ("africastalking", MESSAGES // 10, 10)],
)
def test_every_message_ends_and_what_went_out_twice_is_flagged_whoever_dies_and_whoever_lies(
    postgres: OwnPostgres, provider: Provider, messages: int, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    crowd = Crowd(messages, by_mail=10, per_second=RATE)
    with storm_over(postgres, provider, crowd) as (storm, liar, ids):
        storm.rage(max(5, kills * MESSAGES // FULL), lives=(0.4, 2.5), web_kills=3)
        storm.settle(liar)
        account = account_of(storm, ids)
        tell(capsys, storm.done, liar.done, storm.hub.gateway.troubles, account.done)
        account.close()


def test_a_sender_that_records_after_the_call_is_found_out(postgres: OwnPostgres) -> None:
    with storm_over(postgres, "twilio", Crowd(500), senders=1, careless=True) as (storm, liar, ids):
        storm.rage(8, lives=(0.6, 1.2))
        storm.settle(liar)
        account = account_of(storm, ids)
        with pytest.raises(AssertionError, match=r"one attempt taken more than once|taken, but never recorded"):
            account.close()
