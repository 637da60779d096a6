"""The metrics that a plan may name, as a table: a new metric is a new row."""

from __future__ import annotations

from collections.abc import Iterable

from daywatch.config.metric_definition import MetricDefinition, MetricKind
from daywatch.config.performance_metrics import (
    BEST_CONSTANT,
    CLASSIFICATION,
    PERFORMANCE_DEFINITIONS,
    with_best_constant,
)

QUANTILES = {0.01: "p1", 0.05: "p5", 0.25: "p25", 0.5: "p50", 0.75: "p75", 0.95: "p95", 0.99: "p99"}
"""The quantiles of a column by what share of its values is below them."""


def _quantile_title(share: float) -> str:
    """Return ``95th percentile``, or ``Median``."""
    at = round(share * 100)
    return "Median" if at == 50 else f"{at}{'st' if at == 1 else 'th'} percentile"


_DEFINITIONS = (
    MetricDefinition("rows", MetricKind.DATA, "Rows"),
    MetricDefinition("duplicates", MetricKind.INTAKE, "Records seen twice"),
    MetricDefinition("duplicates_share", MetricKind.INTAKE, "Share of records seen twice"),
    MetricDefinition("unanswered", MetricKind.INTAKE, "Requests without an answer", needs="status"),
    MetricDefinition("filtered", MetricKind.INTAKE, "Records that do not count"),
    MetricDefinition("records", MetricKind.INTAKE, "Capture records read"),
    MetricDefinition("quarantined", MetricKind.INTAKE, "Records quarantined"),
    MetricDefinition("rows_quarantined", MetricKind.INTAKE, "Rows quarantined"),
    MetricDefinition("quarantined_share", MetricKind.INTAKE, "Share of records or rows quarantined"),
    MetricDefinition(
        "type_mismatch_share",
        MetricKind.INTAKE,
        "Share of values that do not fit the type",
        per_column=True,
    ),
    MetricDefinition("extra_columns", MetricKind.INTAKE, "Captured names that no feature has"),
    MetricDefinition("hours_without_captures", MetricKind.INTAKE, "Hours without captures"),
    MetricDefinition("volume_change", MetricKind.INTAKE, "Change of volume against the same weekday"),
    MetricDefinition("latency_p50", MetricKind.OPERATIONS, "Latency p50", needs="latency"),
    MetricDefinition("latency_p95", MetricKind.OPERATIONS, "Latency p95", needs="latency"),
    MetricDefinition("latency_p99", MetricKind.OPERATIONS, "Latency p99", needs="latency"),
    MetricDefinition("latency_max", MetricKind.OPERATIONS, "Greatest latency", needs="latency"),
    MetricDefinition("error_share", MetricKind.OPERATIONS, "Share of requests that failed", needs="status"),
    MetricDefinition(
        "timeout_share", MetricKind.OPERATIONS, "Share of requests that timed out", needs="status"
    ),
    MetricDefinition("request_bytes_p50", MetricKind.OPERATIONS, "Request size p50", needs="size"),
    MetricDefinition("request_bytes_p95", MetricKind.OPERATIONS, "Request size p95", needs="size"),
    MetricDefinition("request_bytes_max", MetricKind.OPERATIONS, "Greatest request", needs="size"),
    MetricDefinition("response_bytes_p50", MetricKind.OPERATIONS, "Response size p50", needs="size"),
    MetricDefinition("response_bytes_p95", MetricKind.OPERATIONS, "Response size p95", needs="size"),
    MetricDefinition("response_bytes_max", MetricKind.OPERATIONS, "Greatest response", needs="size"),
    MetricDefinition("slow_inferences", MetricKind.OPERATIONS, "Slow answers", needs="latency"),
    MetricDefinition("rows_share", MetricKind.DATA, "Share of the rows", of_slice=True),
    MetricDefinition("labelled", MetricKind.DATA, "Labelled rows"),
    MetricDefinition("labelled_share", MetricKind.DATA, "Share of rows labelled"),
    MetricDefinition("expectations_failed", MetricKind.DATA, "Expectations failed"),
    MetricDefinition("expectations_failed_critical", MetricKind.DATA, "Critical expectations failed"),
    MetricDefinition("data_faults", MetricKind.DATA, "Faults of the data"),
    MetricDefinition("null_share", MetricKind.DATA, "Share of missing values", per_column=True),
    MetricDefinition(
        "out_of_range_share",
        MetricKind.DATA,
        "Share of values out of the baseline's range",
        per_column=True,
        of_numbers=True,
    ),
    MetricDefinition(
        "new_category_share",
        MetricKind.DATA,
        "Share of values in categories new since the baseline",
        per_column=True,
    ),
    MetricDefinition("non_finite", MetricKind.DATA, "NaN and infinite values", per_column=True),
    *(
        MetricDefinition(name, MetricKind.DATA, title, per_column=True, of_answers=True, of_numbers=True)
        for name, title in (
            ("mean", "Mean"),
            ("std", "Standard deviation"),
            ("min", "Least value"),
            ("max", "Greatest value"),
            *((name, _quantile_title(share)) for share, name in QUANTILES.items()),
        )
    ),
    MetricDefinition("distinct", MetricKind.DATA, "Different values", per_column=True, of_answers=True),
    MetricDefinition("identical_predictions", MetricKind.DATA, "Share of the most frequent prediction"),
    MetricDefinition(
        "prediction_class_share",
        MetricKind.DATA,
        "Share of predictions",
        tasks=CLASSIFICATION,
        of_class=CLASSIFICATION,
        needs_class=CLASSIFICATION,
    ),
    MetricDefinition(
        "label_class_share",
        MetricKind.TARGET,
        "Share of labels",
        tasks=CLASSIFICATION,
        of_class=CLASSIFICATION,
        needs_class=CLASSIFICATION,
    ),
    MetricDefinition("drift_score", MetricKind.DRIFT, "Drift score", per_column=True),
    MetricDefinition(
        "evidently_drift_score", MetricKind.DRIFT, "Evidently's own drift score", per_column=True
    ),
    MetricDefinition(
        "new_words_share", MetricKind.DRIFT, "Share of words new since the baseline", per_column=True
    ),
    MetricDefinition(
        "prediction_correlation", MetricKind.DRIFT, "Correlation with the prediction", per_column=True
    ),
    MetricDefinition("drifted_columns", MetricKind.DRIFT, "Drifted columns"),
    MetricDefinition("drifted_share", MetricKind.DRIFT, "Share of drifted columns"),
    MetricDefinition("prediction_drift", MetricKind.DRIFT, "Prediction drift"),
    MetricDefinition("target_drift", MetricKind.TARGET, "Target drift"),
    *PERFORMANCE_DEFINITIONS,
)


