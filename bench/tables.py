"""Ingestion of one Parquet table compared with DuckDB's own copy of it, on local folders."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from daywatch.config.model.model import MonitoredModel

from bench.captures import DAYS, bench_configuration
from bench.columns import CATEGORIES, NUMBERS, WORDS
from bench.measured import Cost, measured

ROUNDS = 3
ROW_GROUPS = (122_880, 1_048_576)
"""Rows of a row group as DuckDB writes them, and as pandas does."""

_PREFIX = "captures"


def table_model() -> MonitoredModel:
    """Return the model whose captures are a table."""
    capture = {"source": "table", "prefix": _PREFIX, "time_column": "at", "id_column": "id"}
    configuration = bench_configuration() | {"capture": capture}
    del configuration["labels"]
    return MonitoredModel.model_validate(configuration)


def table_of(folder: Path) -> Path:
    """Return the file of the table below a data folder."""
    return folder / _PREFIX / DAYS[0].replace("-", "/") / "day.parquet"


def compare_tables(rows: int) -> list[dict[str, Any]]:
    """Compare the export of a table with its copy by DuckDB, for each size of row groups.

    Both run several times in turn. The result is the median of each, and the largest memory.
    """
    found = []
    for row_group in ROW_GROUPS:
        with tempfile.TemporaryDirectory(prefix="daywatch-bench-") as folder:
            file = table_of(Path(folder))
            _write(file, rows, row_group)
            rounds = [_both(folder, file) for _ in range(ROUNDS)]
            copy, ours = (
                sorted(costs, key=lambda cost: cost.cpu_seconds) for costs in zip(*rounds, strict=True)
            )
            row: dict[str, Any] = {"rows": rows, "row_group": row_group}
            row["megabytes"] = round(file.stat().st_size / 1e6, 1)
            row["ratio"] = round(ours[ROUNDS // 2].cpu_seconds / copy[ROUNDS // 2].cpu_seconds, 2)
            found.append({**row, "daywatch": _figures(ours), "copy": _figures(copy)})
    return found


def _both(folder: str, file: Path) -> tuple[Cost, Cost]:
    return measured("copy_table", {}, str(file), f"{folder}/copy.parquet"), measured(
        "ingest_table", {}, folder
    )


def _figures(costs: list[Cost]) -> dict[str, float]:
    median = costs[ROUNDS // 2]
    return {
        "s": round(median.seconds, 2),
        "cpu_s": round(median.cpu_seconds, 2),
        "peak_mb": round(max(cost.peak_mb for cost in costs)),
    }


def _write(file: Path, rows: int, row_group: int) -> None:
    """Write a day of the synthetic model as a table; the same rows give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(rows)
    start = np.datetime64(datetime.fromisoformat(DAYS[0]), "us")
    probability = random.random(rows).round(6)
    columns: dict[str, Any] = {
        "id": [f"{DAYS[0]}-{number:012}" for number in range(rows)],
        "at": pa.array(
            start + np.arange(rows) * np.timedelta64(86_400_000_000 // rows, "us"), pa.timestamp("us", "UTC")
        ),
        **{name: random.normal(size=rows).round(6) for name in NUMBERS},
        **{name: random.choice(WORDS, size=rows) for name in CATEGORIES},
        "prediction": np.where(probability > 0.5, "1", "0"),
        "probability": probability,
    }
    file.parent.mkdir(parents=True)
    pq.write_table(pa.table(columns), file, compression="zstd", row_group_size=row_group)
