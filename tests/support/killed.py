"""Processes that are killed in the middle of their work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

BYTES = 3_000_000_000
"""Of a source that takes seconds to copy."""


def killed_while(
    begun: Callable[[], bool], script: str, *arguments: str, by: signal.Signals = signal.SIGKILL
) -> int:
    """Start a Python script, send it a signal as soon as its work has begun, and return its exit code."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = (sys.executable, "-c", script, *arguments)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)
    try:
        deadline = time.monotonic() + 60
        while not begun():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "the work never began"
            time.sleep(0.01)
        process.send_signal(by)
        process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode


def end(server: psutil.Process) -> None:
    """Kill a server of this process with -9, and wait until it has ended: until then it counts as running."""
    server.kill()
    server.wait(60)


def large(path: Path) -> Path:
    """Make a file of zeros that takes no room itself."""
    with path.open("wb") as file:
        file.truncate(BYTES)
    return path
