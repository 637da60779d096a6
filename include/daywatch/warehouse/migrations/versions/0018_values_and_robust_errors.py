"""Values of outcomes and robust errors among the performance metrics.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PERFORMANCE_BY_DAY = """
CREATE VIEW performance_by_day AS
SELECT metric_value.model, metric_value.window_start, metric_value.window_end, metric_value.slice,
    metric_value.column_name, metric_value.class_name, metric_value.metric, metric_value.value, metric_value.low,
    metric_value.high, metric_value.rows, metric_value.baseline_value,
    metric_value.value - metric_value.baseline_value AS difference, metric_value.difference_low,
    metric_value.difference_high, metric_value.baseline_rows, metric_value.threshold, metric_value.method,
    metric_value.status, metric_value.revision
FROM current_window
JOIN metric_value ON metric_value.model = current_window.model
    AND metric_value.window_start = current_window.window_start
    AND metric_value.window_end = current_window.window_end
    AND metric_value.revision = current_window.revision
WHERE metric_value.metric IN ({metrics})
"""
RATES = ("false_positive_rate", "false_negative_rate", "true_negative_rate")
OF_CLASSES = ("precision", "recall", "f1", "f0_5", "f2")
CONSTANT = (
    *("accuracy", *OF_CLASSES, *(f"{name}_weighted" for name in OF_CLASSES), *RATES),
    *("mae", "mse", "rmse"),
)
BEFORE = (
    *("accuracy", *OF_CLASSES, *RATES, "roc_auc", "log_loss", "me", "mae", "mse", "rmse", "mape", "r2"),
    *(f"{name}_{mean}" for name in OF_CLASSES for mean in ("macro", "weighted")),
    *("true_positives", "false_positives", "false_negatives", "true_negatives"),
    *("pr_auc", "lift", "brier_score", "calibration_error"),
    *(f"residual_p{at}" for at in (5, 25, 50, 75, 95)),
    *(f"{name}_best_constant_classifier" for name in CONSTANT),
    "prediction_error_share",
)
ADDED = (
    *("value_per_row", "value_total", "smape", "wape", "median_absolute_error"),
    *(f"absolute_error_p{at}" for at in (75, 90, 95)),
)


def _view(metrics: tuple[str, ...]) -> None:
    op.execute("DROP VIEW performance_by_day")
    op.execute(PERFORMANCE_BY_DAY.format(metrics=", ".join(f"'{metric}'" for metric in metrics)))


def upgrade() -> None:
    """Go to this version."""
    _view((*BEFORE, *ADDED))


def downgrade() -> None:
    """Go back to the version before."""
    _view(BEFORE)
