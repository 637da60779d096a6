"""Seconds from one point of a process to the next, and its memory so far."""

from __future__ import annotations

import time
from pathlib import Path


class Laps:
    """Times consecutive parts of a process.

    Args:
        began: Start of the first lap by the monotonic clock, in seconds; another process may have read it.
        cpu_began: CPU seconds of this process at that time.
    """

    def __init__(self, began: float, cpu_began: float = 0.0) -> None:
        self._last = (began, cpu_began)
        self._name = ""
        self.of: dict[str, dict[str, float]] = {}

    def start(self, name: str) -> None:
        """End the current lap, and begin another."""
        now = (time.monotonic(), time.process_time())
        if self._name:
            lap = {"s": round(now[0] - self._last[0], 3), "cpu_s": round(now[1] - self._last[1], 3)}
            self.of[self._name] = lap
            self._last = now
        self._name = name

    def end(self) -> dict[str, float]:
        """End the last lap and return the sum of all."""
        self.start("")
        return {unit: round(sum(lap[unit] for lap in self.of.values()), 3) for unit in ("s", "cpu_s")}


def peak_mb() -> float:
    """Return the largest resident memory that this process has had; Linux.

    ``ru_maxrss`` would start from the memory of the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
