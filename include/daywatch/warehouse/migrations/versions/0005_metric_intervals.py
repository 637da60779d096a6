"""Confidence intervals and rows behind a metric, metrics of one class, the confusion matrix.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEY = ["model", "window_start", "window_end", "revision", "slice", "column_name", "metric"]
KEY_OF_CLASS = [*KEY[:-1], "class_name", "metric"]

METRICS_BY_DAY = """
CREATE VIEW {view} AS
SELECT metric_value.model, metric_value.window_start, metric_value.window_end, metric_value.slice,
    metric_value.column_name, {of_class}metric_value.metric, metric_value.value, {interval}metric_value.baseline_value,
    {difference}metric_value.threshold, metric_value.method, metric_value.status, metric_value.revision
FROM current_window
JOIN metric_value ON metric_value.model = current_window.model
    AND metric_value.window_start = current_window.window_start
    AND metric_value.window_end = current_window.window_end
    AND metric_value.revision = current_window.revision
WHERE metric_value.metric IN ({metrics})
"""
NOTHING = {"of_class": "", "interval": "", "difference": ""}
WITH_INTERVAL = {
    "of_class": "metric_value.class_name, ",
    "interval": "metric_value.low, metric_value.high, metric_value.rows, ",
    "difference": "metric_value.value - metric_value.baseline_value AS difference, metric_value.difference_low,\n"
    "    metric_value.difference_high, metric_value.baseline_rows, ",
}
DRIFT = ("drift_score", "drifted_columns", "drifted_share", "prediction_drift", "target_drift")
FIRST = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "me", "mae", "rmse", "mape", "r2")
PERFORMANCE = (
    *FIRST,
    *(f"{name}_{mean}" for name in ("precision", "recall", "f1") for mean in ("macro", "weighted")),
    *("true_positives", "false_positives", "false_negatives", "true_negatives"),
    *("pr_auc", "lift", "brier_score", "calibration_error"),
    *(f"residual_p{at}" for at in (5, 25, 50, 75, 95)),
)


def _view(name: str, metrics: tuple[str, ...], columns: dict[str, str]) -> str:
    listed = ", ".join(f"'{metric}'" for metric in metrics)
    return METRICS_BY_DAY.format(view=name, metrics=listed, **columns)


def _added() -> list[sa.Column[Any]]:
    """Return fresh columns of the interval."""
    return [
        sa.Column("low", sa.Double(), comment="of the 95 % confidence interval, like high"),
        sa.Column("high", sa.Double()),
        sa.Column("rows", sa.BigInteger(), comment="behind the value"),
        sa.Column("baseline_low", sa.Double()),
        sa.Column("baseline_high", sa.Double()),
        sa.Column("baseline_rows", sa.BigInteger()),
        sa.Column("difference_low", sa.Double(), comment="of value - baseline_value"),
        sa.Column("difference_high", sa.Double()),
    ]


def _without_views() -> None:
    """Drop the views on the table: SQLite cannot change it under them."""
    op.execute("DROP VIEW drift_by_day")
    op.execute("DROP VIEW performance_by_day")


def _key(columns: list[str]) -> None:
    """Replace the primary key; SQLite copies the table for that."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("metric_value", copy_from=_keyed(columns), recreate="always"):
            return
    op.drop_constraint("metric_value_pkey", "metric_value", type_="primary")
    op.create_primary_key("metric_value_pkey", "metric_value", columns)


def _keyed(columns: list[str]) -> sa.Table:
    """Return the table as it is now, with another key."""
    now = sa.Table("metric_value", sa.MetaData(), autoload_with=op.get_bind())
    kept = [
        sa.Column(one.name, one.type, nullable=one.nullable, server_default=one.server_default)
        for one in now.columns
    ]
    return sa.Table("metric_value", sa.MetaData(), *kept, sa.PrimaryKeyConstraint(*columns))


def upgrade() -> None:
    """Go to this version."""
    _without_views()
    for table in ("metric_value", "rule_outcome"):
        op.add_column(
            table,
            sa.Column("class_name", sa.String(length=120), server_default=sa.text("''"), nullable=False),
        )
    for column in _added():
        op.add_column("metric_value", column)
    _key(KEY_OF_CLASS)
    op.create_table(
        "confusion_matrix",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("prediction", sa.String(length=120), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("baseline_rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "label", "prediction"),
    )
    op.execute(_view("drift_by_day", DRIFT, NOTHING))
    op.execute(_view("performance_by_day", PERFORMANCE, WITH_INTERVAL))


def downgrade() -> None:
    """Go back to the version before; metrics of single classes are lost."""
    _without_views()
    op.drop_table("confusion_matrix")
    op.execute("DELETE FROM metric_value WHERE class_name <> ''")
    _key(KEY)
    for column in _added():
        op.drop_column("metric_value", column.name)
    for table in ("metric_value", "rule_outcome"):
        op.drop_column(table, "class_name")
    op.execute(_view("drift_by_day", DRIFT, NOTHING))
    op.execute(_view("performance_by_day", FIRST, NOTHING))
