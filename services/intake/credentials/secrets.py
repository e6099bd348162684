"""Random secrets: sessions, tickets, invitations, clients, recovery codes. Databases hold their digests alone."""

from __future__ import annotations

import hashlib
import hmac
import secrets

RECOVERY_CODES = 10
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_HALF = 5


def fresh_secret() -> str:
    """256 random bits, to be shown or set once."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """What is stored of a fresh secret: it has 256 random bits, so SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()


def keyed_digest(key: bytes, text: str) -> bytes:
    """What is stored of a text that could be guessed: without the master key no guess can be tried."""
    return hmac.digest(key, text.encode(), "sha256")


def fresh_recovery_codes() -> tuple[str, ...]:
    """Codes of 49 random bits, as they are shown: `7F3K9-QX2MA`."""
    return tuple(f"{_drawn()}-{_drawn()}" for _ in range(RECOVERY_CODES))


def _drawn() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_HALF))


def plain_recovery_code(typed: str) -> str | None:
    """A recovery code however it was typed; None when it is none by its form."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    if len(letters) != 2 * _HALF or any(letter not in _LETTERS for letter in letters):
        return None
    return f"{letters[:_HALF]}-{letters[_HALF:]}"
