"""Labels in JSON Lines: values by path, and objects that are not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.capture.lines import line_reader
from daywatch.capture.reasons import Reason
from daywatch.config.capture import Limits
from daywatch.engine.duck import text
from daywatch.labels.unpacked import Unpacked

if TYPE_CHECKING:
    import duckdb

    from daywatch.labels.source import Insert, LabelObject
    from daywatch.storage import Storage


def json_path(path: str) -> str:
    """Return DuckDB's path for keys with dots between them; each is quoted, for keys may hold anything."""
    return "$." + ".".join(f'"{key}"' for key in path.split("."))


def read_json_lines(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    objects: list[LabelObject],
    paths: dict[str, str | None],
    select: str,
    insert: Insert,
) -> None:
    """Hand over the values of each line.

    Args:
        connection: Where the query runs.
        storage: Where the objects lie.
        objects: In the order of their numbers.
        paths: Names and where each stands in a line, such as ``$.eventMetadata.eventId``;
            None for a value that the lines do not hold.
        select: Makes the columns ``VALUES`` of ``parsed``: object, record, reason, excerpt and the names of
            ``paths``, all NULL where the line is no JSON; ``not_json`` then says so.
        insert: Takes the query.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    stored = [one.stored for one in objects if one.stored is not None]
    unpacked = Unpacked(storage)
    wanted = [path for path in paths.values() if path]
    listed = ", ".join(text(path) for path in wanted)
    named = ", ".join(
        f"fields[{wanted.index(path) + 1}] AS {name}" if path else f"NULL AS {name}"
        for name, path in paths.items()
    )
    query = f"""
        WITH split AS (
            SELECT object, record, reason, coalesce(excerpt, left(line, 200)) AS excerpt,
                CASE WHEN line IS NOT NULL AND json_valid(line) THEN json_extract_string(line, [{listed}])
                END AS fields
            FROM label_lines
        ), parsed AS (
            SELECT object, record, excerpt, {named},
                CASE WHEN reason IS NULL AND fields IS NULL THEN '{Reason.NOT_JSON}' ELSE reason END AS reason,
                CASE WHEN reason IS NULL AND fields IS NULL THEN 'the line is not whole JSON' END AS detail
            FROM split
        )
        {select}
    """
    with line_reader(unpacked, dict(enumerate(stored)), Limits()) as lines:
        connection.register("label_lines", lines)
        insert(query)
        connection.unregister("label_lines")
    insert_damaged(objects, unpacked.damaged, insert)


def insert_damaged(objects: list[LabelObject], damaged: dict[str, str], insert: Insert) -> None:
    """Hand over a record for each object that could not be read, or not to its end."""
    for number, one in enumerate(objects):
        if one.stored is not None and one.stored.key in damaged:
            detail = text(f"the object is not whole: {damaged[one.stored.key][:300]}")
            insert(
                f"SELECT {number} AS object, 0 AS record, NULL AS id, NULL AS label, NULL AS position, "
                f"NULL AS collected, '{Reason.UNREADABLE}' AS reason, {detail} AS detail, NULL AS excerpt"
            )
