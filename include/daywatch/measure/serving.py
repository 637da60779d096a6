"""Which model versions, endpoint variants and sampling percentages served a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import duckdb_in, text
from daywatch.measure.history import Served, Setting

if TYPE_CHECKING:
    from pathlib import Path

MOST_VALUES = 20
"""Values of a setting that are told apart, those with the most records."""

_LENGTH = 120


def _word(column: str) -> str:
    """Return SQL for captured text fit for a key: whatever it holds, printable and of bounded length."""
    return f"left(regexp_replace({column}, '[\\p{{C}}\\p{{Zl}}\\p{{Zp}}]', '?', 'g'), {_LENGTH})"


VALUES = {
    Setting.MODEL_VERSION: _word("model_version"),
    Setting.VARIANT: _word("variant"),
    Setting.SAMPLING_PERCENT: "printf('%g', sampling_percent)",
}
"""SQL of each setting's value, on ``operations.parquet``."""


def measure_serving(operations: Path, inferences: Path, scratch: Path) -> tuple[Served, ...]:
    """Count records and rows by what served them; a record whose source does not say is not counted.

    Args:
        operations: Parquet as the export writes it, one row a record.
        inferences: Canonical Parquet of the window.
        scratch: Folder that DuckDB may spill into.
    """
    found = []
    with duckdb_in(scratch) as connection:
        for setting, value in VALUES.items():
            query = f"""
                WITH served AS (
                    SELECT {value} AS value, event_id FROM read_parquet({text(str(operations))})
                    WHERE {value} <> ''
                ), counted AS (
                    SELECT value, count(*) AS rows FROM served
                    JOIN read_parquet({text(str(inferences))}) USING (event_id) GROUP BY value
                )
                SELECT value, count(*) AS records, coalesce(any_value(counted.rows), 0)
                FROM served LEFT JOIN counted USING (value)
                GROUP BY value ORDER BY records DESC, value LIMIT {MOST_VALUES}
            """
            rows = connection.execute(query).fetchall()
            found += [Served(setting=setting, value=row[0], records=row[1], rows=row[2]) for row in rows]
    return tuple(found)
