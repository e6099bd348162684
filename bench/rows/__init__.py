"""One file a row or a family of rows. `rows(servers, scale)` measures and returns them."""

from __future__ import annotations

from collections.abc import Callable

from bench.report import Row
from bench.rows import (
    backbone,
    casework,
    consume,
    families,
    flat,
    latency,
    matching,
    referrals,
    reports,
    stack,
    start,
    submit,
)
from bench.servers import Servers

ROWS: dict[str, Callable[[Servers, float], list[Row]]] = {
    "consume": consume.rows,
    "backbone": backbone.rows,
    "submit": submit.rows,
    "casework": casework.rows,
    "latency": latency.rows,
    "start": start.rows,
    "stack": stack.rows,
    "referrals": referrals.rows,
    "families": families.rows,
    "flat": flat.rows,
    "matching": matching.rows,
    "reports": reports.rows,
}
