"""Run a piece of work in a process of its own and tell its seconds and its peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Cost:
    """What a piece of work cost.

    Attributes:
        seconds: Wall clock of the work alone.
        cpu_seconds: Of all threads, of the work alone.
        process_seconds: Wall clock from the start of the process, interpreter and imports included.
        process_cpu_seconds: Of all threads, from the start of the process.
        peak_mb: Largest resident memory of the process, interpreter and libraries included.
        told: What the work itself says, such as seconds a stage.
    """

    seconds: float
    cpu_seconds: float
    process_seconds: float
    process_cpu_seconds: float
    peak_mb: float
    told: dict[str, Any] = field(default_factory=dict)


def measured(
    work: str, environment: Mapping[str, str], *arguments: str, python: str = sys.executable
) -> Cost:
    """Run ``bench.work.<work>(*arguments)`` in a fresh process.

    Args:
        work: Its name.
        environment: Set beside this process's own.
        arguments: For the work.
        python: The interpreter; a peer may need libraries of its own.

    Raises:
        CalledProcessError: It failed; its own words are on stderr.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [python, "-m", "bench.work", str(time.monotonic()), work, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))
