"""The slices' part in the prediction errors next to their performance.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
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
BEFORE = (
    *("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "me", "mae", "rmse", "mape", "r2"),
    *(f"{name}_{mean}" for name in ("precision", "recall", "f1") for mean in ("macro", "weighted")),
    *("true_positives", "false_positives", "false_negatives", "true_negatives"),
    *("pr_auc", "lift", "brier_score", "calibration_error"),
    *(f"residual_p{at}" for at in (5, 25, 50, 75, 95)),
)


def _view(metrics: tuple[str, ...]) -> None:
    op.execute("DROP VIEW performance_by_day")
    op.execute(PERFORMANCE_BY_DAY.format(metrics=", ".join(f"'{metric}'" for metric in metrics)))


def upgrade() -> None:
    """Go to this version."""
    _view((*BEFORE, "prediction_error_share"))


def downgrade() -> None:
    """Go back to the version before."""
    _view(BEFORE)
