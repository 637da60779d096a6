"""The plan's minimum of evidence: without it, a window or its performance is GREY."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.formatting import plural
from daywatch.ingest.intake_sentences import lost_labels, lost_records
from daywatch.judge.opinion import Opinion
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.model.plan import Minimum
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.ingest.labels.counts import ExpectedLabels
    from daywatch.results import Metric

Measured = dict[tuple[str, str], "Metric"]
"""The metrics of the whole window, by name and by column or class."""

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def too_few_rows(minimum: Minimum, measured: Measured, counts: ExportCounts) -> Opinion | None:
    """Return why the window cannot be judged, None if it has enough rows.

    Args:
        minimum: The plan's minimum.
        measured: The metrics of the whole window, with ``records`` and ``rows`` among them.
        counts: Counts of the export, for what became of the records.
    """
    rows = int(measured["rows", ""].value or 0)
    if not measured["records", ""].value:
        return Opinion(State.GREY, f"no captures under {counts.source}", "no captures")
    if rows < minimum.rows:
        lost = lost_records(counts)
        reason = f"{rows} rows, fewer than the plan's minimum of {minimum.rows}{lost and f': {lost}'}"
        return Opinion(State.GREY, reason, f"{rows} rows < {minimum.rows}")
    return None


def too_few_labels(
    minimum: Minimum, measured: Measured, counts: ExportCounts, expected: ExpectedLabels | None
) -> Opinion | None:
    """Return why performance cannot be judged, None if there are enough labels.

    Args:
        minimum: The plan's minimum.
        measured: The metrics of the whole window, with ``labelled`` and ``labelled_share`` among them.
        counts: Counts of the export, for what became of the labels.
        expected: When the windows before say that labels can be expected, None if they do not.
    """
    lost = lost_labels(counts)
    ending = f"; {lost}" if lost else ""
    labelled = int(measured["labelled", ""].value or 0)
    share = measured["labelled_share", ""].value or 0.0
    if share < minimum.label_share:
        # Rounded down: 79.6 % is less than a minimum of 80 %.
        mature = f"{math.floor(share * 100)} %"
        reason = f"labels {mature} mature, {_expectation(minimum.label_share, expected)}{ending}"
        return Opinion(State.GREY, reason, f"labels {mature} mature" if labelled else "no labels")
    if labelled < minimum.labels:
        reason = f"{labelled} labelled rows, fewer than the plan's minimum of {minimum.labels}{ending}"
        short = f"{labelled} labels < {minimum.labels}" if labelled else "no labels"
        return Opinion(State.GREY, reason, short)
    return None


def too_few_rows_behind(least: int, metric: Metric | None) -> Opinion | None:
    """Return why a performance metric cannot be judged by the rows that it comes from, None if they are enough.

    A recall comes from the rows of its class, which may be few where the window has many labels.

    Args:
        least: The fewest rows, those of the plan or of the slice.
        metric: The metric, None if it was not measured.
    """
    if metric is None or metric.value is None or metric.rows is None or metric.rows >= least:
        return None
    reason = f"it comes from {plural(metric.rows, 'row')}, fewer than the plan's minimum of {least}"
    return Opinion(State.GREY, reason, f"{plural(metric.rows, 'row')} < {least}")


def _expectation(label_share: float, expected: ExpectedLabels | None) -> str:
    """Return by when to expect the share of labels that the plan needs, from earlier windows."""
    minimum = f"the plan's minimum is {label_share * 100:g} %"
    if expected is None:
        return f"{minimum}; no earlier window shows when to expect that"
    day = f"{expected.by.day} {_MONTHS[expected.by.month - 1]}"
    expectation = f"expected {math.floor(expected.share * 100)} % by {day}"
    if expected.share < label_share:
        return f"{expectation}, and no more than that; {minimum}"
    return f"{expectation}; {minimum}"
