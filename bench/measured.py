"""Run a piece of work in a process of its own, and measure its seconds and its peak memory."""

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
        seconds: Wall-clock seconds of the work alone.
        cpu_seconds: CPU seconds of all threads, of the work alone.
        process_seconds: Wall-clock seconds from the start of the process, with interpreter and imports.
        process_cpu_seconds: CPU seconds of all threads, from the start of the process.
        peak_mb: Largest resident memory of the process in MB, with interpreter and libraries.
        result: What the work itself returns, such as the seconds of each stage.
    """

    seconds: float
    cpu_seconds: float
    process_seconds: float
    process_cpu_seconds: float
    peak_mb: float
    result: dict[str, Any] = field(default_factory=dict)


def measured(
    work: str, environment: Mapping[str, str], *arguments: str, python: str = sys.executable
) -> Cost:
    """Run ``bench.work.<work>(*arguments)`` in a fresh process.

    Args:
        work: Name of the function in ``bench.work``.
        environment: Variables to set in addition to those of this process.
        arguments: Arguments of the function.
        python: Path of the interpreter; a peer may need libraries of its own.

    Raises:
        CalledProcessError: The work failed; its error is on stderr.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [python, "-m", "bench.work", str(time.monotonic()), work, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))
