"""First tables and views.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

CURRENT_WINDOW = """
CREATE VIEW current_window AS
SELECT window_run.* FROM window_run
JOIN (
    SELECT model, window_start, window_end, max(sequence) AS sequence
    FROM window_run GROUP BY model, window_start, window_end
) AS newest
ON newest.model = window_run.model AND newest.window_start = window_run.window_start
AND newest.window_end = window_run.window_end AND newest.sequence = window_run.sequence
"""

CURRENT_VERDICT = """
CREATE VIEW current_verdict AS
SELECT verdict.model, verdict.window_start, verdict.window_end, verdict.slice, verdict.state, verdict.short,
    verdict.reasons, current_window.rows, label_coverage.labelled, current_window.quarantined,
    current_window.baseline_id, current_window.revision, current_window.recorded_at
FROM current_window
JOIN verdict ON verdict.model = current_window.model AND verdict.window_start = current_window.window_start
    AND verdict.window_end = current_window.window_end AND verdict.revision = current_window.revision
JOIN label_coverage ON label_coverage.model = current_window.model
    AND label_coverage.window_start = current_window.window_start
    AND label_coverage.window_end = current_window.window_end
    AND label_coverage.revision = current_window.revision
"""

METRICS_BY_DAY = """
CREATE VIEW {view} AS
SELECT metric_value.model, metric_value.window_start, metric_value.window_end, metric_value.slice,
    metric_value.column_name, metric_value.metric, metric_value.value, metric_value.baseline_value,
    metric_value.threshold, metric_value.method, metric_value.status, metric_value.revision
FROM current_window
JOIN metric_value ON metric_value.model = current_window.model
    AND metric_value.window_start = current_window.window_start
    AND metric_value.window_end = current_window.window_end
    AND metric_value.revision = current_window.revision
WHERE metric_value.metric IN ({metrics})
"""

DRIFT = "'drift_score', 'drifted_columns', 'drifted_share', 'prediction_drift', 'target_drift'"
PERFORMANCE = (
    "'accuracy', 'precision', 'recall', 'f1', 'roc_auc', 'log_loss', 'me', 'mae', 'rmse', 'mape', 'r2'"
)
VIEWS = {
    "current_window": CURRENT_WINDOW,
    "current_verdict": CURRENT_VERDICT,
    "drift_by_day": METRICS_BY_DAY.format(view="drift_by_day", metrics=DRIFT),
    "performance_by_day": METRICS_BY_DAY.format(view="performance_by_day", metrics=PERFORMANCE),
}


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "baseline",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("baseline_id", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("labelled", sa.BigInteger(), nullable=False),
        sa.Column("artifacts", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="the greatest is the one in use"),
        sa.Column(
            "frozen_at",
            MOMENT,
            server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("model", "baseline_id"),
        sa.UniqueConstraint("model", "sequence"),
    )
    op.create_table(
        "column_profile",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("slice", sa.String(length=250), nullable=False),
        sa.Column("column_name", sa.String(length=120), nullable=False),
        sa.Column("of_baseline", sa.Boolean(), nullable=False, comment="revision is then the baseline's id"),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("nulls", sa.BigInteger(), nullable=False),
        sa.Column("non_finite", sa.BigInteger(), nullable=False),
        sa.Column("distinct_count", sa.BigInteger(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=True),
        sa.Column("std", sa.Double(), nullable=True, comment="population standard deviation"),
        sa.Column("min", sa.Double(), nullable=True),
        sa.Column("max", sa.Double(), nullable=True),
        sa.Column(
            "detail",
            JSON,
            nullable=False,
            comment="quantiles, histogram, frequent values, text lengths",
        ),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "slice", "column_name"),
    )
    op.create_table(
        "expectation_result",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("slice", sa.String(length=250), nullable=False),
        sa.Column("expectation", sa.String(length=120), nullable=False),
        sa.Column("column_name", sa.String(length=120), nullable=False),
        sa.Column("kwargs", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False, comment="passed, failed or not_evaluated"),
        sa.Column("observed", sa.Text(), nullable=False),
        sa.Column("element_count", sa.BigInteger(), nullable=True),
        sa.Column("unexpected_count", sa.BigInteger(), nullable=True),
        sa.Column("unexpected_percent", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "position"),
    )
    op.create_table(
        "finding",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("column_name", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "position"),
    )
    op.create_table(
        "label_coverage",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("labelled", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("labels_read", sa.BigInteger(), nullable=False),
        sa.Column("labels_quarantined", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision"),
    )
    op.create_table(
        "metric_value",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("slice", sa.String(length=250), nullable=False),
        sa.Column("column_name", sa.String(length=120), nullable=False),
        sa.Column("metric", sa.String(length=120), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("baseline_value", sa.Double(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("method", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False, comment="measured, alert or not_measured"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "model", "window_start", "window_end", "revision", "slice", "column_name", "metric"
        ),
    )
    op.create_table(
        "model",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("namespace", sa.String(length=250), nullable=False),
        sa.Column("owner", sa.String(length=250), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model"),
    )
    op.create_table(
        "model_version",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("version", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("artifact_uri", sa.Text(), nullable=False),
        sa.Column("trained_from", MOMENT, nullable=False),
        sa.Column("trained_until", MOMENT, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("metrics", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("model", "version"),
    )
    op.create_table(
        "notification",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=40),
            nullable=False,
            comment="unchanged means that no mail was due",
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("recipients", JSON, nullable=False),
        sa.Column(
            "refused",
            JSON,
            nullable=False,
            comment="recipients the mail server did not take, with its answer",
        ),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision"),
    )
    op.create_table(
        "retraining",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column(
            "version", sa.String(length=120), nullable=True, comment="the model version that came of it"
        ),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision"),
    )
    op.create_table(
        "rule_outcome",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("metric", sa.String(length=120), nullable=False),
        sa.Column("column_name", sa.String(length=120), nullable=False),
        sa.Column("slice", sa.String(length=250), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("baseline_value", sa.Double(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "position"),
    )
    op.create_table(
        "stage_run",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "stage"),
    )
    op.create_table(
        "verdict",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("slice", sa.String(length=250), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "slice"),
    )
    op.create_table(
        "window_run",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="of revisions of this window; greatest is current",
        ),
        sa.Column("baseline_id", sa.String(length=120), nullable=False),
        sa.Column("artifacts", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("objects", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("exported", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("quarantine_reasons", JSON, nullable=False),
        sa.Column(
            "recorded_at",
            MOMENT,
            server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision"),
        sa.UniqueConstraint("model", "window_start", "window_end", "sequence"),
    )
    for statement in VIEWS.values():
        op.execute(statement)


def downgrade() -> None:
    """Go back to the version before."""
    for view in reversed(VIEWS):
        op.execute(f"DROP VIEW {view}")
    op.drop_table("window_run")
    op.drop_table("verdict")
    op.drop_table("stage_run")
    op.drop_table("rule_outcome")
    op.drop_table("retraining")
    op.drop_table("notification")
    op.drop_table("model_version")
    op.drop_table("model")
    op.drop_table("metric_value")
    op.drop_table("label_coverage")
    op.drop_table("finding")
    op.drop_table("expectation_result")
    op.drop_table("column_profile")
    op.drop_table("baseline")
