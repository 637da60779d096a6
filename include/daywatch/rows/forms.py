"""Rows as CSV and as JSON. Captured values are hostile: a spreadsheet must not run them."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

from daywatch.rows.stored_rows import StoredRows

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""The start of what spreadsheets take for a formula (OWASP, CSV Injection)."""


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


def harmless(value: Any) -> Any:
    """Return a value with an apostrophe before it where a spreadsheet would run it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_BEGINS_FORMULA) else value


def _number(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
