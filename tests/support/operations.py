"""Operations of a window as the export writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow

TYPES = {
    "event_id": "VARCHAR",
    "inference_id": "VARCHAR",
    "inference_time": "TIMESTAMPTZ",
    "status": "VARCHAR",
    "latency_ms": "DOUBLE",
    "request_bytes": "BIGINT",
    "response_bytes": "BIGINT",
    "model_version": "VARCHAR",
    "variant": "VARCHAR",
    "sampling_percent": "DOUBLE",
    "attributes": "VARCHAR",
}


def write_operations(path: Path, **columns: list[Any]) -> Path:
    """Write ``operations.parquet``; what is not given is NULL, and event ids are counted up."""
    rows = max((len(values) for values in columns.values()), default=0)
    given = {"event_id": [f"event-{number}" for number in range(rows)], **columns}
    data = {name: pyarrow.array(list(given.get(name, [None] * rows))) for name in TYPES}
    typed = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in TYPES.items())
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("given", pyarrow.table(data))
        connection.execute(
            f"COPY (SELECT {typed} FROM given ORDER BY inference_time, event_id) TO '{path}' (FORMAT parquet)"
        )
    return path
