"""Slices that predict worse than in the baseline, in words."""

from __future__ import annotations

from dataclasses import dataclass

from daywatch.formatting import metric_value, percent, plural
from daywatch.results import BadSlice

MOST_SLICES = 5
"""Slices in the mail at most; the warehouse has all."""


@dataclass(frozen=True)
class SliceRow:
    """A slice with its metric and its shares in the window: ``11.0 % of the rows, 46.1 % of the errors``."""

    name: str
    value: str
    baseline: str
    parts: str


def slice_row(bad: BadSlice) -> SliceRow:
    """Put a slice that became worse into words.

    Args:
        bad: The slice, its metric and its shares.
    """
    return SliceRow(
        name=bad.slice,
        value=metric_value(bad.metric, bad.value) if bad.value is not None else "none",
        baseline=metric_value(bad.metric, bad.baseline) if bad.baseline is not None else "none",
        parts=f"{percent(bad.rows_share)} of the rows, {percent(bad.error_share)} of the errors, "
        f"{plural(bad.rows, 'labelled row')}",
    )
