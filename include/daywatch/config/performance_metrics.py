"""The metrics of performance that a plan may name: a new metric is a new row."""

from __future__ import annotations

from collections.abc import Iterator

from daywatch.config.metric_definition import MetricDefinition, MetricKind

BEST_CONSTANT = "_best_constant_classifier"
"""Ending of the metrics of the best answer that is always the same, next to the model's own."""

F_MEASURES = {0.5: "f0_5", 1.0: "f1", 2.0: "f2"}
"""The F measures by how many times more recall weighs than precision."""

BINARY = ("binary_classification",)
MULTICLASS = ("multiclass_classification",)
CLASSIFICATION = ("binary_classification", "multiclass_classification")
REGRESSION = ("regression",)

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
    "accuracy": CLASSIFICATION,
    **{f"{name}_weighted": CLASSIFICATION for name, _ in _SHARES_OF_CLASSES},
    **dict.fromkeys((*(name for name, _ in _SHARES_OF_CLASSES), *(name for name, _ in _RATES)), BINARY),
    **dict.fromkeys(("mae", "mse", "rmse"), REGRESSION),
}
"""Metrics of which a classifier that always gives the same answer can be measured too, with their tasks."""

PERFORMANCE_DEFINITIONS = (
    MetricDefinition(
        "prediction_error_share", MetricKind.PERFORMANCE, "Share of the prediction errors", of_slice=True
    ),
    MetricDefinition("accuracy", MetricKind.PERFORMANCE, "Accuracy", tasks=CLASSIFICATION),
    *(
        MetricDefinition(
            name,
            MetricKind.PERFORMANCE,
            title,
            tasks=CLASSIFICATION,
            of_class=CLASSIFICATION,
            needs_class=MULTICLASS,
            brief=name in ("precision", "recall", "f1"),
        )
        for name, title in (*_SHARES_OF_CLASSES, *_RATES, *_CELLS)
    ),
    *(
        MetricDefinition(f"{name}_{mean}", MetricKind.PERFORMANCE, title, tasks=CLASSIFICATION, brief=False)
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
        tasks=CLASSIFICATION,
        of_class=MULTICLASS,
        needs_probability=True,
    ),
    MetricDefinition(
        "pr_auc",
        MetricKind.PERFORMANCE,
        "PR AUC",
        tasks=CLASSIFICATION,
        of_class=MULTICLASS,
        needs_probability=True,
    ),
    MetricDefinition("lift", MetricKind.PERFORMANCE, "Lift", tasks=BINARY, needs_probability=True),
    MetricDefinition(
        "log_loss", MetricKind.PERFORMANCE, "Log loss", tasks=CLASSIFICATION, needs_probability=True
    ),
    MetricDefinition(
        "brier_score",
        MetricKind.PERFORMANCE,
        "Brier score",
        tasks=CLASSIFICATION,
        needs_probability=True,
    ),
    MetricDefinition(
        "calibration_error",
        MetricKind.PERFORMANCE,
        "Calibration error",
        tasks=CLASSIFICATION,
        needs_probability=True,
    ),
    MetricDefinition(
        "value_per_row", MetricKind.PERFORMANCE, "Value per row", tasks=BINARY, needs_value=True
    ),
    MetricDefinition("value_total", MetricKind.PERFORMANCE, "Value", tasks=BINARY, needs_value=True),
    MetricDefinition("me", MetricKind.PERFORMANCE, "Mean error", tasks=REGRESSION),
    MetricDefinition("mae", MetricKind.PERFORMANCE, "Mean absolute error", tasks=REGRESSION),
    MetricDefinition("mse", MetricKind.PERFORMANCE, "Mean squared error", tasks=REGRESSION, brief=False),
    MetricDefinition("rmse", MetricKind.PERFORMANCE, "Root mean squared error", tasks=REGRESSION),
    MetricDefinition("mape", MetricKind.PERFORMANCE, "Mean absolute percentage error", tasks=REGRESSION),
    MetricDefinition("smape", MetricKind.PERFORMANCE, "Symmetric MAPE", tasks=REGRESSION, brief=False),
    MetricDefinition("wape", MetricKind.PERFORMANCE, "WAPE", tasks=REGRESSION, brief=False),
    MetricDefinition(
        "median_absolute_error",
        MetricKind.PERFORMANCE,
        "Median absolute error",
        tasks=REGRESSION,
        brief=False,
    ),
    *(
        MetricDefinition(
            f"absolute_error_p{at}",
            MetricKind.PERFORMANCE,
            f"Absolute errors, {at}th percentile",
            tasks=REGRESSION,
            brief=False,
        )
        for at in (75, 90, 95)
    ),
    MetricDefinition("r2", MetricKind.PERFORMANCE, "R2", tasks=REGRESSION),
    *(
        MetricDefinition(
            f"residual_p{at}",
            MetricKind.PERFORMANCE,
            f"Residuals, {at}th percentile" if at != 50 else "Residuals, median",
            tasks=REGRESSION,
            brief=False,
        )
        for at in (5, 25, 50, 75, 95)
    ),
)


def with_best_constant(one: MetricDefinition) -> Iterator[MetricDefinition]:
    """Yield a metric, and behind it that of the best constant answer, where there is one."""
    yield one
    if one.name in _OF_CONSTANT_ANSWERS:
        title = f"{one.title}, best constant"
        tasks = _OF_CONSTANT_ANSWERS[one.name]
        yield MetricDefinition(f"{one.name}{BEST_CONSTANT}", one.kind, title, tasks=tasks, brief=False)
