"""Inferences and operations of a judged window of the small model, as the export stores them."""

from __future__ import annotations

from pathlib import Path

import duckdb
from daywatch.config.deployment.deployment import Deployment
from judgements import Judged
from operations import write_operations


def write_rows(deployment: Deployment, judged: Judged, rows: int, country: str) -> None:
    """Store a day whose row n has the amount n, the latency 100 n and every fifth prediction wrong.

    ``country`` is that of row 3.
    """
    folder = Path(deployment.artifacts_uri)
    inferences = folder / judged.folder.inferences
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"""COPY (SELECT 'e' || n AS event_id, NULL::VARCHAR AS inference_id,
                TIMESTAMPTZ '{judged.day} 10:00:00' + to_seconds(n) AS inference_time, 'key' AS source_key,
                n AS source_record, 1 AS row_in_record, n::DOUBLE AS amount, n % 7 AS items, n % 2 = 0 AS member,
                CASE WHEN n = 3 THEN $1 ELSE 'DE' || n END AS country, '1' AS prediction, 0.9 AS probability,
                CASE WHEN n % 5 = 0 THEN '0' ELSE '1' END AS label FROM range({rows}) AS t(n)
            ) TO '{inferences}' (FORMAT parquet)""",
            [country],
        )
    times = [f"{judged.day}T10:{n // 60:02d}:{n % 60:02d}Z" for n in range(rows)]
    events, latencies = [f"e{n}" for n in range(rows)], [100.0 * n for n in range(rows)]
    # A record comes twice: its inference must not.
    write_operations(
        folder / judged.folder.operations,
        event_id=[*events, "e0"],
        inference_time=[*times, times[0]],
        latency_ms=[*latencies, 0.0],
        status=["succeeded"] * (rows + 1),
        attributes=["{}"] * (rows + 1),
    )
