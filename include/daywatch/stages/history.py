"""What a window is compared with of the windows before it: read from the warehouse, and kept next to its verdict."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from daywatch.ingest.labels.maturity import CURVE_WINDOWS, are_mature, expected_labels
from daywatch.measure.drift.spans import days_before
from daywatch.measure.service.metric_history import needed_days
from daywatch.warehouse.history import label_curves
from daywatch.warehouse.past_metrics import metric_histories
from daywatch.warehouse.past_outcomes import past_outcomes
from daywatch.warehouse.past_windows import past_windows

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.labels.counts import ExpectedLabels
    from daywatch.measure.service.past_windows import PastWindows
    from daywatch.window import Window

_LENGTH = 16


def history_of(
    connection: sa.Connection, model: MonitoredModel, window: Window, labelled: int, rows: int
) -> PastWindows:
    """Return all that a window's verdict depends on of the windows before it, each at its newest revision.

    Args:
        connection: Connection to the warehouse.
        model: The model's configuration.
        window: The window.
        labelled: Number of its inferences with a label.
        rows: Number of its inferences.
    """
    days = days_before(window, model.drift.profiles)
    past = past_windows(connection, model.model, window, days)
    needed = needed_days(model.plan.all_rules, window)
    return past.model_copy(
        update={
            "metrics": metric_histories(connection, model.model, window, needed),
            "outcomes": past_outcomes(connection, model.model, window, model.plan.outcomes_needed),
            "expected_labels": _expected_labels(connection, model, window, labelled, rows),
        }
    )


def fingerprint_of(past: PastWindows) -> str:
    """Return a fingerprint of a window's history."""
    return hashlib.sha256(past.model_dump_json().encode()).hexdigest()[:_LENGTH]


def _expected_labels(
    connection: sa.Connection, model: MonitoredModel, window: Window, labelled: int, rows: int
) -> ExpectedLabels | None:
    """Return the labels to expect of a window whose labels are not mature, None for all other windows."""
    if model.labels is None or are_mature(labelled, rows, model):
        return None
    curves = label_curves(connection, model.model, window.start, CURVE_WINDOWS + model.labels.delay_days)
    return expected_labels(curves, model.plan.minimum.label_share, window)
