"""Whatever a stranger sends to the receivers, or a provider answers, is understood or refused: nothing else is raised.

`KINBRIDGE_TEST_FUZZ` says how many requests are tried in all (20,000).
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.senders import (
    Arrived,
    BadSignature,
    Handed,
    Inbound,
    Refused,
    africastalking,
    returned,
    twilio,
    vonage,
)
from services.notify.senders.arrived import LONGEST_TEXT
from services.notify.senders.gateway import Answer, waiting
from tests.notify.letters import US, answer, bounce
from tests.notify.provider_shapes import FORM, africas_talking_calls, twilio_calls, vonage_calls

TRIED = int(os.environ.get("KINBRIDGE_TEST_FUZZ", "20000"))
BY_HYPOTHESIS = 300
SECRET = "KINBRIDGE-a-long-secret-of-the-address"
REFERENCE = "0192f0c4-0000-7000-8000-000000000001"
URLS = {
    "twilio": f"https://hub.example/notify/providers/twilio/receipts?reference={REFERENCE}",
    "vonage": "https://hub.example/notify/providers/vonage/receipts",
    "africastalking": f"https://hub.example/notify/providers/africastalking/receipts/{SECRET}",
}
RECEIVERS = {
    "twilio": twilio.TwilioReceiver(SECRET),
    "vonage": vonage.VonageReceiver(SECRET),
    "africastalking": africastalking.AfricasTalkingReceiver(SECRET),
}
GOOD: dict[str, dict[str, str]] = {
    "twilio": {
        "MessageSid": "SM1",
        "MessageStatus": "delivered",
        "ErrorCode": "30005",
        "From": "+2547",
        "Body": "STOP",
    },
    "vonage": {
        "messageId": "0A1",
        "status": "failed",
        "err-code": "3",
        "client-ref": f"{REFERENCE}.3",
        "msisdn": "254711000001",
        "text": "STOP",
    },
    "africastalking": {
        "id": "AT1",
        "status": "Failed",
        "failureReason": "UserInBlackList",
        "from": "+2547",
        "text": "x",
    },
}
ANSWERS: dict[str, tuple[Callable[[Answer], Handed], Any]] = {
    "twilio": (
        twilio._handed,
        {"sid": "SM1", "status": "queued", "num_segments": "2", "error_code": None, "code": 21610},
    ),
    "vonage": (
        vonage._handed,
        {"message-count": "2", "messages": [{"status": "0", "message-id": "1"}, {"status": "1", "error-text": "x"}]},
    ),
    "africastalking": (
        africastalking._handed,
        {"SMSMessageData": {"Message": "x", "Recipients": [{"statusCode": 101, "messageId": "1", "messageParts": 1}]}},
    ),
}
ODD = [
    "",
    "\0",
    "é",
    "😀",
    "\ud800",
    "%",
    "%ff",
    "&",
    "=",
    "+",
    "0" * 300,
    "-1",
    "nan",
    "１２",
    "\r\n",
    "[]",
    "{}",
    "null",
]


class Chance(random.Random):
    """Everything that a stranger may make up."""

    def word(self) -> str:
        return (
            self.choice(ODD)
            if self.random() < 0.5
            else "".join(map(chr, self.choices(range(0x300), k=self.randrange(8))))
        )

    def changed(self, fields: dict[str, str]) -> dict[str, str]:
        """Some fields gone, some odd, some more."""
        kept = {
            name: self.word() if self.random() < 0.3 else value for name, value in fields.items() if self.random() > 0.1
        }
        return {**kept, **{self.word(): self.word() for _ in range(self.choice([0, 0, 0, 1, 3]))}}

    def cut(self, body: bytes) -> bytes:
        """Bytes flipped, taken out, doubled."""
        place = self.randrange(len(body) + 1)
        end = min(len(body), place + self.randrange(5))
        return self.choice(
            [
                body[:place] + self.randbytes(end - place) + body[end:],
                body[:place] + body[end:],
                body[:end] + body[place:],
            ]
        )

    def json(self, depth: int = 3) -> Any:
        kind = self.randrange(8 if depth else 6)
        if kind == 6:
            return [self.json(depth - 1) for _ in range(self.randrange(4))]
        if kind == 7:
            return {self.word(): self.json(depth - 1) for _ in range(self.randrange(4))}
        return [None, True, self.randrange(-(10**20), 10**20), self.random() * 1e300, self.word(), "0"][kind]

    def bent(self, value: Any) -> Any:
        """A good answer with something else somewhere in it."""
        if self.random() < 0.15:
            return self.json()
        if isinstance(value, dict):
            return {name: self.bent(each) for name, each in value.items() if self.random() > 0.05}
        return (
            [self.bent(each) for each in value for _ in range(self.choice([1, 1, 1, 0, 2]))]
            if isinstance(value, list)
            else value
        )

    def request(self, provider: str) -> Arrived:
        kind = self.randrange(5)
        if kind == 0:
            method, kinds = (
                self.choice(["POST", "POST", "GET", "PUT", self.word()]),
                [FORM, {"content-type": "application/json"}],
            )
            headers = {**self.choice(kinds), "X-Twilio-Signature": self.word()}
            return Arrived(
                method,
                self.choice([URLS[provider], "https://[", self.word()]),
                headers,
                self.randbytes(self.randrange(60)),
            )
        if kind == 1:
            body = json.dumps(self.choice([self.json(), {"a": self.json(), "sig": "0" * 64}])).encode()
            return Arrived("POST", URLS[provider], {"Content-Type": "application/json"}, body)
        good = signed(provider, self.changed(GOOD[provider]) if kind != 2 else GOOD[provider], self)
        return Arrived(good.method, good.url, good.headers, self.cut(good.body)) if kind == 3 else good


def signed(provider: str, fields: dict[str, str], chance: Chance) -> Arrived:
    """As the provider sends it: so that what comes behind the signature is tried too."""
    if provider == "vonage" and chance.random() < 0.3:
        return vonage_calls(URLS[provider], fields, SECRET, "json")
    whole = {_whole(name): _whole(value) for name, value in fields.items()}
    if provider == "twilio":
        return twilio_calls(URLS[provider], whole, SECRET)
    if provider == "vonage":
        return vonage_calls(URLS[provider], whole, SECRET, chance.choice(["form", "get"]), chance.choice([256, 512]))
    return africas_talking_calls(URLS[provider], whole)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def outcome(provider: str, request: Arrived) -> str:
    """What a receiver made of a request, both ways; anything but its three outcomes is raised."""
    outcomes = []
    for read in (RECEIVERS[provider].receipts, RECEIVERS[provider].inbound):
        try:
            understood: Sequence[object] = read(request)
            assert all(_storable(part) for each in understood for part in vars(each).values())
            outcomes.append("understood" if understood else "empty")
        except Refused:
            outcomes.append("refused")
        except BadSignature:
            outcomes.append("forged")
    return max(outcomes)


def _storable(part: object) -> bool:
    """Half a character or a zero one, and no database would take it."""
    return not isinstance(part, str) or (_whole(part) == part and "\0" not in part)


def test_no_request_of_a_stranger_breaks_a_receiver() -> None:
    chance, outcomes = Chance(20261129), Counter[str]()
    for _ in range(max(TRIED - 2 * BY_HYPOTHESIS, 0) * 2 // 3):
        provider = chance.choice(list(RECEIVERS))
        request = chance.request(provider)
        try:
            outcomes[outcome(provider, request)] += 1
        except Exception as error:
            raise AssertionError(
                f"{provider}: {request.method} {request.url!r} {request.headers} {request.body!r}"
            ) from error
    assert set(outcomes) == {"understood", "refused", "forged"}
    assert min(outcomes.values()) * 20 > sum(outcomes.values()), "each way is tried often"


def test_no_answer_of_a_provider_breaks_a_sender() -> None:
    chance, results = Chance(20261130), Counter[str]()
    for _ in range(max(TRIED - 2 * BY_HYPOTHESIS, 0) // 3):
        handed_of, good = ANSWERS[chance.choice(list(ANSWERS))]
        answer = Answer(chance.choice([200, 201, 200, 400, 401, 404, 429, 500, 503]), chance.bent(good), None)
        handed = handed_of(answer)
        results[handed.result] += 1
        assert len(handed.code or "") <= 30
        assert 1 <= handed.parts <= 999
    assert len(results) == 5, results


@settings(max_examples=BY_HYPOTHESIS)
@given(
    st.sampled_from(sorted(RECEIVERS)),
    st.text(max_size=8),
    st.text(),
    st.dictionaries(st.text(), st.text()),
    st.binary(),
)
def test_nothing_at_all_breaks_a_receiver(
    provider: str, method: str, url: str, headers: dict[str, str], body: bytes
) -> None:
    assert outcome(provider, Arrived(method, url, headers, body)) in ("refused", "forged")
    outcome(provider, Arrived("POST", URLS[provider], headers, body))


@settings(max_examples=BY_HYPOTHESIS)
@given(st.text())
def test_no_retry_after_breaks_a_sender(header: str) -> None:
    asked = waiting(header)
    assert asked is None or timedelta(0) <= asked <= timedelta(hours=6)


def test_whatever_comes_by_mail_is_a_bounce_an_answer_or_nothing_of_ours() -> None:
    chance = random.Random(20261129)
    found = Counter[str]()
    for _ in range(TRIED // 4):
        came = returned.understood(_letter(chance), US)
        found[type(came).__name__] += 1
        if isinstance(came, Inbound):
            came.text.encode("utf-8", "surrogatepass")
            assert len(came.text) <= LONGEST_TEXT
    assert set(found) == {"Receipt", "Inbound", "NoneType"}


def test_a_letter_of_a_thousand_letters_ends() -> None:
    """Boxes within boxes, and a boundary on each line."""
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
    assert returned.understood(b"From: a@b.example\n" + nested, US) is None
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/plain\n\n\n" * 5_000
    assert isinstance(returned.understood(b"From: a@b.example\n" + many, US), Inbound)


def _letter(chance: random.Random) -> bytes:
    """A good letter of which bytes are changed, lines dropped, doubled and mixed with those of another one."""
    attempt = UUID(REFERENCE)
    good = [bounce(attempt), bounce(attempt, returned="message/rfc822"), answer("STOP", to=attempt).as_bytes()]
    lines = chance.choice(good).splitlines(keepends=True)
    other = chance.choice(good).splitlines(keepends=True)
    for _ in range(chance.randrange(6)):
        at = chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                lines[at] = bytes(chance.randrange(256) for _ in range(chance.randrange(40))) + b"\n"
            case 1:
                lines.insert(at, chance.choice(other))
            case 2:
                lines[at] = lines[at].replace(b":", chance.choice([b"", b"::", b": \xff", b"\0:"]))
            case 3:
                lines[at] = chance.choice(HOSTILE_HEADERS)
            case _:
                del lines[at]
                lines = lines or [b"\n"]
    return b"".join(lines)


HOSTILE_HEADERS = [
    b"Content-Type: text/plain; charset*=x''%ff%00; charset*0*=utf-16\n",
    b'Content-Type: text/plain; charset="unicode_escape"\n',
    b"Content-Type: text/plain; charset=idna\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: x-uuencode\n",
    b'Content-Type: multipart/report; boundary=""\n',
    b"Content-Type: message/delivery-status\n",
    b"Content-Type: message/external-body; boundary=x\n",
    b"From: =?utf-8?b?////?= <a@b.example>, c@d.example\n",
    b"From: (((((((((((((((\n",
    b"Content-Disposition: attachment; filename*=utf-8''%e2%82\n",
    b"Status: 5.1\n",
    b"Message-ID: <<<<>>>>\n",
]
