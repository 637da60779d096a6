"""What the machine lets this process have: memory and processors, of the host and of its control group.

Both versions of Linux's control groups, as containers and systemd use them: docs of the kernel,
``admin-guide/cgroup-v2`` (``memory.max``, ``cpu.max``) and ``cgroup-v1`` (``memory.limit_in_bytes``,
``cpu.cfs_quota_us``). A group's limit holds for the groups in it, so the smallest on the way up counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path

ROOT = Path("/")

_NO_LIMIT = 1 << 60
"""Version 1 writes the largest page-aligned number where there is no limit."""


def memory_of_machine(root: Path = ROOT) -> int:
    """Return the bytes of memory that this process may use.

    Args:
        root: Where ``proc`` and ``sys`` are mounted.
    """
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for folder in _groups(root, "memory"):
        limits = (_words(folder / name) for name in ("memory.max", "memory.limit_in_bytes"))
        found += [int(words[0]) for words in limits if words and words[0].isdigit()]
    return min(limit for limit in found if 0 < limit < _NO_LIMIT)


def processors_of_machine(root: Path = ROOT) -> int:
    """Return how many processors' time this process may use, at least 1.

    Args:
        root: Where ``proc`` and ``sys`` are mounted.
    """
    found = [len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1]
    for folder in _groups(root, "cpu"):
        words = _words(folder / "cpu.max") or [
            *_words(folder / "cpu.cfs_quota_us"),
            *_words(folder / "cpu.cfs_period_us"),
        ]
        if len(words) == 2 and all(word.isdigit() and int(word) for word in words):
            found.append(ceil(int(words[0]) / int(words[1])))
    return max(1, min(found))


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of this process's control group and of those around it.

    Inside a container the path may be that of the host, which is not to be seen there: then the root of
    what is mounted is the container's own group.
    """
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / (controllers and controller)
        inner = top / path.strip("/")
        yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(top))


def _words(path: Path) -> list[str]:
    """Return the words of a file's first line, none where it cannot be read."""
    return next(iter(_lines(path)), "").split()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []  # no such controller, or no Linux: there is no limit to read
