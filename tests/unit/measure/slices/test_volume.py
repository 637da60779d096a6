"""The minimum of a slice: from exactly so many rows and labels on, it is measured."""

from __future__ import annotations

import pytest
from daywatch.measure.columns.tables import Side
from daywatch.measure.slices.volume import SliceCounts


def slice_of(rows: int, labelled: int) -> SliceCounts:
    """Return a slice with a minimum of 20 rows, 10 labels and a half of the rows labelled."""
    sides = dict.fromkeys(Side, rows), dict.fromkeys(Side, labelled)
    return SliceCounts("a", 0, 0, *sides, minimum_rows=20, minimum_labels=10, minimum_share=0.5)


@pytest.mark.parametrize(
    ("rows", "labelled", "lacking"),
    [
        (20, 10, ""),
        (19, 19, "19 rows in the window, fewer than the minimum of 20"),
        (20, 9, "9 labelled rows in the window, fewer than the minimum of 10"),
        (30, 15, ""),
        (30, 14, "14 of 30 rows are labelled, less than the minimum of 50 %"),
    ],
)
def test_the_minimum_itself_is_enough(rows: int, labelled: int, lacking: str) -> None:
    found = slice_of(rows, labelled)

    assert found.lacks_labels(Side.WINDOW) == lacking
    assert found.lacks_rows(Side.WINDOW) == (lacking if rows < 20 else "")


def test_the_baseline_needs_no_share_of_labels() -> None:
    assert slice_of(30, 14).lacks_labels(Side.BASELINE) == ""
