"""The first rows of objects as they are stored, to recognise what they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.adopt.columns import SampledColumn
from daywatch.config.model.capture import Limits
from daywatch.engine.duck import duckdb_in
from daywatch.ingest.captures.csv_table import csv_table
from daywatch.ingest.captures.tabular import parquet_table
from daywatch.ingest.reading.gzip_stream import Refusal, plain_bytes

if TYPE_CHECKING:
    from daywatch.storage import Storage, StoredObject

ROWS = 3_000
"""Rows or records that are looked at, of each object and in all."""

_TEXT = 4_000_000
"""Bytes of JSON Lines that are looked at to recognise a source."""

TABLES = (".parquet", ".csv", ".csv.gz")
LINES = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".gz")

_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT[0-9:.]+Z +(?=\{)")
"""What CloudWatch Logs puts in front of each line that it exports."""


def first_records(storage: Storage, stored: StoredObject) -> list[dict[str, Any]]:
    """Return the first JSON objects of an object of lines or of one array; none if it is neither.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    head = b""
    with suppress(Refusal):
        for piece in plain_bytes(storage, stored, Limits()):
            head += piece[: _TEXT - len(head)]
            if len(head) >= _TEXT:
                break
    text = head.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        whole = json.loads(text)
        return [one for one in (whole if isinstance(whole, list) else [whole]) if isinstance(one, dict)][
            :ROWS
        ]
    found: list[dict[str, Any]] = []
    for line in text.splitlines()[:ROWS]:
        with suppress(ValueError, RecursionError):
            one = json.loads(_STAMP.sub("", line))
            found += [one] if isinstance(one, dict) else []
    return found


def first_rows(storage: Storage, objects: Iterable[StoredObject], scratch: Path) -> tuple[SampledColumn, ...]:
    """Return the columns of tables, Parquet or CSV with a header, with their first rows.

    Args:
        storage: The storage that has them.
        objects: The tables; one that cannot be read is left out.
        scratch: Existing local folder for a copy of each.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    values: dict[str, list[Any]] = {}
    rows = 0
    for one in objects:
        with suppress(Refusal):
            names, read = _rows_of(storage, one, scratch)
            for n, name in enumerate(names):
                # A column that only later tables have is missing in those before.
                values.setdefault(name, [None] * rows).extend(row[n] for row in read)
            rows += len(read)
            for column in values.values():
                column.extend([None] * (rows - len(column)))
        if rows >= ROWS:
            break
    return tuple(SampledColumn(name, column) for name, column in values.items())


def _rows_of(
    storage: Storage, stored: StoredObject, scratch: Path
) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """Return the names of a table's columns, and its first rows as text."""
    with duckdb_in(scratch) as connection:
        opened = (
            parquet_table(connection, storage, stored, scratch, Limits())
            if stored.key.endswith(".parquet")
            else csv_table(connection, storage, stored, 0, scratch, Limits())
        )
        with opened as table:
            if not table:
                return (), []
            selected = ", ".join(one.as_text() for one in table.columns.values())
            read = connection.execute(f"SELECT {selected} FROM {table.reader} LIMIT {ROWS}").fetchall()
            return tuple(table.columns), read
