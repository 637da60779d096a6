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
        needs: What captures have to carry for it: ``latency``, ``status`` or ``size``; empty for nothing more.
        of_class: Tasks in which it may be about one class.
        needs_class: Those of them in which it has to be.
        needs_probability: Whether the model has to give the probability of the positive class, or of all.
        of_slice: Whether it is about slices only.
        brief: Whether the mail shows it though no rule names it.
    """

    name: str
    kind: Kind
    title: str
    per_column: bool = False
    tasks: tuple[str, ...] = ()
    needs: str = ""
    of_class: tuple[str, ...] = ()
    needs_class: tuple[str, ...] = ()
    needs_probability: bool = False
    of_slice: bool = False
    brief: bool = True


_BINARY = ("binary_classification",)
_MULTICLASS = ("multiclass_classification",)
_CLASSIFICATION = ("binary_classification", "multiclass_classification")
_REGRESSION = ("regression",)

METRICS: dict[str, MetricDefinition] = {
    definition.name: definition
    for definition in (
        MetricDefinition("rows", Kind.DATA, "Rows"),
        MetricDefinition("duplicates", Kind.INTAKE, "Records seen twice"),
        MetricDefinition("unanswered", Kind.INTAKE, "Requests without an answer", needs="status"),
        MetricDefinition("records", Kind.INTAKE, "Capture records read"),
        MetricDefinition("quarantined", Kind.INTAKE, "Records quarantined"),
        MetricDefinition("quarantined_share", Kind.INTAKE, "Share of records quarantined"),
        MetricDefinition("hours_without_captures", Kind.INTAKE, "Hours without captures"),
        MetricDefinition("volume_change", Kind.INTAKE, "Change of volume against the same weekday"),
        MetricDefinition("latency_p50", Kind.OPERATIONS, "Latency p50", needs="latency"),
        MetricDefinition("latency_p95", Kind.OPERATIONS, "Latency p95", needs="latency"),
        MetricDefinition("latency_p99", Kind.OPERATIONS, "Latency p99", needs="latency"),
        MetricDefinition("latency_max", Kind.OPERATIONS, "Greatest latency", needs="latency"),
        MetricDefinition("error_share", Kind.OPERATIONS, "Share of requests that failed", needs="status"),
        MetricDefinition(
            "timeout_share", Kind.OPERATIONS, "Share of requests that timed out", needs="status"
        ),
        MetricDefinition("request_bytes_p50", Kind.OPERATIONS, "Request size p50", needs="size"),
        MetricDefinition("request_bytes_p95", Kind.OPERATIONS, "Request size p95", needs="size"),
        MetricDefinition("request_bytes_max", Kind.OPERATIONS, "Greatest request", needs="size"),
        MetricDefinition("response_bytes_p50", Kind.OPERATIONS, "Response size p50", needs="size"),
        MetricDefinition("response_bytes_p95", Kind.OPERATIONS, "Response size p95", needs="size"),
        MetricDefinition("response_bytes_max", Kind.OPERATIONS, "Greatest response", needs="size"),
        MetricDefinition("slow_inferences", Kind.OPERATIONS, "Slow answers", needs="latency"),
        MetricDefinition("rows_share", Kind.DATA, "Share of the rows", of_slice=True),
        MetricDefinition("labelled", Kind.DATA, "Labelled rows"),
        MetricDefinition("labelled_share", Kind.DATA, "Share of rows labelled"),
        MetricDefinition("expectations_failed", Kind.DATA, "Expectations failed"),
        MetricDefinition("expectations_failed_critical", Kind.DATA, "Critical expectations failed"),
        MetricDefinition("null_share", Kind.DATA, "Share of missing values", per_column=True),
        MetricDefinition("non_finite", Kind.DATA, "NaN and infinite values", per_column=True),
        MetricDefinition("drift_score", Kind.DRIFT, "Drift score", per_column=True),
        MetricDefinition(
            "new_words_share", Kind.DRIFT, "Share of words new since the baseline", per_column=True
        ),
        MetricDefinition(
            "prediction_correlation", Kind.DRIFT, "Correlation with the prediction", per_column=True
        ),
        MetricDefinition("drifted_columns", Kind.DRIFT, "Drifted columns"),
        MetricDefinition("drifted_share", Kind.DRIFT, "Share of drifted columns"),
        MetricDefinition("prediction_drift", Kind.DRIFT, "Prediction drift"),
        MetricDefinition("target_drift", Kind.TARGET, "Target drift"),
        MetricDefinition(
            "prediction_error_share", Kind.PERFORMANCE, "Share of the prediction errors", of_slice=True
        ),
        MetricDefinition("accuracy", Kind.PERFORMANCE, "Accuracy", tasks=_CLASSIFICATION),
        *(
            MetricDefinition(
                name,
                Kind.PERFORMANCE,
                title,
                tasks=_CLASSIFICATION,
                of_class=_CLASSIFICATION,
                needs_class=_MULTICLASS,
                brief=name in ("precision", "recall", "f1"),
            )
            for name, title in (
                ("precision", "Precision"),
                ("recall", "Recall"),
                ("f1", "F1"),
                ("true_positives", "True positives"),
                ("false_positives", "False positives"),
                ("false_negatives", "False negatives"),
                ("true_negatives", "True negatives"),
            )
        ),
        *(
            MetricDefinition(f"{name}_{mean}", Kind.PERFORMANCE, title, tasks=_CLASSIFICATION, brief=False)
            for name, word in (("precision", "Precision"), ("recall", "Recall"), ("f1", "F1"))
            for mean, title in (
                ("macro", f"{word}, mean of classes"),
                ("weighted", f"{word}, weighted by class"),
            )
        ),
        MetricDefinition(
            "roc_auc",
            Kind.PERFORMANCE,
            "ROC AUC",
            tasks=_CLASSIFICATION,
            of_class=_MULTICLASS,
            needs_probability=True,
        ),
        MetricDefinition(
            "pr_auc",
            Kind.PERFORMANCE,
            "PR AUC",
            tasks=_CLASSIFICATION,
            of_class=_MULTICLASS,
            needs_probability=True,
        ),
        MetricDefinition("lift", Kind.PERFORMANCE, "Lift", tasks=_BINARY, needs_probability=True),
        MetricDefinition(
            "log_loss", Kind.PERFORMANCE, "Log loss", tasks=_CLASSIFICATION, needs_probability=True
        ),
        MetricDefinition(
            "brier_score", Kind.PERFORMANCE, "Brier score", tasks=_CLASSIFICATION, needs_probability=True
        ),
        MetricDefinition(
            "calibration_error",
            Kind.PERFORMANCE,
            "Calibration error",
            tasks=_CLASSIFICATION,
            needs_probability=True,
        ),
        MetricDefinition("me", Kind.PERFORMANCE, "Mean error", tasks=_REGRESSION),
        MetricDefinition("mae", Kind.PERFORMANCE, "Mean absolute error", tasks=_REGRESSION),
        MetricDefinition("rmse", Kind.PERFORMANCE, "Root mean squared error", tasks=_REGRESSION),
        MetricDefinition("mape", Kind.PERFORMANCE, "Mean absolute percentage error", tasks=_REGRESSION),
        MetricDefinition("r2", Kind.PERFORMANCE, "R2", tasks=_REGRESSION),
        *(
            MetricDefinition(
                f"residual_p{at}",
                Kind.PERFORMANCE,
                f"Residuals, {at}th percentile" if at != 50 else "Residuals, median",
                tasks=_REGRESSION,
                brief=False,
            )
            for at in (5, 25, 50, 75, 95)
        ),
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
    *(name for name, one in METRICS.items() if one.kind is Kind.PERFORMANCE),
)
"""What is measured of slices, and a rule with ``slice`` may name."""

ERRORS = ("mae", "rmse", "mape", "log_loss", "brier_score", "calibration_error")
"""Performance metrics that are the better the smaller they are."""


def headline_of(metrics: Iterable[str]) -> str:
    """Return the metric whose trend is shown: the first on performance, else the first, empty for none.

    Args:
        metrics: Of the whole window, in the plan's order.
    """
    names = list(metrics)
    performance = [name for name in names if name in METRICS and METRICS[name].kind is Kind.PERFORMANCE]
    return next(iter([*performance, *names]), "")