class _Metrics(dict[str, MetricDefinition]):
    """The metrics by name; any other name is that of a custom metric, which the model's YAML defines."""

    def __missing__(self, name: str) -> MetricDefinition:
        return MetricDefinition(name, MetricKind.DATA, name)


METRICS = _Metrics({one.name: one for definition in _DEFINITIONS for one in with_best_constant(definition)})


OF_PROFILES = (
    "drift_score",
    "drifted_columns",
    "drifted_share",
    "prediction_drift",
    "target_drift",
    "null_share",
)
"""The metrics that stored profiles give, and that a rule with ``over`` or ``against`` may name."""


OF_SLICES = (
    "rows",
    "rows_share",
    "labelled",
    "labelled_share",
    "null_share",
    "drift_score",
    "drifted_columns",
    "drifted_share",
    "prediction_drift",
    "target_drift",
    *(
        name
        for name, one in METRICS.items()
        if one.kind is MetricKind.PERFORMANCE and not name.endswith(BEST_CONSTANT)
    ),
)
"""The metrics that are measured of slices, and that a rule with ``slice`` may name."""

LOWER_IS_BETTER = (
    *("mae", "mse", "rmse", "mape", "smape", "wape", "median_absolute_error"),
    *(f"absolute_error_p{at}" for at in (75, 90, 95)),
    *("log_loss", "brier_score", "calibration_error"),
    *("false_positive_rate", "false_negative_rate"),
)
"""Performance metrics for which a smaller value is better."""


def headline_of(metrics: Iterable[str]) -> str:
    """Return the metric whose trend is shown: the first performance metric, else the first, empty for none.

    Args:
        metrics: Names of the metrics that rules on the whole window name, in the plan's order.
    """
    names = list(metrics)
    performance = [name for name in names if name in METRICS and METRICS[name].kind is MetricKind.PERFORMANCE]
    return next(iter([*performance, *names]), "")
