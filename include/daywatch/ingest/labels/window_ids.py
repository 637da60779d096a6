"""Which labels belong to a window: looked up while labels are read, of which there may be many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import numpy as np


def provide_of_window(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the SQL function ``is_of_window(hash(id))``: whether a readable record of the window has this id.

    It holds about twelve bytes per record, where a join would hold all ids for each reader. If two ids have the same
    hash, a label of another window is counted with this window's and joined to no inference.

    Args:
        connection: Has the view ``records``; gets the function.
    """
    import numpy as np
    import pyarrow as pa
    from duckdb.func import ARROW

    found = connection.execute(
        "SELECT hash(coalesce(inference_id, event_id)) AS hashed FROM records WHERE reason IS NULL"
    )
    known = Hashes(np.asarray(found.fetchnumpy()["hashed"]))
    connection.create_function(
        "is_of_window",
        lambda hashed: pa.array(known.hold(hashed.to_numpy(zero_copy_only=False))),
        ["UBIGINT"],
        "BOOLEAN",
        type=ARROW,
    )


class Hashes:
    """A sorted set of hashes, with the position at which each run of equal leading bits begins.

    A binary search over millions of hashes would wait for memory at most of its steps. Hashes are spread evenly, so
    that a run has only a few, and only these are searched.
    """

    def __init__(self, hashes: np.ndarray) -> None:
        import numpy as np

        hashes.sort()
        first = np.ones(len(hashes), bool)
        first[1:] = hashes[1:] != hashes[:-1]
        self._sorted = hashes if first.all() else hashes[first]
        bits = max(len(self._sorted).bit_length() - 1, 1)
        self._unused = np.uint64(64 - bits)
        runs = np.bincount((self._sorted >> self._unused).astype(np.int64), minlength=1 << bits)
        starts = np.append(0, np.cumsum(runs))
        self._starts = starts.astype(np.uint32 if len(self._sorted) < 1 << 32 else np.int64)
        self._steps = int(runs.max()).bit_length()

    def hold(self, hashes: np.ndarray) -> np.ndarray:
        """Return for each of some hashes whether the set has it, as an array of truth values."""
        import numpy as np

        if not len(self._sorted):
            return np.zeros(len(hashes), bool)
        run = (hashes >> self._unused).astype(np.int64)
        low, high = self._starts[run].astype(np.int64), self._starts[run + 1].astype(np.int64)
        last = len(self._sorted) - 1
        for _ in range(self._steps):
            middle = (low + high) >> 1
            below = (self._sorted[np.minimum(middle, last)] < hashes) & (low < high)
            low, high = np.where(below, middle + 1, low), np.where(below, high, middle)
        return np.asarray(self._sorted[np.minimum(low, last)] == hashes)
