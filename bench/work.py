"""The pieces of work to measure: `python -m bench.work BEGAN NAME ARGUMENTS...` prints the cost of one."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.laps import Laps, peak_mb


def bare_parse(_laps: Laps, folder: str, target: str) -> None:
    """Read the same files with DuckDB and write Parquet, nothing more: the lower limit of any ingestion."""
    import duckdb

    duckdb.sql(f"""
        COPY (SELECT * FROM read_json('{folder}/**/*.jsonl', format = 'newline_delimited'))
        TO '{target}' (FORMAT parquet, COMPRESSION zstd)
    """)


def ingest(_laps: Laps, day: str) -> None:
    """Run Daywatch's export of captures without labels: from the storage to canonical Parquet and quarantine."""
    from daywatch.config.deployment.environment import command_line_deployment
    from daywatch.ingest.export import export_window
    from daywatch.storage import open_storage
    from daywatch.window import Window

    from bench.captures import bench_model

    deployment = command_line_deployment(os.environ, Path("none"))
    model = bench_model().model_copy(update={"labels": None})
    with tempfile.TemporaryDirectory() as scratch:
        storage = open_storage(deployment.data_uri, deployment)
        files = export_window(Window.of_day(day), model, storage, Path(scratch))
    if files.counts.exported != files.counts.records:
        msg = f"not all records were exported: {files.counts}"
        raise RuntimeError(msg)


def copy_table(_laps: Laps, source: str, target: str) -> None:
    """Copy a Parquet file with DuckDB, nothing more."""
    import duckdb

    duckdb.sql(f"COPY (FROM read_parquet('{source}')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def ingest_table(_laps: Laps, folder: str) -> None:
    """Run Daywatch's export of a table without labels, from a local folder."""
    from daywatch.config.deployment.connections import no_connections
    from daywatch.config.deployment.deployment import deployment_from
    from daywatch.ingest.export import export_window
    from daywatch.storage import open_storage
    from daywatch.window import Window

    from bench.captures import DAYS
    from bench.tables import table_model

    places = {"DAYWATCH_DATA_URI": folder, "DAYWATCH_ARTIFACTS_URI": f"{folder}/artifacts"}
    deployment = deployment_from(places, no_connections)
    with tempfile.TemporaryDirectory() as scratch:
        storage = open_storage(folder, deployment)
        files = export_window(Window.of_day(DAYS[0]), table_model(), storage, Path(scratch))
    if files.counts.exported != files.counts.records:
        msg = f"not all records were exported: {files.counts}"
        raise RuntimeError(msg)


def baseline(_laps: Laps) -> dict[str, Any]:
    """Create the warehouse's tables and freeze the baseline; no figure includes this."""
    from daywatch.config.deployment.environment import command_line_deployment
    from daywatch.stages.build_baseline import build_baseline
    from daywatch.warehouse.migrate import upgrade

    deployment = command_line_deployment(os.environ, Path("none"))
    upgrade(deployment.warehouse_url)
    return {"baseline_id": build_baseline("bench", deployment)}


def model_day(laps: Laps, *days: str) -> dict[str, Any]:
    """Run whole days of the model one after the other in this process: the first is cold, the others are warm."""
    result: dict[str, Any] = {"days": []}
    for day in days:
        laps.start("start")
        state = _run(laps, day)
        total = laps.end()
        result["days"].append({**total, "peak_mb": round(peak_mb()), "state": state, "stages": laps.of})
        laps = Laps(time.monotonic(), time.process_time())
    return result


def imported_day(laps: Laps, day: str) -> dict[str, Any]:
    """Run a day in a process that has already imported the libraries."""
    from daywatch.preload import preload

    laps.start("imports")
    preload()
    laps.end()
    imports = laps.of
    (measured_day,) = model_day(Laps(time.monotonic(), time.process_time()), day)["days"]
    return {**measured_day, "stages": {**imports, **measured_day["stages"]}}


def _run(laps: Laps, day: str) -> str:
    from daywatch.config.deployment.environment import command_line_deployment
    from daywatch.stages.day import run_window
    from daywatch.window import Window

    deployment = command_line_deployment(os.environ, Path("none"))
    mail_at = datetime.fromisoformat(day).replace(hour=6, tzinfo=UTC) + timedelta(days=1)
    _, verdict = run_window("bench", Window.of_day(day), deployment, laps.start, mail_at)
    return str(verdict.state)


def peer(laps: Laps, bucket: str, day: str, baseline_file: str, html: str) -> dict[str, Any]:
    """Run what a user would write; see bench/peer.py."""
    from bench.peer import peer_day

    figures = peer_day(laps, bucket, day, Path(baseline_file), Path(html))
    laps.end()
    return {**figures, "stages": laps.of}


def nannyml(laps: Laps, bucket: str, day: str, baseline_file: str) -> dict[str, Any]:
    """Measure drift and performance alone, by NannyML; see bench/nannyml_peer.py."""
    from bench.nannyml_peer import nannyml_day

    figures = nannyml_day(laps, bucket, day, Path(baseline_file))
    laps.end()
    return {**figures, "stages": laps.of}


WORK: dict[str, Callable[..., dict[str, Any] | None]] = {
    function.__name__: function
    for function in (
        bare_parse,
        ingest,
        copy_table,
        ingest_table,
        baseline,
        model_day,
        imported_day,
        peer,
        nannyml,
    )
}
_IMPORTED_BEFORE = {
    "bare_parse": ("duckdb",),
    "copy_table": ("duckdb",),
    "ingest_table": (
        "duckdb",
        "numpy",
        "pandas",
        "pyarrow.compute",
        "obstore.store",
        "daywatch.ingest.export",
        "bench.tables",
    ),
    "ingest": (
        "duckdb",
        "numpy",
        "pyarrow.compute",
        "obstore.store",
        "daywatch.ingest.export",
        "bench.captures",
    ),
}
"""Modules whose import does not count: these pieces of work compare throughput."""


def main() -> None:
    """Do the work named on the command line."""
    process_began, name, *arguments = sys.argv[1:]
    for module in _IMPORTED_BEFORE.get(name, ()):
        import_module(module)
    began, cpu = time.monotonic(), time.process_time()
    result = WORK[name](Laps(float(process_began)), *arguments) or {}
    cost = {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu,
        "process_seconds": time.monotonic() - float(process_began),
        "process_cpu_seconds": time.process_time(),
        "peak_mb": peak_mb(),
        "result": result,
    }
    sys.stdout.write(json.dumps(cost) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
