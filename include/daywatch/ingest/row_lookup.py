"""What became of each typed row, and its label, found by the row's place while the rows are written once more.

A join would not promise to keep the order of the rows, or would hold them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.engine.budget import ARROW_ROWS
from daywatch.ingest.payloads.casts import SQL_TYPES, answer_type

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    from daywatch.config.model.model import MonitoredModel

_IN_FILE = (1 << 40) - 1

# (DuckDB evaluates the annotations of functions, and pyarrow's are there for type checkers only: hence lambdas.)
Places = Callable[["pa.Array"], "np.ndarray"]
"""Returns where rows stand among all, of the numbers that they have in the view ``typed``."""


def provide_readable(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the SQL function ``is_readable(number)``; it takes a byte a row, where some are not.

    Args:
        connection: Holds ``typed`` and ``rows``; gets the function.
    """
    import numpy as np
    import pyarrow as pa
    from duckdb.func import ARROW

    places, rows = _places(connection)
    unreadable = np.zeros(rows, bool)  # (zeros take memory only where others are written)
    for batch in _batches(connection, "SELECT number FROM rows WHERE NOT readable"):
        unreadable[places(batch["number"])] = True
    connection.create_function(
        "is_readable",
        lambda numbers: pa.array(~unreadable[places(numbers)]),
        ["BIGINT"],
        "BOOLEAN",
        type=ARROW,
    )


def provide_labels(connection: duckdb.DuckDBPyConnection, model: MonitoredModel) -> None:
    """Make the SQL function ``label_of(number)``, NULL where there is none; it takes up to nine bytes a row.

    Args:
        connection: Holds ``typed`` and ``row_labels``; gets the function.
        model: Says of which type labels are.
    """
    from duckdb.func import ARROW, SPECIAL

    kind = answer_type(model)
    labels = _numbers if kind is ColumnType.NUMBER else _classes
    function = labels(connection, *_places(connection))
    connection.create_function(
        "label_of", function, ["BIGINT"], SQL_TYPES[kind], type=ARROW, null_handling=SPECIAL
    )


def _places(connection: duckdb.DuckDBPyConnection) -> tuple[Places, int]:
    """Return the function of places, and how many there are."""
    import numpy as np

    counts = connection.execute("SELECT number >> 40 AS file, count(*) FROM typed GROUP BY file").fetchall()
    before = np.zeros(max((file for file, _ in counts), default=0) + 2, np.int64)
    for file, count in counts:
        before[file + 1] = count
    before = before.cumsum()

    def places(numbers: pa.Array) -> np.ndarray:
        found = numbers.to_numpy(zero_copy_only=False)
        return np.asarray(before[found >> 40] + (found & _IN_FILE))

    return places, int(before[-1])


def _numbers(
    connection: duckdb.DuckDBPyConnection, places: Places, rows: int
) -> Callable[[pa.Array], pa.Array]:
    import numpy as np
    import pyarrow as pa

    marks, labelled = np.zeros(rows), np.zeros(rows, bool)
    for batch in _batches(connection, "SELECT number, label FROM row_labels"):
        found = places(batch["number"])
        marks[found], labelled[found] = batch["label"].to_numpy(zero_copy_only=False), True

    def label_of(found: np.ndarray) -> pa.Array:
        return pa.array(marks[found], mask=~labelled[found])

    return lambda numbers: label_of(places(numbers))


def _classes(
    connection: duckdb.DuckDBPyConnection, places: Places, rows: int
) -> Callable[[pa.Array], pa.Array]:
    import numpy as np
    import pyarrow as pa

    connection.execute(
        "CREATE TYPE label_class AS ENUM (SELECT DISTINCT label FROM row_labels ORDER BY label)"
    )
    names = connection.execute("SELECT unnest(enum_range(NULL::label_class))").fetchall()
    classes = pa.array([name for (name,) in names], pa.string())
    marks = np.zeros(rows, np.min_scalar_type(len(classes) + 1))  # (0 is none)
    query = "SELECT number, enum_code(CAST(label AS label_class)) AS code FROM row_labels"
    for batch in _batches(connection, query):
        marks[places(batch["number"])] = batch["code"].to_numpy(zero_copy_only=False).astype(marks.dtype) + 1

    def label_of(found: np.ndarray) -> pa.Array:
        return classes.take(pa.array(marks[found].astype(np.int64) - 1, mask=marks[found] == 0))

    return lambda numbers: label_of(places(numbers))


def _batches(connection: duckdb.DuckDBPyConnection, query: str) -> pa.RecordBatchReader:
    return connection.cursor().sql(query).to_arrow_reader(ARROW_ROWS)
