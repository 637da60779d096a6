"""Memory and processors of the host and of control groups, read from files as Linux writes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from daywatch.engine.machine import memory_of_machine, processors_of_machine

HOST = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
PROCESSORS = len(os.sched_getaffinity(0))
GB = 1 << 30


def linux(root: Path, groups: str, files: dict[str, str]) -> Path:
    for name, content in {"proc/self/cgroup": groups, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + "\n")
    return root


V1 = "12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/docker/abc"


@pytest.mark.parametrize(
    ("groups", "files", "memory", "processors"),
    [
        ("0::/", {"sys/fs/cgroup/memory.max": f"{GB}", "sys/fs/cgroup/cpu.max": "50000 100000"}, GB, 1),
        (
            "0::/",
            {"sys/fs/cgroup/memory.max": "max", "sys/fs/cgroup/cpu.max": "max 100000"},
            HOST,
            PROCESSORS,
        ),
        (
            "0::/a/b",
            {"sys/fs/cgroup/a/memory.max": f"{GB}", "sys/fs/cgroup/a/b/memory.max": "max"},
            GB,
            PROCESSORS,
        ),
        (
            "0::/a/b",
            {"sys/fs/cgroup/a/memory.max": f"{2 * GB}", "sys/fs/cgroup/a/b/memory.max": f"{GB}"},
            GB,
            PROCESSORS,
        ),
        (V1, {"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": f"{GB}"}, GB, PROCESSORS),
        (V1, {"sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GB}"}, GB, PROCESSORS),
        (V1, {"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"}, HOST, PROCESSORS),
        (
            V1,
            {
                "sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us": "100000",
                "sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us": "100000",
            },
            HOST,
            1,
        ),
        (
            V1,
            {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"},
            HOST,
            PROCESSORS,
        ),
        (f"0::/\n{V1}", {"sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GB}"}, GB, PROCESSORS),
    ],
)
def test_the_smallest_limit_on_the_way_up_counts(
    groups: str, files: dict[str, str], memory: int, processors: int, tmp_path: Path
) -> None:
    root = linux(tmp_path, groups, files)
    assert (memory_of_machine(root), processors_of_machine(root)) == (memory, processors)


def test_without_control_groups_it_is_the_machine(tmp_path: Path) -> None:
    assert (memory_of_machine(tmp_path), processors_of_machine(tmp_path)) == (HOST, PROCESSORS)
