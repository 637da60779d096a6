"""Errors that only show when parts of a model's configuration are compared with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from daywatch.config.base import Place, PlacedError, nearest
from daywatch.config.drift_methods import KIND_OF_TYPE, METHODS, ColumnKind
from daywatch.config.loading.baseline_checks import check_baseline
from daywatch.config.loading.capture_checks import check_computed, check_selection
from daywatch.config.loading.custom_metric_checks import check_custom_metrics
from daywatch.config.loading.history_checks import check_references, check_spans
from daywatch.config.loading.rule_checks import column_errors, rule_errors
from daywatch.config.loading.slice_checks import check_slices
from daywatch.config.loading.window_checks import check_windows
from daywatch.config.metrics import METRICS
from daywatch.config.model.capture import CARRIED
from daywatch.config.model.columns import Task
from daywatch.config.model.conditions import Expected
from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.config.model.retraining import AREA, COMPARABLE
from daywatch.config.model.rule import Rule
from daywatch.config.model.slices import ANY


def cross_checks(
    model: MonitoredModel, file_stem: str, unknown: frozenset[str] = frozenset()
) -> Iterator[PlacedError]:
    """Yield the errors that only show when parts of a configuration are compared with each other.

    Args:
        model: A configuration whose sections are valid, each by itself.
        file_stem: The name of its file without ``.yaml``.
        unknown: Sections that are wrong, with which nothing is compared.
    """
    if "model" not in unknown and model.model != file_stem:
        yield ("model",), f"expected {file_stem!r}, the file's name, but received {model.model!r}"
    for sections, check in _CHECKS:
        if unknown.isdisjoint(sections):
            yield from check(model)


def _check_positive_class(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield the error of a positive class that is none of the classes."""
    output = model.output
    if output.task is Task.BINARY and output.classes and output.positive_class not in output.classes:
        yield (
            ("output", "positive_class"),
            f"expected one of output.classes ({', '.join(output.classes)}), whose probability is the model's,"
            f" but received {output.positive_class!r}{nearest(output.positive_class, output.classes)}",
        )


