"""Labels in JSON Lines: values by path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Limits
from daywatch.engine.duck import text
from daywatch.ingest.reading.json_array import lines_of_array
from daywatch.ingest.reading.portions import registered_lines
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.ingest.labels.source import Insert
    from daywatch.storage import Storage, StoredObject


def json_path(path: str) -> str:
    """Return DuckDB's path for keys that are separated by dots; each key is quoted, because it may hold anything."""
    return "$." + ".".join(f'"{key}"' for key in path.split("."))


def read_json_lines(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: Mapping[int, StoredObject],
    paths: dict[str, str | None],
    select: str,
    insert: Insert,
) -> None:
    """Pass the values of each line to ``insert``.

    Args:
        connection: The connection that runs the query.
        storage: The storage of the data URI.
        objects: The label objects by number.
        paths: JSON path by name of the value, such as ``$.eventMetadata.eventId``; None for a value that the
            lines do not have.
        select: SQL that selects the columns ``VALUES`` from ``parsed``, which has object, record, reason, detail,
            excerpt and the names of ``paths``. These are NULL where a line is not JSON, and ``reason`` says so.
        insert: Stores what a query returns.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    wanted = [path for path in paths.values() if path]
    listed = ", ".join(text(path) for path in wanted)
    named = ", ".join(
        f"fields[{wanted.index(path) + 1}] AS {name}" if path else f"NULL AS {name}"
        for name, path in paths.items()
    )
    query = f"""
        WITH split AS (
            SELECT object, record, reason, detail, coalesce(excerpt, line) AS excerpt,
                TRY(json_extract_string(line, [{listed}])) AS fields
            FROM label_lines
        ), parsed AS (
            SELECT object, record, excerpt, {named},
                CASE WHEN reason IS NULL AND fields IS NULL THEN '{Reason.NOT_JSON}' ELSE reason END AS reason,
                CASE WHEN reason IS NULL AND fields IS NULL THEN 'the line is not whole JSON' ELSE detail END AS detail
            FROM split
        )
        {select}
    """
    with registered_lines(
        connection, "label_lines", storage, objects, Limits(), arrays=lines_of_array
    ) as portions:
        for _ in portions:
            insert(query)
