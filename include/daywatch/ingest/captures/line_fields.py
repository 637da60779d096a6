"""The first steps from lines of JSON to records, the same for every source of lines."""

from __future__ import annotations

from collections.abc import Mapping

from daywatch.engine.duck import text

LONGEST_KEPT = 200
"""Characters of a kept value: it is a name of something, and no payload."""


def kept_values(keep: Mapping[str, str], document: str) -> str:
    """Return SQL for the kept values of a record, as a list of texts.

    Args:
        keep: JSON path by the value's name.
        document: SQL for the record as JSON, NULL where it is none.
    """
    if not keep:
        return "NULL::VARCHAR[]"
    paths = ", ".join(text(path) for path in keep.values())
    found = f"json_extract_string({document}, [{paths}])"
    return f"list_transform({found}, lambda one: left(one, {LONGEST_KEPT}))"


def line_fields(lines: str, paths: Mapping[str, str]) -> str:
    """Return SQL for two common table expressions; the second, ``named``, has a column for each path.

    Args:
        lines: Table of the lines, with the columns of ``reading.lines.line_schema``.
        paths: JSON path by the name of the column that it fills, with text or NULL.
    """
    listed = ", ".join(text(path) for path in paths.values())
    columns = ", ".join(f"fields[{number}] AS {name}" for number, name in enumerate(paths, start=1))
    return f"""
        -- One row per line; fields is the list of texts at the paths, NULL where the line is not JSON.
        parsed AS (
            SELECT object, record, reason, detail, excerpt, line,
                TRY(json_extract_string(line, [{listed}])) AS fields
            FROM {lines}
        ),
        -- One row per line; each text in a column of its own.
        named AS (
            SELECT object, record, reason, detail, excerpt, line, fields IS NOT NULL AS is_json, {columns}
            FROM parsed
        )
    """
