"""Which model versions served a window, counted before its baseline is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import duckdb_in, text

if TYPE_CHECKING:
    from pathlib import Path

MOST_VERSIONS = 10
"""At most so many versions of a window are compared. A hostile capture may name millions."""


def served_versions(operations: Path, scratch: Path) -> dict[str, int]:
    """Return the number of records by model version, the most frequent first; empty where captures name none.

    Args:
        operations: Local Parquet of the operations.
        scratch: Folder that DuckDB may spill into.
    """
    with duckdb_in(scratch) as connection:
        found = connection.execute(f"""
            SELECT model_version, count(*) AS records FROM read_parquet({text(str(operations))})
            WHERE model_version IS NOT NULL GROUP BY ALL ORDER BY records DESC, model_version LIMIT {MOST_VERSIONS}
        """).fetchall()
    return {str(version): int(records) for version, records in found}
