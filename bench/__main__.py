"""`python -m bench [--scale 0.01] [--only ROW] [--json FILE]`; exit code 1 when a target is missed."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from pathlib import Path

from bench.report import Row, print_table, write_json
from bench.rows import ROWS
from bench.servers import Servers

LATEST = Path(__file__).parent / "results" / "latest.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1, help="1 is the full size; every size has a minimum")
    parser.add_argument("--only", action="append", choices=sorted(ROWS), help="only this row (may be repeated)")
    parser.add_argument("--json", type=Path, default=LATEST, help="where the results are written")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    rows: list[Row] = []
    with Servers() as servers:
        for name in asked.only or ROWS:
            began = time.monotonic()
            rows += ROWS[name](servers, asked.scale)
            print(f"{name}: measured in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            write_json(rows, asked.scale, asked.json)
    print_table(rows, asked.scale)
    return 0 if all(check.passed for row in rows for check in row.checks) else 1


if __name__ == "__main__":
    sys.exit(main())
