"""The warehouse's tables, as SQLAlchemy Core knows them; created by the migrations beside.

Every result row carries model, window, slice and revision, so that a rerun replaces nothing by accident
and the history of a window stays readable.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData()


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC on every database; SQLite has no time zones, so they are put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store UTC, and refuse a moment without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"Expected a moment with a time zone, but received {value!r}."
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Return UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(JSONB(), "postgresql")
"""Small facts that nobody filters by."""


def _name(length: int = 120) -> sa.String:
    return sa.String(length)


def _window_key() -> list[sa.Column[Any]]:
    """Return fresh columns of the key that all results of a window share."""
    return [
        sa.Column("model", _name(), primary_key=True),
        sa.Column("window_start", UtcDateTime, primary_key=True),
        sa.Column("window_end", UtcDateTime, primary_key=True),
        sa.Column("revision", _name(64), primary_key=True),
    ]


model = sa.Table(
    "model",
    metadata,
    sa.Column("model", _name(), primary_key=True),
    sa.Column("namespace", _name(250), nullable=False),
    sa.Column("owner", _name(250), nullable=False),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
)

model_version = sa.Table(
    "model_version",
    metadata,
    sa.Column("model", _name(), primary_key=True),
    sa.Column("version", _name(), primary_key=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("artifacts", Json, nullable=False, comment="URIs by name"),
    sa.Column(
        "trained_from", UtcDateTime, comment="empty, like the three below, where Daywatch did not train it"
    ),
    sa.Column("trained_until", UtcDateTime),
    sa.Column("rows", sa.BigInteger),
    sa.Column("metrics", Json),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", _name(250), nullable=False),
)

deployment = sa.Table(
    "deployment",
    metadata,
    sa.Column("model", _name(), primary_key=True),
    sa.Column("deployment_id", _name(), primary_key=True),
    sa.Column("version", _name(), nullable=False),
    sa.Column("endpoint", _name(250), nullable=False),
    sa.Column("environment", Json, nullable=False, comment="variables of the service, none of them secret"),
    sa.Column("method", _name(), nullable=False),
    sa.Column("rollout_strategy", _name(), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", _name(250), nullable=False),
)

baseline = sa.Table(
    "baseline",
    metadata,
    sa.Column("model", _name(), primary_key=True),
    sa.Column("baseline_id", _name(), primary_key=True),
    sa.Column("window_start", UtcDateTime, nullable=False),
    sa.Column("window_end", UtcDateTime, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("labelled", sa.BigInteger, nullable=False),
    sa.Column("artifacts", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False, comment="the greatest is the one in use"),
    sa.Column("frozen_at", UtcDateTime, nullable=False, server_default=sa.func.current_timestamp()),
    sa.UniqueConstraint("model", "sequence"),
)

window_run = sa.Table(
    "window_run",
    metadata,
    *_window_key(),
    sa.Column(
        "sequence", sa.Integer, nullable=False, comment="of revisions of this window; greatest is current"
    ),
    sa.Column("baseline_id", _name(), nullable=False),
    sa.Column("artifacts", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("objects", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("exported", sa.BigInteger, nullable=False),
    sa.Column("quarantined", sa.BigInteger, nullable=False),
    sa.Column("duplicates", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("quarantine_reasons", Json, nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False, server_default=sa.func.current_timestamp()),
    sa.Column("evidence_listing", _name(64)),
    sa.Column("unanswered", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.UniqueConstraint("model", "window_start", "window_end", "sequence"),
)

label_coverage = sa.Table(
    "label_coverage",
    metadata,
    *_window_key(),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("labelled", sa.BigInteger, nullable=False),
    sa.Column("share", sa.Double),
    sa.Column("labels_read", sa.BigInteger, nullable=False),
    sa.Column("labels_quarantined", sa.BigInteger, nullable=False),
    sa.Column("labels_unmatched", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("labels_changed", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("unmatched_sample", Json),
    sa.Column("known_until", sa.Date),
    sa.Column("share_by_day", Json),
)

metric_value = sa.Table(
    "metric_value",
    metadata,
    *_window_key(),
    sa.Column("slice", _name(250), primary_key=True),
    sa.Column("column_name", _name(), primary_key=True),
    sa.Column("class_name", _name(), primary_key=True, server_default=sa.text("''")),
    sa.Column("metric", _name(), primary_key=True),
    sa.Column("value", sa.Double),
    sa.Column("low", sa.Double, comment="of the 95 % confidence interval, like high"),
    sa.Column("high", sa.Double),
    sa.Column("rows", sa.BigInteger, comment="behind the value"),
    sa.Column("baseline_value", sa.Double),
    sa.Column("baseline_low", sa.Double),
    sa.Column("baseline_high", sa.Double),
    sa.Column("baseline_rows", sa.BigInteger),
    sa.Column("difference_low", sa.Double, comment="of value - baseline_value"),
    sa.Column("difference_high", sa.Double),
    sa.Column("threshold", sa.Double),
    sa.Column("method", _name(), nullable=False),
    sa.Column("status", _name(20), nullable=False, comment="measured, alert or not_measured"),
    sa.Column("note", sa.Text, nullable=False),
)

confusion_matrix = sa.Table(
    "confusion_matrix",
    metadata,
    *_window_key(),
    sa.Column("label", _name(), primary_key=True),
    sa.Column("prediction", _name(), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("baseline_rows", sa.BigInteger, nullable=False),
)

expectation_result = sa.Table(
    "expectation_result",
    metadata,
    *_window_key(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("slice", _name(250), nullable=False),
    sa.Column("expectation", _name(), nullable=False),
    sa.Column("column_name", _name(), nullable=False),
    sa.Column("kwargs", sa.Text, nullable=False),
    sa.Column("severity", _name(20), nullable=False),
    sa.Column("status", _name(20), nullable=False, comment="passed, failed or not_evaluated"),
    sa.Column("observed", sa.Text, nullable=False),
    sa.Column("element_count", sa.BigInteger),
    sa.Column("unexpected_count", sa.BigInteger),
    sa.Column("unexpected_percent", sa.Double),
    sa.Column("note", sa.Text, nullable=False),
)

finding = sa.Table(
    "finding",
    metadata,
    *_window_key(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("code", _name(60), nullable=False),
    sa.Column("column_name", _name(), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
)

window_version = sa.Table(
    "window_version",
    metadata,
    *_window_key(),
    sa.Column("version", _name(), primary_key=True, comment="as captured; registered or not"),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
)

window_setting = sa.Table(
    "window_setting",
    metadata,
    *_window_key(),
    sa.Column("setting", _name(40), primary_key=True, comment="variant or sampling_percent"),
    sa.Column("value", _name(), primary_key=True),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
)

column_profile = sa.Table(
    "column_profile",
    metadata,
    *_window_key(),
    sa.Column("slice", _name(250), primary_key=True),
    sa.Column("column_name", _name(), primary_key=True),
    sa.Column("of_baseline", sa.Boolean, nullable=False, comment="revision is then the baseline's id"),
    sa.Column("type", _name(20), nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("nulls", sa.BigInteger, nullable=False),
    sa.Column("non_finite", sa.BigInteger, nullable=False),
    sa.Column("distinct_count", sa.BigInteger, nullable=False),
    sa.Column("mean", sa.Double),
    sa.Column("std", sa.Double, comment="population standard deviation"),
    sa.Column("min", sa.Double),
    sa.Column("max", sa.Double),
    sa.Column("detail", Json, nullable=False, comment="quantiles, histogram, frequent values, text lengths"),
    sa.Column("sketch", Json, comment="what quantiles and distinct values are merged from"),
)

profile_drift = sa.Table(
    "profile_drift",
    metadata,
    *_window_key(),
    sa.Column("slice", _name(250), primary_key=True),
    sa.Column("column_name", _name(), primary_key=True),
    sa.Column("span_days", sa.Integer, primary_key=True, comment="days, the window's last one included"),
    sa.Column("against", _name(20), primary_key=True, comment="frozen, moving, same_weekday or same_month"),
    sa.Column("value", sa.Double),
    sa.Column("error", sa.Double, comment="how far the value of all rows may be from it"),
    sa.Column("threshold", sa.Double),
    sa.Column("method", _name(), nullable=False),
    sa.Column("status", _name(20), nullable=False, comment="measured, alert or not_measured"),
    sa.Column("psi", sa.Double),
    sa.Column("jensenshannon", sa.Double),
    sa.Column("wasserstein", sa.Double),
    sa.Column("ks", sa.Double),
    sa.Column("chisquare", sa.Double),
    sa.Column("rows", sa.BigInteger),
    sa.Column("baseline_rows", sa.BigInteger),
    sa.Column("filled", sa.BigInteger),
    sa.Column("null_share", sa.Double),
    sa.Column("baseline_null_share", sa.Double),
    sa.Column("mean", sa.Double),
    sa.Column("baseline_mean", sa.Double),
    sa.Column("distinct_count", sa.BigInteger),
    sa.Column("baseline_distinct_count", sa.BigInteger),
    sa.Column("baseline_start", UtcDateTime, comment="empty for the frozen baseline"),
    sa.Column("baseline_end", UtcDateTime),
    sa.Column("note", sa.Text, nullable=False),
)

verdict = sa.Table(
    "verdict",
    metadata,
    *_window_key(),
    sa.Column("slice", _name(250), primary_key=True),
    sa.Column("state", _name(10), nullable=False),
    sa.Column("short", sa.Text, nullable=False),
    sa.Column("reasons", Json, nullable=False),
)

rule_outcome = sa.Table(
    "rule_outcome",
    metadata,
    *_window_key(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("metric", _name(), nullable=False),
    sa.Column("column_name", _name(), nullable=False),
    sa.Column("class_name", _name(), nullable=False, server_default=sa.text("''")),
    sa.Column("slice", _name(250), nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("baseline_value", sa.Double),
    sa.Column("state", _name(10), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

stage_run = sa.Table(
    "stage_run",
    metadata,
    *_window_key(),
    sa.Column("stage", _name(40), primary_key=True),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("counts", Json, nullable=False),
)

notification = sa.Table(
    "notification",
    metadata,
    *_window_key(),
    sa.Column("kind", _name(40), nullable=False, comment="unchanged and better mean that no mail was due"),
    sa.Column("state", _name(10), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("recipients", Json, nullable=False),
    sa.Column(
        "refused", Json, nullable=False, comment="recipients the mail server did not take, with its answer"
    ),
    sa.Column("sent_at", UtcDateTime),
)

retraining = sa.Table(
    "retraining",
    metadata,
    *_window_key(),
    sa.Column("wanted", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("version", _name(), comment="the model version that came of it"),
)

WINDOW_RESULTS = (
    label_coverage,
    metric_value,
    confusion_matrix,
    expectation_result,
    finding,
    window_version,
    window_setting,
    column_profile,
    profile_drift,
    verdict,
    rule_outcome,
)
"""Tables that one record of a window fills."""
