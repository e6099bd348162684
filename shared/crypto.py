"""Encryption of payloads (AES-256-GCM), sealing to one service (libsodium sealed box), derived keys.

Personal data leaves a service encrypted or not at all; the broker sees ids, types and organisations only.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from shared.errors import DomainError, MisconfiguredError

NONCE_BYTES = 12


class Undecipherable(DomainError):
    """A payload does not decrypt with the keys at hand, or was changed on the way."""

    code = "undecipherable"


class KeyMissing(MisconfiguredError):
    """Something names a key that this process was not given. No event's own fault: what needs it waits and retries."""


class KeyRing:
    """The installation's master keys, first the current one; everything else is derived from them (RFC 5869).

    `event_keys` are what is left of master keys that were dropped: each opens the events that name it, and nothing
    else. See `event_key`.
    """

    def __init__(self, masters: tuple[bytes, ...], event_keys: Mapping[str, bytes] | None = None) -> None:
        self.masters = masters
        self._derived: dict[str, tuple[bytes, ...]] = {}
        self._payload = {name: AESGCM(secret) for name, secret in (event_keys or {}).items()}
        self._payload |= {key_id(master): AESGCM(self.event_key(master)) for master in masters}
        self.current = key_id(masters[0])

    @staticmethod
    def event_key(master: bytes) -> bytes:
        """The key of event payloads that is derived from a master key: it leads back to nothing."""
        return derive(master, "event payload")

    @property
    def opens_events_of(self) -> frozenset[str]:
        """The ids of the keys whose events open here."""
        return frozenset(self._payload)

    @property
    def opens_data_keys_of(self) -> frozenset[str]:
        """The ids of the master keys, under which data keys are wrapped."""
        return frozenset(key_id(master) for master in self.masters)

    def encrypt(self, plain: bytes, associated: bytes, nonce: bytes | None = None) -> tuple[bytes, bytes]:
        """(nonce, ciphertext) under the current key. `associated` is authenticated, not hidden.

        `nonce` is one of `fresh_nonces()`, for this call alone; without it one is drawn.
        """
        nonce = nonce or os.urandom(NONCE_BYTES)
        return nonce, self._payload[self.current].encrypt(nonce, plain, associated)

    def decrypt(self, key: str, nonce: bytes, cipher: bytes, associated: bytes) -> bytes:
        """The plain bytes; raises `Undecipherable` for changed bytes, and `KeyMissing`."""
        try:
            return self._payload[key].decrypt(nonce, cipher, associated)
        except KeyError:
            raise KeyMissing(f"An event names key {key}, which KINBRIDGE_MASTER_KEY lacks.") from None
        except (InvalidTag, ValueError):
            raise Undecipherable("The payload does not decrypt: it was changed, or belongs to other data.") from None

    def derived(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, from the current master key."""
        return self.all_derived(purpose)[0]

    def all_derived(self, purpose: str) -> tuple[bytes, ...]:
        """A 32-byte key for one purpose from each master key, the current first: for what older keys made."""
        found = self._derived.get(purpose)
        if found is None:
            found = self._derived.setdefault(purpose, tuple(derive(master, purpose) for master in self.masters))
        return found

    def feed_key(self, source: str, reader: str) -> str:
        """The bearer key with which `reader` reads the feed of `source`: one for each pair of services."""
        return self.derived(f"feed {source} {reader}").hex()

    def sealing_key(self, service: str) -> PrivateKey:
        """The service's own key pair for sealed parts."""
        return PrivateKey(self.derived(f"sealed to {service}"))

    def open_sealed(self, service: str, sealed: bytes) -> bytes:
        """What was sealed to a service under any of the master keys; raises `Undecipherable`."""
        for secret in self.all_derived(f"sealed to {service}"):
            with suppress(Undecipherable):
                return unseal(PrivateKey(secret), sealed)
        raise Undecipherable("The sealed part was not sealed to this service.")


def fresh_nonces(count: int) -> list[bytes]:
    """Nonces, drawn at once: each call of the system lets another thread in, and a long import waited for its turn."""
    drawn = os.urandom(NONCE_BYTES * count)
    return [drawn[at : at + NONCE_BYTES] for at in range(0, len(drawn), NONCE_BYTES)]


def key_id(master: bytes) -> str:
    """Eight hexadecimal digits that tell keys apart and reveal nothing of them."""
    return hashlib.sha256(b"kinbridge key id" + master).hexdigest()[:8]


def derive(master: bytes, purpose: str) -> bytes:
    """HKDF-SHA256 of a master key for a purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kinbridge " + purpose.encode()).derive(master)


def seal(recipient: PublicKey, plain: bytes) -> bytes:
    """Bytes that only the recipient opens (anonymous sealed box)."""
    return SealedBox(recipient).encrypt(plain)


def unseal(own: PrivateKey, sealed: bytes) -> bytes:
    """Open what was sealed to `own`; raises `Undecipherable`."""
    try:
        return SealedBox(own).decrypt(sealed)
    except CryptoError:
        raise Undecipherable("The sealed part was not sealed to this service.") from None


def same_secret(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
