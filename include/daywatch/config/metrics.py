"""The metrics a plan may name: adding one is adding a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What evidence a metric needs: INTAKE and OPERATIONS none, DATA and DRIFT rows, the others labels."""

    INTAKE = "intake"
    OPERATIONS = "operations"
    DATA = "data"
    DRIFT = "drift"
    TARGET = "target"
    PERFORMANCE = "performance"


@dataclass(frozen=True)
class MetricDefinition:
    """What is known about a metric before it is measured.

    Attributes:
        name: As in the plan and in the warehouse.
        kind: What evidence it needs.
        title: For people.
        per_column: Whether it is about one column.
        tasks: Tasks it exists for, empty for all.
    """

    name: str
    kind: Kind
    title: str
    per_column: bool = False
    tasks: tuple[str, ...] = ()


_BINARY = ("binary_classification",)
_CLASSIFICATION = ("binary_classification", "multiclass_classification")
_REGRESSION = ("regression",)

METRICS: dict[str, MetricDefinition] = {
    definition.name: definition
    for definition in (
        MetricDefinition("rows", Kind.DATA, "Rows"),
        MetricDefinition("duplicates", Kind.INTAKE, "Records seen twice"),
        MetricDefinition("records", Kind.INTAKE, "Capture records read"),
        MetricDefinition("quarantined", Kind.INTAKE, "Records quarantined"),
        MetricDefinition("quarantined_share", Kind.INTAKE, "Share of records quarantined"),
        MetricDefinition("hours_without_captures", Kind.INTAKE, "Hours without captures"),
        MetricDefinition("volume_change", Kind.INTAKE, "Change of volume against the same weekday"),
        MetricDefinition("latency_p50", Kind.OPERATIONS, "Latency, median (ms)"),
        MetricDefinition("latency_p95", Kind.OPERATIONS, "Latency, 95th percentile (ms)"),
        MetricDefinition("latency_p99", Kind.OPERATIONS, "Latency, 99th percentile (ms)"),
        MetricDefinition("latency_max", Kind.OPERATIONS, "Latency, greatest (ms)"),
        MetricDefinition("error_share", Kind.OPERATIONS, "Share of requests that failed"),
        MetricDefinition("timeout_share", Kind.OPERATIONS, "Share of requests that timed out"),
        MetricDefinition("request_bytes_p50", Kind.OPERATIONS, "Request size, median (bytes)"),
        MetricDefinition("request_bytes_p95", Kind.OPERATIONS, "Request size, 95th percentile (bytes)"),
        MetricDefinition("request_bytes_max", Kind.OPERATIONS, "Request size, greatest (bytes)"),
        MetricDefinition("response_bytes_p50", Kind.OPERATIONS, "Response size, median (bytes)"),
        MetricDefinition("response_bytes_p95", Kind.OPERATIONS, "Response size, 95th percentile (bytes)"),
        MetricDefinition("response_bytes_max", Kind.OPERATIONS, "Response size, greatest (bytes)"),
        MetricDefinition("slow_inferences", Kind.OPERATIONS, "Slow answers"),
        MetricDefinition("labelled", Kind.DATA, "Labelled rows"),
        MetricDefinition("labelled_share", Kind.DATA, "Share of rows labelled"),
        MetricDefinition("expectations_failed", Kind.DATA, "Expectations failed"),
        MetricDefinition("expectations_failed_critical", Kind.DATA, "Critical expectations failed"),
        MetricDefinition("null_share", Kind.DATA, "Share of missing values", per_column=True),
        MetricDefinition("non_finite", Kind.DATA, "NaN and infinite values", per_column=True),
        MetricDefinition("drift_score", Kind.DRIFT, "Drift score", per_column=True),
        MetricDefinition("drifted_columns", Kind.DRIFT, "Drifted columns"),
        MetricDefinition("drifted_share", Kind.DRIFT, "Share of drifted columns"),
        MetricDefinition("prediction_drift", Kind.DRIFT, "Prediction drift"),
        MetricDefinition("target_drift", Kind.TARGET, "Target drift"),
        MetricDefinition("accuracy", Kind.PERFORMANCE, "Accuracy", tasks=_CLASSIFICATION),
        MetricDefinition("precision", Kind.PERFORMANCE, "Precision", tasks=_CLASSIFICATION),
        MetricDefinition("recall", Kind.PERFORMANCE, "Recall", tasks=_CLASSIFICATION),
        MetricDefinition("f1", Kind.PERFORMANCE, "F1", tasks=_CLASSIFICATION),
        MetricDefinition("roc_auc", Kind.PERFORMANCE, "ROC AUC", tasks=_BINARY),
        MetricDefinition("log_loss", Kind.PERFORMANCE, "Log loss", tasks=_BINARY),
        MetricDefinition("me", Kind.PERFORMANCE, "Mean error", tasks=_REGRESSION),
        MetricDefinition("mae", Kind.PERFORMANCE, "Mean absolute error", tasks=_REGRESSION),
        MetricDefinition("rmse", Kind.PERFORMANCE, "Root mean squared error", tasks=_REGRESSION),
        MetricDefinition("mape", Kind.PERFORMANCE, "Mean absolute percentage error", tasks=_REGRESSION),
        MetricDefinition("r2", Kind.PERFORMANCE, "R2", tasks=_REGRESSION),
    )
}


OF_PROFILES = (
    "drift_score",
    "drifted_columns",
    "drifted_share",
    "prediction_drift",
    "target_drift",
    "null_share",
)
"""What a rule with ``over`` or ``against`` may name: stored profiles tell it."""


def headline_of(metrics: Iterable[str]) -> str:
    """Return the metric whose trend is shown: the first on performance, else the first, empty for none.

    Args:
        metrics: Of the whole window, in the plan's order.
    """
    names = list(metrics)
    performance = [name for name in names if name in METRICS and METRICS[name].kind is Kind.PERFORMANCE]
    return next(iter([*performance, *names]), "")
