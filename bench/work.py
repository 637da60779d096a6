"""The pieces of work that are measured: `python -m bench.work NAME ARGUMENTS...` prints what one cost."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def bare_parse(folder: str, target: str) -> None:
    """What nobody can be faster than: DuckDB reads the same files and writes Parquet, nothing more."""
    import duckdb

    duckdb.sql(f"""
        COPY (SELECT * FROM read_json('{folder}/**/*.jsonl', format = 'newline_delimited'))
        TO '{target}' (FORMAT parquet, COMPRESSION zstd)
    """)


def ingest() -> None:
    """Daywatch's export: from the deployment's storage to canonical Parquet and quarantine."""
    from daywatch.capture.export import export_window
    from daywatch.config.environment import command_line_deployment
    from daywatch.storage import open_storage

    from bench.captures import DAY, bench_model

    deployment = command_line_deployment(os.environ, Path("none"))
    with tempfile.TemporaryDirectory() as scratch:
        storage = open_storage(deployment.data_uri, deployment)
        files = export_window(DAY, bench_model(), storage, Path(scratch))
    if files.counts.exported != files.counts.records:
        msg = f"not all records were exported: {files.counts}"
        raise RuntimeError(msg)


WORK: dict[str, Callable[..., None]] = {"bare_parse": bare_parse, "ingest": ingest}


def main() -> None:
    """Do the work named on the command line."""
    name, *arguments = sys.argv[1:]
    import duckdb  # noqa: F401 - both sides use it; neither is charged for its import

    began, cpu = time.monotonic(), time.process_time()
    WORK[name](*arguments)
    cost = {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(cost) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
