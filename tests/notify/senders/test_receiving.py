"""What providers send us is believed where it is theirs, and understood or refused: never anything else."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode
from uuid import UUID

import pytest

from services.notify.senders import Arrived, BadSignature, Outgoing, Receiver, Refused
from services.notify.senders.africastalking import AfricasTalkingReceiver
from services.notify.senders.twilio import TwilioReceiver, signature
from services.notify.senders.vonage import VonageReceiver, VonageSender
from tests.notify.gateways import ProviderServer
from tests.notify.provider_shapes import (
    FORM,
    africas_talking_calls,
    receipts_of,
    twilio_calls,
    vonage_calls,
)

REFERENCE = UUID("0192f0c4-0000-7000-8000-000000000001")
SECRET = "KINBRIDGE-a-long-secret-of-the-address"
TWILIO_URL = f"https://hub.example/notify/providers/twilio/receipts?reference={REFERENCE}"
VONAGE_URL = "https://hub.example/notify/providers/vonage/receipts"
AFRICAS_TALKING_URL = f"https://hub.example/notify/providers/africastalking/receipts/{SECRET}"

twilio, vonage, africas_talking = TwilioReceiver(SECRET), VonageReceiver(SECRET), AfricasTalkingReceiver(SECRET)


@pytest.mark.parametrize(
    ("number", "signed"),
    [("+14158675309", b"RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("+12349013030", b"0/KCTR6DLpKmkAf8muzZqo1nDgQ=")],
)
def test_twilios_signature_is_that_of_its_documents(number: str, signed: bytes) -> None:
    """The example of "Secure webhooks", with its auth token 12345."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": number,
        "Digits": "1234",
        "From": number,
        "To": "+18005551212",
    }
    assert signature(b"12345", "https://mycompany.com/myapp.php?foo=1&bar=2", list(form.items())) == signed


@pytest.mark.parametrize(
    ("status", "code", "result", "shown"),
    [
        ("queued", None, "accepted", None),
        ("sent", None, "accepted", None),
        ("delivered", None, "delivered", None),
        ("undelivered", "30003", "temporary-failure", "30003"),
        ("undelivered", "30005", "permanent-failure", "30005"),
        ("failed", "30007", "technical-failure", "30007"),
        ("failed", None, "temporary-failure", None),
        ("failed", "39999", "temporary-failure", "39999"),
        ("failed", "+4915112345678", "temporary-failure", "unlisted"),
    ],
)
def test_twilios_receipts_tell_of_the_whole_text(status: str, code: str | None, result: str, shown: str | None) -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": status, **({"ErrorCode": code} if code else {})}
    (receipt,) = twilio.receipts(twilio_calls(TWILIO_URL, fields, SECRET))
    assert (receipt.provider_id, receipt.reference, receipt.part) == ("SM1", REFERENCE, 0)
    assert (receipt.result, receipt.code) == (result, shown)


def test_twilio_may_sign_the_address_with_or_without_its_port() -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": "sent"}
    signed = twilio_calls("https://hub.example:443/x?a=1", fields, SECRET)
    for url in ("https://hub.example/x?a=1", "https://hub.example:443/x?a=1"):
        assert twilio.receipts(Arrived("POST", url, signed.headers, signed.body))
    with pytest.raises(BadSignature):
        twilio.receipts(Arrived("POST", "https://hub.example/x?a=2", signed.headers, signed.body))


@pytest.mark.parametrize(
    ("status", "code", "result"),
    [
        ("delivered", "0", "delivered"),
        ("accepted", "0", "accepted"),
        ("buffered", "0", "accepted"),
        ("expired", "1", "temporary-failure"),
        ("unknown", "1", "outcome-unknown"),
        ("failed", "2", "temporary-failure"),
        ("failed", "3", "permanent-failure"),
        ("rejected", "9", "permanent-failure"),
        ("rejected", "6", "technical-failure"),
        ("failed", "777", "temporary-failure"),
    ],
)
@pytest.mark.parametrize("how", ["json", "form", "get"])
def test_vonages_receipts_come_in_three_forms(how: str, status: str, code: str, result: str) -> None:
    fields = {"messageId": "0A1", "status": status, "err-code": code, "client-ref": str(REFERENCE), "to": "A&B=C"}
    (receipt,) = vonage.receipts(vonage_calls(VONAGE_URL, fields, SECRET, how, bits=512 if how == "get" else 256))  # type: ignore[arg-type]
    assert (receipt.provider_id, receipt.reference, receipt.result) == ("0A1", REFERENCE, result)


