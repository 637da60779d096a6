"""How complete a window's labels are, and when they can be expected to be."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from daywatch.ingest.labels.counts import ExpectedLabels

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.labels.counts import LabelCounts
    from daywatch.ingest.labels.source import LabelObject
    from daywatch.window import Window

CURVE_WINDOWS = 28
"""The greatest number of earlier windows from which an age's expected share is taken."""


def known_until(connection: duckdb.DuckDBPyConnection, objects: list[LabelObject]) -> date | None:
    """Return the last day of collection that was read; None where nothing was.

    The evidence says it, not a clock: it is the day of the newest folder, or of the newest row of a database.

    Args:
        connection: Has the view ``label_records``.
        objects: The label objects that ``load_labels`` returned.
    """
    days = [one.day for one in objects if one.day is not None]
    if days:
        return max(days)
    row = connection.execute("SELECT CAST(max(collected_at) AS DATE) FROM label_records").fetchone()
    return row[0] if row else None


def share_by_day(counts: LabelCounts, rows: int, window: Window, until: date | None) -> list[float]:
    """Return the share of inferences labelled by the end of the window's last day, of the day after, and so on.

    Args:
        counts: Counts of the window's labels.
        rows: Number of the window's inferences.
        window: The window; the first share is of its last day.
        until: The last day of collection that was read, None for none.

    Returns:
        Shares from 0 to 1, up to that day; empty if the source does not say when labels were collected.
    """
    days = (until - window.last_in_utc).days + 1 if until is not None else 0
    if days < 1 or not rows or (counts.labelled and not counts.labelled_by_day):
        return []
    labelled = [*counts.labelled_by_day[:days]]
    labelled += [labelled[-1] if labelled else 0] * (days - len(labelled))
    return [number / rows for number in labelled]


def expected_labels(curves: list[list[float]], floor: float, window: Window) -> ExpectedLabels | None:
    """Return when a window's labels can be expected: by the median over the latest windows that were old enough.

    Args:
        curves: ``share_by_day`` of earlier windows, latest window first.
        floor: The share of labelled inferences that the plan asks for, from 0 to 1.
        window: The window whose labels are not mature.

    Returns:
        Share and day: the first day on which the floor is reached, else the last day that is known; None if no
        earlier window has a share.
    """
    known: list[float] = []
    for age in range(max((len(curve) for curve in curves), default=0)):
        shares = [curve[age] for curve in curves if len(curve) > age][:CURVE_WINDOWS]
        known.append(median(shares))
        if known[-1] >= floor:
            break
    if not known:
        return None
    return ExpectedLabels(share=known[-1], by=window.last_in_utc + timedelta(days=len(known) - 1))


def are_mature(labelled: int, rows: int, model: MonitoredModel) -> bool:
    """Return whether enough of a window's inferences are labelled for the plan.

    Args:
        labelled: Number of the window's inferences with a label.
        rows: Number of the window's inferences.
        model: The model's configuration. Labels are always mature without a source of labels, or without rows.
    """
    floor = model.plan.minimum.label_share
    return model.labels is None or not rows or labelled >= floor * rows
