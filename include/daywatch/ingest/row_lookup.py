"""The outcome and the label of each typed row, looked up by the row's number while the rows are written.

A join would either not keep the order of the rows or hold all of them in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.engine.budget import ARROW_ROWS

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    from daywatch.config.model.model import MonitoredModel

_IN_FILE = (1 << 40) - 1

_ROW, _RECORD = 1, 2
"""What is lost: a row, or the record, of which not even is known how it was served."""

# DuckDB evaluates the annotations of the functions that it is given, and pyarrow's exist for type checkers only:
# so it is given lambdas, which have none.
RowPositions = Callable[["pa.Array"], "np.ndarray"]
"""Turns ``number`` of rows in the view ``typed_rows`` into their positions among all rows, from 0."""


def provide_readable(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the SQL functions ``is_readable(number)`` and ``is_served(number)``.

    They hold a byte per row, where rows are not readable.

    Args:
        connection: Has the views ``typed_rows`` and ``row_outcomes``; gets the functions.
    """
    import numpy as np
    import pyarrow as pa
    from duckdb.func import ARROW

    positions, rows = _row_positions(connection)
    lost = np.zeros(rows, np.uint8)  # memory is taken only where a value is written
    for batch in _batches(connection, "SELECT number, served FROM row_outcomes WHERE NOT readable"):
        known = batch["served"].to_numpy(zero_copy_only=False)
        lost[positions(batch["number"])] = np.where(known, _ROW, _RECORD)
    readable = lambda numbers: pa.array(lost[positions(numbers)] < _ROW)  # noqa: E731
    served = lambda numbers: pa.array(lost[positions(numbers)] < _RECORD)  # noqa: E731
    connection.create_function("is_readable", readable, ["BIGINT"], "BOOLEAN", type=ARROW)
    connection.create_function("is_served", served, ["BIGINT"], "BOOLEAN", type=ARROW)


def provide_labels(connection: duckdb.DuckDBPyConnection, model: MonitoredModel) -> None:
    """Make the SQL function ``label_of(number)``, NULL for a row without a label. It holds up to nine bytes per row.

    Args:
        connection: Has the views ``typed_rows`` and ``row_labels``; gets the function.
        model: The model's configuration, for the type of its labels.
    """
    from duckdb.func import ARROW, SPECIAL

    kind = model.output.answer_type
    labels = _numbers if kind is ColumnType.NUMBER else _classes
    function = labels(connection, *_row_positions(connection))
    connection.create_function(
        "label_of", function, ["BIGINT"], kind.sql_type, type=ARROW, null_handling=SPECIAL
    )


def _row_positions(connection: duckdb.DuckDBPyConnection) -> tuple[RowPositions, int]:
    """Return the function from numbers to positions, and the number of all rows."""
    import numpy as np

    counts = connection.execute(
        "SELECT number >> 40 AS file, count(*) FROM typed_rows GROUP BY file"
    ).fetchall()
    before = np.zeros(max((file for file, _ in counts), default=0) + 2, np.int64)
    for file, count in counts:
        before[file + 1] = count
    before = before.cumsum()

    def positions(numbers: pa.Array) -> np.ndarray:
        found = numbers.to_numpy(zero_copy_only=False)
        return np.asarray(before[found >> 40] + (found & _IN_FILE))

    return positions, int(before[-1])


def _numbers(
    connection: duckdb.DuckDBPyConnection, positions: RowPositions, rows: int
) -> Callable[[pa.Array], pa.Array]:
    """Return the function from numbers of rows to labels that are numbers."""
    import numpy as np
    import pyarrow as pa

    values, labelled = np.zeros(rows), np.zeros(rows, bool)
    for batch in _batches(connection, "SELECT number, label FROM row_labels"):
        found = positions(batch["number"])
        values[found], labelled[found] = batch["label"].to_numpy(zero_copy_only=False), True

    def label_of(found: np.ndarray) -> pa.Array:
        return pa.array(values[found], mask=~labelled[found])

    return lambda numbers: label_of(positions(numbers))


def _classes(
    connection: duckdb.DuckDBPyConnection, positions: RowPositions, rows: int
) -> Callable[[pa.Array], pa.Array]:
    """Return the function from numbers of rows to labels that are classes."""
    import numpy as np
    import pyarrow as pa

    connection.execute(
        "CREATE TYPE label_class AS ENUM (SELECT DISTINCT label FROM row_labels ORDER BY label)"
    )
    names = connection.execute("SELECT unnest(enum_range(NULL::label_class))").fetchall()
    classes = pa.array([name for (name,) in names], pa.string())
    codes = np.zeros(rows, np.min_scalar_type(len(classes) + 1))  # 0 stands for no label
    query = "SELECT number, enum_code(CAST(label AS label_class)) AS code FROM row_labels"
    for batch in _batches(connection, query):
        codes[positions(batch["number"])] = (
            batch["code"].to_numpy(zero_copy_only=False).astype(codes.dtype) + 1
        )

    def label_of(found: np.ndarray) -> pa.Array:
        return classes.take(pa.array(codes[found].astype(np.int64) - 1, mask=codes[found] == 0))

    return lambda numbers: label_of(positions(numbers))


def _batches(connection: duckdb.DuckDBPyConnection, query: str) -> pa.RecordBatchReader:
    return connection.cursor().sql(query).to_arrow_reader(ARROW_ROWS)
