"""Rows as CSV, as JSON and as Parquet. Captured values are hostile: a spreadsheet must not run them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from daywatch.rows.stored_rows import StoredRows

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""The start of what spreadsheets take for a formula (OWASP, CSV Injection)."""

_ARROW: dict[str, Callable[[Any], Any]] = {
    "TIMESTAMPTZ": lambda arrow: arrow.timestamp("us", "UTC"),
    "VARCHAR": lambda arrow: arrow.string(),
    "DOUBLE": lambda arrow: arrow.float64(),
    "BIGINT": lambda arrow: arrow.int64(),
    "BOOLEAN": lambda arrow: arrow.bool_(),
}
"""Arrow's type of each type of a column in DuckDB."""


def as_csv(found: StoredRows) -> str:
    """Return rows as CSV with a header; text that a spreadsheet would run gets an apostrophe before it."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([harmless(name) for name in found.columns])
    writer.writerows([harmless(value) for value in row] for row in found.rows)
    return written.getvalue()


def as_json(found: StoredRows) -> str:
    """Return rows as a JSON list of objects; numbers that JSON does not have are text, such as ``"nan"``."""
    rows = [dict(zip(found.columns, map(_number, row), strict=True)) for row in found.rows]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def as_parquet(found: StoredRows) -> bytes:
    """Return rows as a Parquet file with the types that they have in the artifacts."""
    import pyarrow as pa
    import pyarrow.parquet

    table = pa.table(
        {
            name: pa.array([_typed(row[place], type_) for row in found.rows], _ARROW[type_](pa))
            for place, (name, type_) in enumerate(zip(found.columns, found.types, strict=True))
        }
    )
    written = io.BytesIO()
    pyarrow.parquet.write_table(table, written, compression="zstd")
    return written.getvalue()


def harmless(value: Any) -> Any:
    """Return a value with an apostrophe before it where a spreadsheet would run it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_BEGINS_FORMULA) else value


def _number(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _typed(value: Any, type_: str) -> Any:
    return datetime.fromisoformat(value) if type_ == "TIMESTAMPTZ" and value is not None else value
