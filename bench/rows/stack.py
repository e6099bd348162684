"""The row of docker-compose.yml: seconds until the whole stack answers, and what its images weigh."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from bench.report import RUNS, Check, Row, medians
from bench.servers import Servers
from shared.settings import SERVICES
from tests.compose.stack import TAG, Stack, run, why_not

BASE = "python:3.13-slim"


def start(number: int) -> float:
    """Seconds from `up` on empty volumes until every container answers; the images are there."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "env", project=f"kinbridge-bench-{os.getpid()}-{number}")
        stack.build()
        try:
            began = time.perf_counter()
            stack.up()
            stack.wait_ready()
            return time.perf_counter() - began
        finally:
            stack.down()


def megabytes(image: str) -> float:
    return int(run("docker", "inspect", "--format", "{{.Size}}", image)) / 1_000_000


def rows(_servers: Servers, _scale: float) -> list[Row]:
    reason = why_not()
    if reason is not None:
        print(f"stack: NOT MEASURED, {reason}", file=sys.stderr, flush=True)
        return []
    seconds = {"seconds": [start(number) for number in range(RUNS)]}
    sizes = {service: [megabytes(f"kinbridge-{service}:{TAG}") - megabytes(BASE)] for service in SERVICES}
    return [
        Row(
            "docker compose up: ready",
            "empty volumes, images made, until all nine containers answer",
            "s",
            seconds,
            [Check("ready", medians(seconds)["seconds"], 40, "s", at_most=True)],
        ),
        Row(
            "images",
            f"beyond {BASE} ({megabytes(BASE):,.0f} MB here)",
            "MB",
            sizes,
            [Check("the largest", max(size for (size,) in sizes.values()), 300, "MB", at_most=True)],
        ),
    ]
