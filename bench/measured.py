"""Run a piece of work in a process of its own and tell its seconds and its peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What a piece of work cost.

    Attributes:
        seconds: Wall clock, imports excluded.
        cpu_seconds: Of all threads, imports excluded.
        peak_mb: Largest resident memory of the process, interpreter and libraries included.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measured(work: str, environment: Mapping[str, str], *arguments: str) -> Cost:
    """Run ``bench.work.<work>(*arguments)`` in a fresh process.

    Raises:
        CalledProcessError: It failed; its own words are on stderr.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "bench.work", work, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))
