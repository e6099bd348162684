"""The second factor: time-based one-time codes (RFC 6238), six digits, 30 seconds."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
_NEIGHBOURS = 1
"""Steps before and after the present one whose codes count: clocks differ (RFC 6238, 5.2)."""


def fresh_second_factor() -> str:
    """A new shared secret, in base 32 (160 bits)."""
    return pyotp.random_base32()


def second_factor_address(secret: str, sign_in_name: str) -> str:
    """The `otpauth:` address that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=sign_in_name, issuer_name="Kinbridge")


def code_step(secret: str, typed: str, now: datetime, used: int | None) -> int | None:
    """The time step whose code this is. None for a wrong code, and for a step up to `used`: a code counts once."""
    code = "".join(letter for letter in typed if not letter.isspace())
    if not (code.isascii() and code.isdigit()):
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in range(present - _NEIGHBOURS, present + _NEIGHBOURS + 1):
        if (used is None or step > used) and hmac.compare_digest(totp.at(step * STEP_SECONDS), code):
            return step
    return None
