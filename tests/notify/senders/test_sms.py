"""Texts are handed to providers that are real servers on this machine; whatever they do, one result comes of it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest

from services.notify.senders import FamilySender, Outgoing, gateway
from services.notify.senders.africastalking import AfricasTalkingSender
from services.notify.senders.gateway import LONGEST_WAIT
from services.notify.senders.twilio import TwilioSender
from services.notify.senders.vonage import VonageSender
from shared.errors import MisconfiguredError
from tests.notify.gateways import ProviderServer, Trouble
from tests.notify.provider_shapes import Provider

NUMBER = "+254711000001"
TEXT = "Your request is with us. We never ask for money."
CALLBACK = "https://hub.example/notify/providers/twilio/receipts"
PROVIDERS: tuple[Provider, ...] = ("twilio", "vonage", "africastalking")


def message(to: str = NUMBER, text: str = TEXT, reference: UUID | None = None) -> Outgoing:
    return Outgoing(reference or uuid4(), to, "About your request", text, "en")


def sender_of(server: ProviderServer) -> FamilySender:
    if server.provider == "twilio":
        return TwilioSender("AC1", "token", "+15550001111", CALLBACK, url=server.url)
    if server.provider == "vonage":
        return VonageSender("key", "secret", "15550001111", "https://hub.example/dlr", url=server.url)
    return AfricasTalkingSender("app", "key", "12345", url=server.url)


@pytest.fixture(params=PROVIDERS)
def server(request: pytest.FixtureRequest) -> Iterator[ProviderServer]:
    with ProviderServer(request.param) as running:
        yield running


@pytest.fixture
def twilio() -> Iterator[ProviderServer]:
    with ProviderServer("twilio") as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "TIMEOUTS", httpx2.Timeout(0.3))


def test_a_text_reaches_the_provider_whole_and_is_accepted(server: ProviderServer) -> None:
    outgoing = message(text="سلام: پیام شما رسید ✓ & = +")
    handed = sender_of(server).send(outgoing)
    (taken,) = server.taken.values()
    assert (handed.result, handed.provider_id, handed.code) == ("accepted", taken.ids[0], None)
    assert (taken.to, taken.text) == (outgoing.to, outgoing.text)
    if server.provider != "africastalking":
        assert taken.reference == str(outgoing.reference)


def test_each_provider_is_told_who_asks_in_its_own_way(server: ProviderServer) -> None:
    sender_of(server).send(message())
    headers = server.headers[-1]
    told = {
        "twilio": headers.get("authorization") == "Basic " + base64.b64encode(b"AC1:token").decode(),
        "vonage": "authorization" not in headers,
        "africastalking": headers.get("apikey") == "key",
    }
    assert told[server.provider]


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
def test_segments_are_counted_where_the_provider_tells(provider: Provider) -> None:
    with ProviderServer(provider) as server:
        assert sender_of(server).send(message(text="ж" * 150)).parts == 3


@pytest.mark.parametrize(
    ("trouble", "result", "taken"),
    [
        ("drop-before", "outcome-unknown", 0),
        ("drop-after", "outcome-unknown", 1),
        ("silent", "outcome-unknown", 1),
        ("half", "outcome-unknown", 1),
        ("malformed", "outcome-unknown", 1),
        ("500", "outcome-unknown", 1),
        ("429", "temporary-failure", 0),
        ("503", "temporary-failure", 0),
        ("refused", "permanent-failure", 0),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_what_a_provider_does_has_one_meaning(
    server: ProviderServer, trouble: Trouble, result: str, taken: int
) -> None:
    server.next(trouble)
    handed = sender_of(server).send(message())
    assert (handed.result, len(server.taken)) == (result, taken)
    assert handed.retry_after == (timedelta(seconds=1) if trouble in ("429", "503") else None)


def test_a_slow_answer_is_waited_for(server: ProviderServer) -> None:
    server.next("slow")
    assert sender_of(server).send(message()).result == "accepted"
    assert len(server.taken) == 1


def test_after_a_broken_connection_the_next_text_gets_through(server: ProviderServer) -> None:
    sender = sender_of(server)
    server.next("drop-after", None)
    assert [sender.send(message()).result for _ in range(2)] == ["outcome-unknown", "accepted"]


def test_a_connection_that_the_provider_closed_meanwhile_costs_no_text(server: ProviderServer) -> None:
    sender = sender_of(server)
    for _ in range(3):
        assert sender.send(message()).result == "accepted"
        server.hang_up()
    assert len(server.taken) == 3


@pytest.mark.parametrize("provider", PROVIDERS)
def test_nobody_listening_is_a_temporary_failure(provider: Provider) -> None:
    with ProviderServer(provider) as server:
        sender = sender_of(server)
    assert sender.send(message()).result == "temporary-failure"


@pytest.mark.usefixtures("impatient")
def test_a_provider_that_speaks_no_tls_is_a_temporary_failure(twilio: ProviderServer) -> None:
    sender = TwilioSender("AC1", "token", "+1555", None, url=twilio.url.replace("http:", "https:"))
    assert sender.send(message()).result == "temporary-failure"
    assert not twilio.taken


def test_an_answer_that_drips_for_ever_ends(twilio: ProviderServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "ANSWER_WITHIN", 0.5)
    twilio.behaviour.delay = 0.01
    twilio.next("drip")
    began = time.monotonic()
    assert sender_of(twilio).send(message()).result == "outcome-unknown"
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    "to", ["", "+", "0711000001", "+254711000001,+254711000002", "+25471100000\r\n1", "+２５４７１１００００"]
)
def test_what_is_not_one_number_never_reaches_a_provider(server: ProviderServer, to: str) -> None:
    assert sender_of(server).send(message(to)).result == "permanent-failure"
    assert server.requests == 0


@pytest.mark.parametrize(
    ("provider", "code", "result"),
    [
        ("twilio", "21610", "permanent-failure"),
        ("twilio", "20003", "technical-failure"),
        ("twilio", "30001", "temporary-failure"),
        ("vonage", "1", "temporary-failure"),
        ("vonage", "4", "technical-failure"),
        ("vonage", "77", "temporary-failure"),
        ("africastalking", "405", "temporary-failure"),
        ("africastalking", "406", "permanent-failure"),
        ("africastalking", "402", "technical-failure"),
    ],
)
def test_an_error_code_means_what_the_table_says(provider: Provider, code: str, result: str) -> None:
    with ProviderServer(provider) as server:
        server.behaviour.refusal = code
        server.next("refused")
        handed = sender_of(server).send(message())
    assert (handed.result, handed.code) == (result, code)


def test_an_http_error_of_no_table_is_our_own_mistake(twilio: ProviderServer) -> None:
    twilio.behaviour.refusal = "99999"
    twilio.next("refused")
    handed = sender_of(twilio).send(message())
    assert (handed.result, handed.code) == ("technical-failure", "http-400")


def test_twilio_is_asked_what_became_of_a_text(twilio: ProviderServer) -> None:
    sender, outgoing = sender_of(twilio), message()
    handed = sender.send(outgoing)
    found = sender.look_up(outgoing.reference, handed.provider_id)
    assert found is not None
    assert (found.result, found.provider_id) == ("delivered", handed.provider_id)
    assert sender.look_up(outgoing.reference, "SMunknown") is None
    assert sender.look_up(outgoing.reference, None) is None


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", ["429", "refused", "silent", "drop-after"])
def test_a_question_that_fails_says_nothing_of_the_text(twilio: ProviderServer, trouble: Trouble) -> None:
    sender, outgoing = sender_of(twilio), message()
    handed = sender.send(outgoing)
    twilio.next(trouble)
    found = sender.look_up(outgoing.reference, handed.provider_id)
    assert found is not None
    assert (found.result, found.provider_id) == ("outcome-unknown", handed.provider_id)


def test_providers_without_a_look_up_say_so() -> None:
    for provider in ("vonage", "africastalking"):
        with ProviderServer(provider) as server:
            assert sender_of(server).look_up(uuid4(), "some-id") is None


def test_many_threads_share_a_sender_and_nothing_goes_out_twice(server: ProviderServer) -> None:
    sender = sender_of(server)
    texts = [message(f"+2547{number:08}") for number in range(400)]
    with ThreadPoolExecutor(16) as threads:
        results = {handed.result for handed in threads.map(sender.send, texts)}
    assert results == {"accepted"}
    assert len(server.counted) == 400
    assert set(server.counted.values()) == {1}


@pytest.mark.usefixtures("impatient")
def test_however_a_provider_fails_what_a_sender_says_of_a_text_is_true(server: ProviderServer) -> None:
    server.behaviour.delay = 0.02
    server.behaviour.chances = dict.fromkeys(
        ("drop-before", "drop-after", "slow", "429", "503", "500", "malformed", "half", "refused"), 0.08
    )
    sender, texts = sender_of(server), [message(f"+2547{number:08}") for number in range(400)]
    with ThreadPoolExecutor(8) as threads:
        handed = list(threads.map(sender.send, texts))
    said: dict[str, set[int]] = {}
    for text, each in zip(texts, handed, strict=True):
        key = text.to if server.provider == "africastalking" else str(text.reference)
        said.setdefault(each.result, set()).add(server.counted[key])
    assert said == {
        "accepted": {1},
        "outcome-unknown": {0, 1},
        "temporary-failure": {0},
        "permanent-failure": {0},
    }


def test_half_a_character_is_our_own_mistake(server: ProviderServer) -> None:
    assert sender_of(server).send(message(text="\ud800")).result == "technical-failure"
    assert server.requests == 0


def test_no_repr_shows_an_address_or_a_text() -> None:
    shown = repr(message("+254711999888", "secret words"))
    assert "254711999888" not in shown
    assert "secret words" not in shown


def test_numbers_and_texts_go_over_https_alone() -> None:
    with pytest.raises(MisconfiguredError):
        TwilioSender("AC1", "token", "+1555", None, url="http://gateway.example")
    assert timedelta(hours=6) == LONGEST_WAIT