def test_vonages_segments_are_told_apart_and_counted() -> None:
    with ProviderServer("vonage") as server:
        sender = VonageSender("key", "secret", "15550001111", VONAGE_URL, url=server.url)
        handed = sender.send(Outgoing(REFERENCE, "+254711000001", "", "ж" * 150, "ru"))
        (taken,) = server.taken.values()
    calls = receipts_of("vonage", taken, VONAGE_URL, SECRET, [("delivered", None)])
    told = [receipt for each in calls for receipt in vonage.receipts(each)]
    assert len({receipt.part for receipt in told}) == 3
    assert all(0 < receipt.part < 2**15 for receipt in told)
    assert {(receipt.reference, receipt.parts) for receipt in told} == {(REFERENCE, handed.parts)} == {(REFERENCE, 3)}


@pytest.mark.parametrize(
    "given", ["x", f"{REFERENCE}.x", f"{REFERENCE}.0", f"{REFERENCE}.256", f"{REFERENCE}.²", ".3x"]
)
def test_a_reference_that_is_none_of_ours_is_refused(given: str) -> None:
    fields = {"messageId": "1", "status": "delivered", "client-ref": given}
    with pytest.raises(Refused):
        vonage.receipts(vonage_calls(VONAGE_URL, fields, SECRET))


def test_vonages_weak_signatures_are_not_taken() -> None:
    fields = {"messageId": "0A1", "status": "delivered", "sig": "d41d8cd98f00b204e9800998ecf8427e"}
    with pytest.raises(BadSignature):
        vonage.receipts(Arrived("POST", VONAGE_URL, FORM, urlencode(fields).encode()))


@pytest.mark.parametrize(
    ("status", "reason", "result"),
    [
        ("Success", None, "delivered"),
        ("Sent", None, "accepted"),
        ("Submitted", None, "accepted"),
        ("Buffered", None, "accepted"),
        ("Expired", None, "technical-failure"),
        ("Failed", "NotNetworkSubcriber", "permanent-failure"),
        ("Failed", "DoNotDisturbRejection", "temporary-failure"),
        ("AbsentSubscriber", None, "temporary-failure"),
        ("Failed", "UserInBlackList", "permanent-failure"),
        ("Rejected", "InvalidLinkId", "technical-failure"),
        ("Failed", "DeliveryFailure", "temporary-failure"),
        ("Failed", "", "temporary-failure"),
    ],
)
def test_africas_talkings_receipts_name_its_own_id(status: str, reason: str | None, result: str) -> None:
    fields = {"id": "ATXid_1", "status": status, **({} if reason is None else {"failureReason": reason})}
    (receipt,) = africas_talking.receipts(africas_talking_calls(AFRICAS_TALKING_URL, fields))
    assert (receipt.provider_id, receipt.reference, receipt.part, receipt.result) == ("ATXid_1", None, 0, result)


@pytest.mark.parametrize(
    "path", ["", "/", "/receipts", f"/receipts/{SECRET[:-1]}", f"/receipts/{SECRET}x", "/é", "/%ff"]
)
def test_without_the_secret_address_nothing_is_believed(path: str) -> None:
    fields = {"id": "ATXid_1", "status": "Success"}
    with pytest.raises(BadSignature):
        africas_talking.receipts(africas_talking_calls(f"https://hub.example{path}", fields))


def test_an_empty_secret_lets_nobody_in() -> None:
    with pytest.raises(BadSignature):
        AfricasTalkingReceiver("").receipts(
            africas_talking_calls("https://hub.example/", {"id": "1", "status": "Sent"})
        )


def test_what_a_family_writes_arrives_whole() -> None:
    text = "STOP\nمن در امان هستم 🙂 & = +\0"
    kept = text.replace("\0", "\ufffd")
    told = [
        *twilio.inbound(twilio_calls(TWILIO_URL, {"MessageSid": "SM2", "From": "+254711000001", "Body": text}, SECRET)),
        *vonage.inbound(vonage_calls(VONAGE_URL, {"messageId": "0A2", "msisdn": "254711000001", "text": text}, SECRET)),
        *africas_talking.inbound(
            africas_talking_calls(AFRICAS_TALKING_URL, {"id": "9", "from": "+254711000001", "text": text, "to": "1"})
        ),
    ]
    assert [(each.sender, each.text) for each in told] == [("+254711000001", kept)] * 3
    assert not any("254711000001" in repr(each) or "STOP" in repr(each) for each in told)


