"""The memory and processors that this process may use: of the host, and of its control group.

It reads both versions of Linux's control groups, which containers and systemd use; see the kernel's documents
``admin-guide/cgroup-v2`` (``memory.max``, ``cpu.max``) and ``cgroup-v1`` (``memory.limit_in_bytes``,
``cpu.cfs_quota_us``). The limit of a group also holds for the groups in it, so the smallest
limit on the way up counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path

ROOT = Path("/")

_NO_LIMIT = 1 << 60
"""From this number of bytes on, there is no limit: version 1 writes the largest page-aligned number."""


def memory_of_machine(root: Path = ROOT) -> int:
    """Return the bytes of memory that this process may use.

    Args:
        root: The folder in which ``proc`` and ``sys`` are mounted.
    """
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for folder in _groups(root, "memory"):
        limits = (_words(folder / name) for name in ("memory.max", "memory.limit_in_bytes"))
        found += [int(words[0]) for words in limits if words and words[0].isdigit()]
    return min(limit for limit in found if 0 < limit < _NO_LIMIT)


def processors_of_machine(root: Path = ROOT) -> int:
    """Return the number of processors that this process may use, at least 1.

    Args:
        root: The folder in which ``proc`` and ``sys`` are mounted.
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
    """Yield the folders of this process's control group and of the groups around it.

    In a container the path may be that on the host, which is not visible there: then the root of the mounted
    folder is the container's own group.
    """
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / (controllers and controller)
        inner = top / path.strip("/")
        yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(top))


def _words(path: Path) -> list[str]:
    """Return the words of a file's first line; none where it cannot be read."""
    return next(iter(_lines(path)), "").split()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []  # no such controller, or no Linux: there is no limit to read
