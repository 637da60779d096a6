"""The model versions, endpoint variants and sampling percentages that served a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import duckdb_in, text
from daywatch.measure.service.past_windows import Served, Setting

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

MOST_VALUES = 20
"""At most so many values of a setting are counted, those with the most records."""

_LENGTH = 120


def _word(column: str) -> str:
    """Return SQL for captured text as a key: printable and of bounded length, whatever it holds."""
    return f"left(regexp_replace({column}, '[\\p{{C}}\\p{{Zl}}\\p{{Zp}}]', '?', 'g'), {_LENGTH})"


VALUES = {
    Setting.MODEL_VERSION: _word("model_version"),
    Setting.VARIANT: _word("variant"),
    Setting.SAMPLING_PERCENT: "printf('%g', sampling_percent)",
}
"""SQL of each setting's value in ``operations.parquet``."""


def measure_serving(operations: Path, inferences: Path, scratch: Path) -> tuple[Served, ...]:
    """Count records and rows by what served them; records without the setting are not counted.

    Args:
        operations: Parquet of the window's operations, as the export writes it, one row a record.
        inferences: Canonical Parquet of the window.
        scratch: Folder that DuckDB may spill into.
    """
    found: list[Served] = []
    with duckdb_in(scratch) as connection:
        connection.execute(f"CREATE VIEW operations AS SELECT * FROM read_parquet({text(str(operations))})")
        # Only the event ids: a feature may have the name of a column of operations.
        connection.execute(
            f"CREATE VIEW inferences AS SELECT event_id FROM read_parquet({text(str(inferences))})"
        )
        for setting, value in VALUES.items():
            records = _records(connection, value)
            rows = _rows(connection, value, records)
            found += [
                Served(setting=setting, value=name, records=count, rows=rows.get(name, 0))
                for name, count in records.items()
            ]
    return tuple(found)


def _records(connection: duckdb.DuckDBPyConnection, value: str) -> dict[str, int]:
    """Return the number of records by value, greatest first."""
    query = f"""
        SELECT {value} AS value, count(*) AS records FROM operations WHERE value <> ''
        GROUP BY value ORDER BY records DESC, value LIMIT {MOST_VALUES}
    """
    return dict(connection.execute(query).fetchall())


def _rows(connection: duckdb.DuckDBPyConnection, value: str, records: dict[str, int]) -> dict[str, int]:
    """Return the number of inferences by value; if one value served all records, as on most days, without a join."""
    query = "SELECT (SELECT count(*) FROM operations), (SELECT count(*) FROM inferences)"
    ((all_records, all_rows),) = connection.execute(query).fetchall()
    if list(records.values()) == [all_records]:
        return dict.fromkeys(records, all_rows)
    if not records:
        return {}
    query = f"""
        SELECT {value} AS value, count(*) FROM operations JOIN inferences USING (event_id)
        WHERE value IN (SELECT unnest(?)) AND coalesce(status, 'succeeded') = 'succeeded' GROUP BY value
    """
    return dict(connection.execute(query, [list(records)]).fetchall())