@pytest.mark.parametrize("given", ["", "é", "\udce9", "¢" * 28, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "\0", "x" * 10_000])
def test_a_forged_signature_is_a_bad_one_whatever_it_is_made_of(given: str) -> None:
    body = urlencode({"MessageSid": "SM1", "MessageStatus": "delivered"}).encode()
    with pytest.raises(BadSignature):
        twilio.receipts(Arrived("POST", TWILIO_URL, {"x-twilio-signature": given}, body))
    fields = urlencode({"messageId": "1", "status": "delivered", "sig": given.encode("utf-8", "replace")}).encode()
    with pytest.raises(BadSignature):
        vonage.receipts(Arrived("POST", VONAGE_URL, FORM, fields))


@pytest.mark.parametrize(
    ("receiver", "request_"),
    [
        (twilio, twilio_calls(TWILIO_URL, {"MessageSid": "SM1"}, SECRET)),
        (twilio, twilio_calls(TWILIO_URL, {"MessageSid": "SM1", "MessageStatus": "eaten"}, SECRET)),
        (twilio, twilio_calls(TWILIO_URL, {"MessageSid": "S M", "MessageStatus": "sent"}, SECRET)),
        (twilio, twilio_calls("https://h/?reference=me", {"MessageSid": "SM1", "MessageStatus": "sent"}, SECRET)),
        (twilio, Arrived("GET", TWILIO_URL, {}, b"")),
        (twilio, Arrived("POST", TWILIO_URL, {}, b"a=%ff")),
        (twilio, Arrived("POST", TWILIO_URL, {}, b"a=1&" * 5000)),
        (twilio, Arrived("POST", TWILIO_URL, {}, b"x" * 100_000)),
        (twilio, Arrived("POST", "https://[x/", {}, b"")),
        (vonage, vonage_calls(VONAGE_URL, {"messageId": "1", "status": "eaten"}, SECRET)),
        (vonage, vonage_calls(VONAGE_URL, {"status": "delivered"}, SECRET)),
        (vonage, Arrived("PUT", VONAGE_URL, {}, b"")),
        (vonage, Arrived("POST", VONAGE_URL, {"content-type": "application/json"}, b"[" * 50_000)),
        (vonage, Arrived("POST", VONAGE_URL, {"content-type": "application/json"}, b'{"a": {"b": 1}}')),
        (vonage, Arrived("POST", VONAGE_URL, {"content-type": "application/json"}, b'{"a": "\\ud800"}')),
        (vonage, Arrived("POST", VONAGE_URL, {"content-type": "application/json"}, b'{"a": NaN}')),
        (africas_talking, africas_talking_calls(AFRICAS_TALKING_URL, {"id": "1", "status": "Eaten"})),
        (africas_talking, africas_talking_calls(AFRICAS_TALKING_URL, {"status": "Success"})),
        (africas_talking, Arrived("GET", AFRICAS_TALKING_URL, {}, b"")),
    ],
)
def test_what_has_not_the_declared_form_is_refused(receiver: Receiver, request_: Arrived) -> None:
    with pytest.raises(Refused):
        receiver.receipts(request_)


def test_a_refusal_never_says_the_value() -> None:
    request = twilio_calls(TWILIO_URL, {"MessageSid": "+254711000001", "MessageStatus": "+254711000001"}, SECRET)
    with pytest.raises(Refused) as refused:
        twilio.receipts(request)
    assert "254711000001" not in f"{refused.value!r} {refused.value}"
    assert "254711000001" not in repr(request)


def test_vonages_signature_is_made_as_its_documents_say() -> None:
    """ "Signing messages": the fields sorted, each as &name=value, & and = in values replaced by _."""
    fields = {"timestamp": "1790000000", "messageId": "1", "status": "delivered", "to": "a&b=c"}
    signed = hmac.new(
        SECRET.encode(), b"&messageId=1&status=delivered&timestamp=1790000000&to=a_b_c", hashlib.sha256
    ).hexdigest()
    body = urlencode({**fields, "sig": signed.upper()}).encode()
    assert vonage.receipts(Arrived("POST", VONAGE_URL, FORM, body))[0].result == "delivered"
