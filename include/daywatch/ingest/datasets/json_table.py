"""JSON Lines as a table: its columns are the keys of the objects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Limits
from daywatch.engine.duck import text
from daywatch.ingest.captures.tabular import Table, TableColumn, local_copy, readable
from daywatch.ingest.payloads.positions import json_path
from daywatch.ingest.reading.gzip_stream import Refusal
from daywatch.ingest.reading.json_array import lines_of_array
from daywatch.ingest.reading.lines import line_schema, read_lines
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.storage import Storage, StoredObject

_IS_OBJECT = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END"


@contextmanager
def json_table(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    stored: StoredObject,
    number: int,
    scratch: Path,
    limits: Limits,
) -> Iterator[Table | None]:
    """Yield an object of JSON Lines, or one that is a JSON array, as a table; None for one without objects.

    Args:
        connection: The connection that reads the table.
        storage: The storage that has the object.
        stored: The object, as it was listed, plain or gzip.
        number: The number of the object, for the records that are no rows.
        scratch: Existing local folder for a copy of the lines.
        limits: The largest objects and lines that are read.

    Raises:
        Refusal: It has lines, but none is a JSON object.
        InfrastructureError: The storage did not answer, or the object changed since it was listed.
    """
    import pyarrow.parquet as pq

    with local_copy(scratch) as spooled:
        with pq.ParquetWriter(spooled, line_schema()) as writer:
            for batch in read_lines(storage, {number: stored}, limits, arrays=lines_of_array):
                writer.write_batch(batch)
        lines = f"read_parquet({text(str(spooled))})"
        with readable(spooled):
            objects = f"FROM {lines} WHERE reason IS NULL AND {_IS_OBJECT}"
            keys = connection.execute(
                f"SELECT DISTINCT unnest(json_keys(line)) AS name {objects} ORDER BY name"
            ).fetchall()
            if not keys:
                first = f"SELECT reason, detail FROM ({_leftovers(number, lines)}) ORDER BY record LIMIT 1"
                for reason, detail in connection.execute(first).fetchall():
                    raise Refusal(Reason(reason), detail)
                yield None
                return
            columns = {
                str(name): TableColumn(f"json_extract_string(line, {text(json_path(str(name)))})", "VARCHAR")
                for (name,) in keys
            }
            yield Table(f"(SELECT line {objects})", columns, (_leftovers(number, lines),))


def _leftovers(number: int, lines: str) -> str:
    """Return a query for the lines that are no objects, numbered after all rows."""
    return f"""
        SELECT {number} AS object, (SELECT max(record) FROM {lines}) + row_number() OVER (ORDER BY record) AS record,
            coalesce(reason, '{Reason.NOT_JSON}') AS reason,
            coalesce(detail, 'line ' || record || ' is not a JSON object') AS detail,
            coalesce(excerpt, line) AS excerpt
        FROM {lines} WHERE reason IS NOT NULL OR NOT {_IS_OBJECT}
    """
