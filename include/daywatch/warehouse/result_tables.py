"""Tables of what the stages found out about a window.

Every row has model, window, revision and, where there are slices, the slice. So a rerun replaces nothing by
accident, and the history of a window stays readable.
"""

from __future__ import annotations

import sqlalchemy as sa

from daywatch.warehouse.tables import Json, UtcDateTime, metadata, name_type, window_columns

label_coverage = sa.Table(
    "label_coverage",
    metadata,
    *window_columns(),
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
    *window_columns(),
    sa.Column("slice", name_type(250), primary_key=True),
    sa.Column("column_name", name_type(), primary_key=True),
    sa.Column("class_name", name_type(), primary_key=True, server_default=sa.text("''")),
    sa.Column("metric", name_type(), primary_key=True),
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
    sa.Column("method", name_type(), nullable=False),
    sa.Column("status", name_type(20), nullable=False, comment="measured, alert or not_measured"),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index("ix_metric_value_metric_window_start", "metric", "window_start"),
)

confusion_matrix = sa.Table(
    "confusion_matrix",
    metadata,
    *window_columns(),
    sa.Column("label", name_type(), primary_key=True),
    sa.Column("prediction", name_type(), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("baseline_rows", sa.BigInteger, nullable=False),
)

expectation_result = sa.Table(
    "expectation_result",
    metadata,
    *window_columns(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("slice", name_type(250), nullable=False),
    sa.Column("expectation", name_type(), nullable=False),
    sa.Column("column_name", name_type(), nullable=False),
    sa.Column("kwargs", sa.Text, nullable=False),
    sa.Column("severity", name_type(20), nullable=False),
    sa.Column("status", name_type(20), nullable=False, comment="passed, failed or not_evaluated"),
    sa.Column("observed", sa.Text, nullable=False),
    sa.Column("element_count", sa.BigInteger),
    sa.Column("unexpected_count", sa.BigInteger),
    sa.Column("unexpected_percent", sa.Double),
    sa.Column("note", sa.Text, nullable=False),
)

finding = sa.Table(
    "finding",
    metadata,
    *window_columns(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("code", name_type(60), nullable=False),
    sa.Column("column_name", name_type(), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
)

window_version = sa.Table(
    "window_version",
    metadata,
    *window_columns(),
    sa.Column("version", name_type(), primary_key=True, comment="as captured; registered or not"),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
)

window_setting = sa.Table(
    "window_setting",
    metadata,
    *window_columns(),
    sa.Column("setting", name_type(40), primary_key=True, comment="variant or sampling_percent"),
    sa.Column("value", name_type(), primary_key=True),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
)

column_profile = sa.Table(
    "column_profile",
    metadata,
    *window_columns(),
    sa.Column("slice", name_type(250), primary_key=True),
    sa.Column("column_name", name_type(), primary_key=True),
    sa.Column("of_baseline", sa.Boolean, nullable=False, comment="revision is then the baseline's id"),
    sa.Column("type", name_type(20), nullable=False),
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
    *window_columns(),
    sa.Column("slice", name_type(250), primary_key=True),
    sa.Column("column_name", name_type(), primary_key=True),
    sa.Column("span_days", sa.Integer, primary_key=True, comment="days, the window's last one included"),
    sa.Column(
        "against", name_type(20), primary_key=True, comment="frozen, moving, same_weekday or same_month"
    ),
    sa.Column("value", sa.Double),
    sa.Column("error", sa.Double, comment="how far the value of all rows may be from it"),
    sa.Column("threshold", sa.Double),
    sa.Column("method", name_type(), nullable=False),
    sa.Column("status", name_type(20), nullable=False, comment="measured, alert or not_measured"),
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
    *window_columns(),
    sa.Column("slice", name_type(250), primary_key=True),
    sa.Column("state", name_type(10), nullable=False),
    sa.Column("short", sa.Text, nullable=False),
    sa.Column("reasons", Json, nullable=False),
)

rule_outcome = sa.Table(
    "rule_outcome",
    metadata,
    *window_columns(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("metric", name_type(), nullable=False),
    sa.Column("column_name", name_type(), nullable=False),
    sa.Column("class_name", name_type(), nullable=False, server_default=sa.text("''")),
    sa.Column("slice", name_type(250), nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("baseline_value", sa.Double),
    sa.Column("state", name_type(10), nullable=False),
    sa.Column("found_state", name_type(10), comment="by this window alone, if the windows before count too"),
    sa.Column("reason", sa.Text, nullable=False),
)

cause = sa.Table(
    "cause",
    metadata,
    *window_columns(),
    sa.Column(
        "rank", sa.Integer, primary_key=True, comment="from 1; each is followed by what follows from it"
    ),
    sa.Column("kind", name_type(20), nullable=False, comment="data, labels, prediction, service or world"),
    sa.Column("name", name_type(), nullable=False),
    sa.Column("column_name", name_type(), nullable=False),
    sa.Column("class_name", name_type(), nullable=False),
    sa.Column("slice", name_type(250), nullable=False),
    sa.Column("fingerprint", name_type(64), nullable=False),
    sa.Column("state", name_type(10), nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("short", sa.Text, nullable=False),
    sa.Column("metric", name_type(), nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("baseline_value", sa.Double),
    sa.Column("explained", sa.Double, comment="share of the fall of performance"),
    sa.Column(
        "parent", name_type(64), nullable=False, comment="fingerprint of the cause that it follows from"
    ),
)
