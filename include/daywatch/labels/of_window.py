"""Which labels belong to a window: looked up while labels stream by, of which there may be many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def provide_of_window(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the SQL function ``is_of_window(hash(id))``: whether a readable record of the window has this id.

    It holds eight bytes a record, where a join would hold all ids for each reader. Two ids may have one hash:
    then a label of another window is carried along, counted with this one's, and joined to nothing.

    Args:
        connection: Holds ``records``; gets the function.
    """
    import numpy as np
    import pyarrow as pa
    from duckdb.func import ARROW

    found = connection.execute(
        "SELECT hash(coalesce(inference_id, event_id)) AS hashed FROM records WHERE reason IS NULL"
    )
    known = np.asarray(found.fetchnumpy()["hashed"])
    known.sort()

    def among(asked: np.ndarray) -> np.ndarray:
        if not len(known):
            return np.zeros(len(asked), bool)
        places = np.searchsorted(known, asked)
        return np.asarray(known[np.minimum(places, len(known) - 1)] == asked)

    connection.create_function(
        "is_of_window",
        lambda hashed: pa.array(among(hashed.to_numpy(zero_copy_only=False))),
        ["UBIGINT"],
        "BOOLEAN",
        type=ARROW,
    )
