"""What proves who somebody is: passwords, one-time codes, secrets. Knows no database."""

from services.intake.credentials.one_time import code_step, fresh_second_factor, second_factor_address
from services.intake.credentials.passwords import hashed_password, password_fits
from services.intake.credentials.secrets import (
    digest_of,
    fresh_recovery_codes,
    fresh_secret,
    keyed_digest,
    plain_recovery_code,
)

__all__ = [
    "code_step",
    "digest_of",
    "fresh_recovery_codes",
    "fresh_second_factor",
    "fresh_secret",
    "hashed_password",
    "keyed_digest",
    "password_fits",
    "plain_recovery_code",
    "second_factor_address",
]