def _check_days(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of the days that are monitored."""
    schedule = model.schedule
    last = model.baseline.last
    if last is not None and schedule.first_window <= last:
        yield (
            ("schedule", "first_window"),
            f"expected a day after the baseline's last ({last}), or the model is measured against itself",
        )
    if schedule.last_window and schedule.last_window < schedule.first_window:
        yield (
            ("schedule", "last_window"),
            f"expected a day from first_window ({schedule.first_window}) on, but received {schedule.last_window}",
        )


def _check_retraining(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield the error of a plan that retrains at AMBER or RED without a trainer."""
    actions = model.plan.actions
    for state, action in (("amber", actions.amber), ("red", actions.red)):
        if action.retrain and model.retraining is None:
            yield ("plan", "actions", state, "retrain"), "needs the key 'retraining' with a 'trainer'"


def _check_exploration(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield the error of an exploration that is no boolean feature."""
    explored = model.labels.exploration if model.labels is not None else None
    booleans = [one.name for one in model.stored_features if one.type == "boolean"]
    if explored is not None and explored not in booleans:
        message = f"expected a boolean feature, but received {explored!r}{nearest(explored, booleans)}"
        yield ("labels", "exploration"), message


def _check_promotion(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield the error of a metric in which two versions of the model cannot be compared."""
    metric = model.retraining.promotion.metric if model.retraining is not None else None
    known = [one for one in COMPARABLE[model.output.task] if one != AREA or model.output.has_probability]
    if metric is not None and metric not in known:
        message = f"expected one of {', '.join(known)}, but received {metric!r}{nearest(metric, known)}"
        yield ("retraining", "promotion", "metric"), message


def _check_rollout(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield the error of a metric in which two versions that serve at once cannot be compared."""
    if model.rollout is None:
        return
    metric = model.rollout.metric
    known = [one for one in COMPARABLE[model.output.task] if one != AREA or model.output.has_probability]
    if metric not in known:
        message = f"expected one of {', '.join(known)}, but received {metric!r}{nearest(metric, known)}"
        yield ("rollout", "metric"), message
    if model.labels is None:
        yield ("rollout", "metric"), f"{metric} needs labels: add the section 'labels'"


def _check_rules(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of rules about metrics or columns that the model does not have."""
    columns = [feature.name for feature in model.stored_features]
    for where, rule in model.plan.placed_rules:
        known = [name for name, one in METRICS.items() if not one.tasks or model.output.task in one.tasks]
        known += [one.name for one in model.custom_metrics]
        if rule.metric not in known:
            yield (
                (*where, "metric"),
                f"there is no metric {rule.metric!r} for {model.output.task}{nearest(rule.metric, known)}"
                f"{_others(rule.metric, known)}",
            )
            continue
        for key, error in rule_errors(model, rule):
            yield (*where, key), error
        definition = METRICS[rule.metric]
        if rule.metric == FAULTS_METRIC and not _tells_of_any(rule):
            yield (
                (*where, "metric"),
                f"{FAULTS_METRIC} expects 'red: > 0' or 'amber: > 0': a fault of the data may be AMBER, but not GREEN",
            )
        if rule.metric == FAULTS_METRIC and rule.persistence:
            yield (*where, "for"), f"{FAULTS_METRIC} counts in its first window: leave out 'for'"
        for key, error in column_errors(model, rule, columns):
            yield (*where, key), error
        source = model.capture.source
        if definition.needs and definition.needs not in CARRIED[source]:
            able = ", ".join(name for name, carried in CARRIED.items() if definition.needs in carried)
            yield (
                (*where, "metric"),
                f"{rule.metric} needs the {definition.needs} of requests, which captures of the source {source} "
                f"do not carry; expected {able}, or no such rule",
            )
        yield from _check_class(model, rule, where)
        if definition.needs_value and model.performance.value is None:
            yield (
                (*where, "metric"),
                f"{rule.metric} needs what outcomes are worth: performance.value, such as {{tp: 50, fp: -5}}",
            )
        if definition.needs_probability and not (model.output.has_probability or model.output.classes):
            wanted = "'probabilities'" if model.output.task is Task.MULTICLASS else "'probability'"
            yield (*where, "metric"), f"{rule.metric} needs {wanted} in output.response"


def _tells_of_any(rule: Rule) -> bool:
    """Return whether one fault of the data is AMBER or RED by a rule on them."""
    conditions = (rule.red, rule.amber)
    return not rule.green and any(one is not None and one.is_met(1, Expected()) for one in conditions)


def _others(word: str, known: list[str]) -> str:
    """Return where the metrics of a task are listed, and those that begin like a word that is none of them."""
    alike = [name for name in known if name[:4] == word[:4]]
    others = f"others are {', '.join(alike)}, and " if len(alike) > 1 else ""
    return f"; {others}all are in docs/configuration.md#metrics"


def _check_class(model: MonitoredModel, rule: Rule, where: Place) -> Iterator[PlacedError]:
    """Yield errors of a rule's class: not allowed, missing, or unknown to the model."""
    definition, task, classes = METRICS[rule.metric], model.output.task, model.output.classes
    if rule.class_name == ANY and rule.slice:
        yield (*where, "class_name"), f"{ANY!r} is not for slices: name a class, or leave out 'slice'"
    if rule.class_name and task not in definition.of_class:
        yield (*where, "class_name"), f"{rule.metric} is not about one class of a {task}; leave it out"
    elif not rule.class_name and task in definition.needs_class:
        means = [
            f"{rule.metric}_{mean}" for mean in ("macro", "weighted") if f"{rule.metric}_{mean}" in METRICS
        ]
        instead = f", or name {' or '.join(means)}" if means else ""
        yield (
            (*where, "metric"),
            f"{rule.metric} of a {task} is about one class: add 'class_name'{instead}",
        )
    elif rule.named_class and classes and rule.named_class not in classes:
        yield (
            (*where, "class_name"),
            f"there is no class {rule.class_name!r}{nearest(rule.class_name, classes)};"
            f" output.classes are: {', '.join(classes)}",
        )


def _check_drift_methods(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield drift methods that Evidently does not have, or does not have for such columns."""
    answer = ColumnKind.NUMERIC if model.output.task is Task.REGRESSION else ColumnKind.CATEGORICAL
    prediction = ColumnKind.NUMERIC if model.output.has_probability else answer
    methods: list[tuple[Place, str | None, set[ColumnKind]]] = [
        (("drift", "numeric", "method"), model.drift.numeric.method, {ColumnKind.NUMERIC}),
        (("drift", "categorical", "method"), model.drift.categorical.method, {ColumnKind.CATEGORICAL}),
        (("drift", "text", "method"), model.drift.text.method, {ColumnKind.TEXT}),
        # One method for predictions, or their probabilities, and for labels.
        (("output", "drift", "method"), model.output.drift.method, {answer, prediction}),
    ]
    methods += [
        (("features", n, "drift", "method"), one.drift.method, {KIND_OF_TYPE[one.type]})
        for n, one in enumerate(model.features)
    ]
    for where, method, kinds in methods:
        if method is None:
            continue
        fitting = [name for name, fits in METHODS.items() if all(kind in fits for kind in kinds)]
        if method not in METHODS:
            problem = f"there is no drift method {method!r}{nearest(method, METHODS)}"
        elif method not in fitting:
            problem = f"{method} does not fit columns of kind {' and '.join(sorted(kinds))}"
        else:
            continue
        yield where, f"{problem}; accepted: {', '.join(fitting)}"


_CHECKS: tuple[tuple[tuple[str, ...], Callable[[MonitoredModel], Iterator[PlacedError]]], ...] = (
    (
        (
            "performance",
            "plan",
            "features",
            "output",
            "capture",
            "labels",
            "drift",
            "redaction",
            "custom_metrics",
        ),
        _check_rules,
    ),
    (("features", "output", "labels", "custom_metrics", "redaction"), check_custom_metrics),
    (("plan", "drift", "schedule"), check_spans),
    (("plan", "schedule"), check_references),
    (("plan", "features", "output", "slices", "redaction", "capture", "custom_metrics"), check_slices),
    (("features", "capture"), check_selection),
    (("features", "redaction"), check_computed),
    (("features", "output", "drift"), _check_drift_methods),
    (("output",), _check_positive_class),
    (("schedule", "baseline"), _check_days),
    (("schedule", "capture", "plan"), check_windows),
    (("features", "output", "baseline", "baselines", "plan"), check_baseline),
    (("plan", "retraining"), _check_retraining),
    (("features", "labels", "redaction"), _check_exploration),
    (("output", "retraining"), _check_promotion),
    (("output", "labels", "rollout"), _check_rollout),
)
"""The checks, each with the sections that it compares."""
