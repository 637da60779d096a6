"""The metrics that a plan may name, as a table: a new metric is a new row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """The evidence that a metric needs: none for INTAKE and OPERATIONS, rows for DATA and DRIFT, labels for others."""

    INTAKE = "intake"
    OPERATIONS = "operations"
    DATA = "data"
    DRIFT = "drift"
    TARGET = "target"
    PERFORMANCE = "performance"


@dataclass(frozen=True)
class MetricDefinition:
    """The definition of a metric.

    Attributes:
        name: Its name in the plan and in the warehouse.
        kind: The evidence that it needs.
        title: Its name for people.
        per_column: Whether it is about one column.
        tasks: The tasks that have it, empty for all tasks.
        needs: What captures must carry for it: ``latency``, ``status`` or ``size``; empty for nothing more.
        of_class: The tasks in which it may be about one class.
        needs_class: The tasks in which it must be about one class.
        needs_probability: Whether the model must give the probability of the positive class, or of all classes.
        of_slice: Whether only slices have it.
        brief: Whether the mail shows it if no rule names it.
    """

    name: str
    kind: MetricKind
    title: str
    per_column: bool = False
    tasks: tuple[str, ...] = ()
    needs: str = ""
    of_class: tuple[str, ...] = ()
    needs_class: tuple[str, ...] = ()
    needs_probability: bool = False
    of_slice: bool = False
    brief: bool = True


BEST_CONSTANT = "_best_constant_classifier"
"""Ending of the metrics of the best answer that is always the same, next to the model's own."""

F_MEASURES = {0.5: "f0_5", 1.0: "f1", 2.0: "f2"}
"""The F measures by how many times more recall weighs than precision."""

_BINARY = ("binary_classification",)
_MULTICLASS = ("multiclass_classification",)
_CLASSIFICATION = ("binary_classification", "multiclass_classification")
_REGRESSION = ("regression",)

_SHARES_OF_CLASSES = (
    ("precision", "Precision"),
    ("recall", "Recall"),
    ("f1", "F1"),
    ("f0_5", "F0.5"),
    ("f2", "F2"),
)
_RATES = (
    ("false_positive_rate", "False positive rate"),
    ("false_negative_rate", "False negative rate"),
    ("true_negative_rate", "True negative rate"),
)
_CELLS = (
    ("true_positives", "True positives"),
    ("false_positives", "False positives"),
    ("false_negatives", "False negatives"),
    ("true_negatives", "True negatives"),
)

_OF_CONSTANT_ANSWERS = {
    "accuracy": _CLASSIFICATION,
    **{f"{name}_weighted": _CLASSIFICATION for name, _ in _SHARES_OF_CLASSES},
    **dict.fromkeys((*(name for name, _ in _SHARES_OF_CLASSES), *(name for name, _ in _RATES)), _BINARY),
    **dict.fromkeys(("mae", "mse", "rmse"), _REGRESSION),
}
"""Metrics of which a classifier that always gives the same answer can be measured too, with their tasks."""

_DEFINITIONS = (
    MetricDefinition("rows", MetricKind.DATA, "Rows"),
    MetricDefinition("duplicates", MetricKind.INTAKE, "Records seen twice"),
    MetricDefinition("duplicates_share", MetricKind.INTAKE, "Share of records seen twice"),
    MetricDefinition("unanswered", MetricKind.INTAKE, "Requests without an answer", needs="status"),
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
        "out_of_range_share", MetricKind.DATA, "Share of values out of the baseline's range", per_column=True
    ),
    MetricDefinition(
        "new_category_share",
        MetricKind.DATA,
        "Share of values in categories new since the baseline",
        per_column=True,
    ),
    MetricDefinition("non_finite", MetricKind.DATA, "NaN and infinite values", per_column=True),
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
    MetricDefinition(
        "prediction_error_share", MetricKind.PERFORMANCE, "Share of the prediction errors", of_slice=True
    ),
    MetricDefinition("accuracy", MetricKind.PERFORMANCE, "Accuracy", tasks=_CLASSIFICATION),
    *(
        MetricDefinition(
            name,
            MetricKind.PERFORMANCE,
            title,
            tasks=_CLASSIFICATION,
            of_class=_CLASSIFICATION,
            needs_class=_MULTICLASS,
            brief=name in ("precision", "recall", "f1"),
        )
        for name, title in (*_SHARES_OF_CLASSES, *_RATES, *_CELLS)
    ),
    *(
        MetricDefinition(f"{name}_{mean}", MetricKind.PERFORMANCE, title, tasks=_CLASSIFICATION, brief=False)
        for name, word in _SHARES_OF_CLASSES
        for mean, title in (
            ("macro", f"{word}, mean of classes"),
            ("weighted", f"{word}, weighted by class"),
        )
    ),
    MetricDefinition(
        "roc_auc",
        MetricKind.PERFORMANCE,
        "ROC AUC",
        tasks=_CLASSIFICATION,
        of_class=_MULTICLASS,
        needs_probability=True,
    ),
    MetricDefinition(
        "pr_auc",
        MetricKind.PERFORMANCE,
        "PR AUC",
        tasks=_CLASSIFICATION,
        of_class=_MULTICLASS,
        needs_probability=True,
    ),
    MetricDefinition("lift", MetricKind.PERFORMANCE, "Lift", tasks=_BINARY, needs_probability=True),
    MetricDefinition(
        "log_loss", MetricKind.PERFORMANCE, "Log loss", tasks=_CLASSIFICATION, needs_probability=True
    ),
    MetricDefinition(
        "brier_score",
        MetricKind.PERFORMANCE,
        "Brier score",
        tasks=_CLASSIFICATION,
        needs_probability=True,
    ),
    MetricDefinition(
        "calibration_error",
        MetricKind.PERFORMANCE,
        "Calibration error",
        tasks=_CLASSIFICATION,
        needs_probability=True,
    ),
    MetricDefinition("me", MetricKind.PERFORMANCE, "Mean error", tasks=_REGRESSION),
    MetricDefinition("mae", MetricKind.PERFORMANCE, "Mean absolute error", tasks=_REGRESSION),
    MetricDefinition("mse", MetricKind.PERFORMANCE, "Mean squared error", tasks=_REGRESSION, brief=False),
    MetricDefinition("rmse", MetricKind.PERFORMANCE, "Root mean squared error", tasks=_REGRESSION),
    MetricDefinition("mape", MetricKind.PERFORMANCE, "Mean absolute percentage error", tasks=_REGRESSION),
    MetricDefinition("r2", MetricKind.PERFORMANCE, "R2", tasks=_REGRESSION),
    *(
        MetricDefinition(
            f"residual_p{at}",
            MetricKind.PERFORMANCE,
            f"Residuals, {at}th percentile" if at != 50 else "Residuals, median",
            tasks=_REGRESSION,
            brief=False,
        )
        for at in (5, 25, 50, 75, 95)
    ),
)


def _with_best_constant(one: MetricDefinition) -> Iterator[MetricDefinition]:
    """Yield a metric, and behind it that of the best constant answer, where there is one."""
    yield one
    if one.name in _OF_CONSTANT_ANSWERS:
        title = f"{one.title}, best constant"
        tasks = _OF_CONSTANT_ANSWERS[one.name]
        yield MetricDefinition(f"{one.name}{BEST_CONSTANT}", one.kind, title, tasks=tasks, brief=False)


METRICS: dict[str, MetricDefinition] = {
    one.name: one for definition in _DEFINITIONS for one in _with_best_constant(definition)
}


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
    *("mae", "mse", "rmse", "mape", "log_loss", "brier_score", "calibration_error"),
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
