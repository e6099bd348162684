"""Encryption: nothing opens with the wrong key, for other data, or after a change."""

import pytest

from shared.crypto import KeyMissing, KeyRing, Undecipherable, key_id, same_secret, seal, unseal

OLD, NEW = b"o" * 32, b"n" * 32


def test_what_an_older_key_encrypted_still_opens_after_a_rotation() -> None:
    before = KeyRing((OLD,))
    nonce, cipher = before.encrypt(b"plain", b"about")
    after = KeyRing((NEW, OLD))
    assert after.current == key_id(NEW)
    assert after.decrypt(before.current, nonce, cipher, b"about") == b"plain"
    nonce, cipher = after.encrypt(b"plain", b"about")
    with pytest.raises(KeyMissing, match="lacks"):
        before.decrypt(after.current, nonce, cipher, b"about")


@pytest.mark.parametrize("change", ["cipher", "associated", "nonce", "empty"])
def test_changed_bytes_do_not_open(change: str) -> None:
    ring = KeyRing((OLD,))
    nonce, cipher = ring.encrypt(b"plain", b"about")
    asked = {"nonce": nonce, "cipher": cipher, "associated": b"about"}
    asked |= {
        "cipher": {"cipher": cipher[:-1] + bytes([cipher[-1] ^ 1])},
        "associated": {"associated": b"other"},
        "nonce": {"nonce": bytes(12)},
        "empty": {"cipher": b"", "nonce": b""},
    }[change]
    with pytest.raises(Undecipherable) as caught:
        ring.decrypt(ring.current, **asked)
    assert "plain" not in str(caught.value)


def test_no_two_encryptions_are_alike() -> None:
    ring = KeyRing((OLD,))
    assert len({ring.encrypt(b"plain", b"") for _ in range(50)}) == 50


def test_a_sealed_part_opens_for_its_service_alone() -> None:
    ring = KeyRing((OLD,))
    sealed = seal(ring.sealing_key("notify").public_key, b"+00 0000")
    assert unseal(ring.sealing_key("notify"), sealed) == b"+00 0000"
    for own, given in ((ring.sealing_key("intake"), sealed), (ring.sealing_key("notify"), sealed[:-1])):
        with pytest.raises(Undecipherable):
            unseal(own, given)


def test_each_pair_of_services_has_a_feed_key_of_its_own() -> None:
    ring = KeyRing((OLD,))
    pairs = [(a, b) for a in ("intake", "notify") for b in ("intake", "notify", "reporting")]
    assert len({ring.feed_key(*pair) for pair in pairs}) == len(pairs)
    assert ring.derived("feed x") != KeyRing((NEW,)).derived("feed x")


def test_secrets_are_compared_as_text() -> None:
    assert same_secret("é", "é")
    assert not same_secret("a", "b")
