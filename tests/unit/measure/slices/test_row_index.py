"""Rows grouped by slice."""

from __future__ import annotations

import numpy as np
import pandas as pd
from daywatch.measure.slices.row_index import row_index


def test_rows_of_a_slice_are_in_file_order() -> None:
    index = row_index(np.array([1, -1, 0, 1, 3]), 5)

    assert [positions.tolist() for positions in index.positions] == [[2], [0, 3], [], [4], []]
    assert index.sums(np.array([1.0, 10.0, 100.0, 1000.0, 10000.0])).tolist() == [100, 1001, 0, 10000, 0]


def test_a_row_index_among_some_rows() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(-1, 5, 1000)
    kept = random.random(1000) < 0.3
    index = row_index(codes, 5).among(kept)
    expected = pd.Series(codes[kept])
    for number, positions in enumerate(index.positions):
        assert positions.tolist() == expected[expected == number].index.tolist()
    values = random.random(int(kept.sum()))
    by_pandas = pd.Series(values).groupby(expected.to_numpy()).sum()
    np.testing.assert_allclose(index.sums(values), [by_pandas.get(code, 0) for code in range(5)])
