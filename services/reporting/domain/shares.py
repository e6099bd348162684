"""Which grants paid for what part of a service, as one text that a database can search: `|g1=62.50|g2=37.50|`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from urllib.parse import quote, unquote

MILLION = 1_000_000
"""A share is counted in whole millionths of the service (per cent with four decimals; finer ones are rounded half to
even), so that sums are exact on every database."""


@lru_cache(4096)
def written(parts: tuple[tuple[str, Decimal], ...]) -> str:
    """Grants with their per cent; empty for none. Grants are escaped, so that `marker` is found only where it is."""
    listed = [f"{marker(grant)[1:]}{format(per_cent, 'f')}" for grant, per_cent in sorted(parts)]
    return f"|{'|'.join(listed)}|" if listed else ""


@lru_cache(4096)
def read(text: str) -> Mapping[str, int]:
    """Grant → its share in millionths."""
    return {unquote(grant): _millionths(per_cent) for grant, _, per_cent in (p.partition("=") for p in _parts(text))}


def marker(grant: str) -> str:
    """What stands in the text where the grant paid for a part."""
    return f"|{quote(grant, safe='')}="


def _parts(text: str) -> list[str]:
    return text.strip("|").split("|") if text else []


def _millionths(per_cent: str) -> int:
    return int((Decimal(per_cent) * (MILLION // 100)).quantize(Decimal(1), ROUND_HALF_EVEN))
