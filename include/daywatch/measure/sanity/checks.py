"""What is wrong with a baseline's evidence, and what a window has lost of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from daywatch.config.base import nearest
from daywatch.config.drift_methods import LEAST_VALUES
from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.config.model.columns import Task
from daywatch.formatting import count, percent, plural
from daywatch.measure.columns.tables import Side
from daywatch.measure.sanity.sides import rows_of_classes, rows_predicted
from daywatch.results import Finding, FindingCode
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.columns.tables import Tables
    from daywatch.measure.sanity.sides import ClassSet, SideEvidence

NEARLY_ALL = 0.99
"""From this share of missing values on, a feature is missing in nearly every row."""

_SEEN_BEFORE = 0.1
"""A window has lost a feature only if at least this share of the baseline's rows had a value."""

_IMPROBABLE = 1e-6
"""What is less probable than this, if nothing has changed since the baseline, is a fault and not chance."""

_MOST_COLUMNS = 20


def unsound(found: SideEvidence, model: MonitoredModel, columns: Sequence[str] = ()) -> list[Finding]:
    """Return what makes a side useless as a baseline.

    Args:
        found: The side.
        model: The model's configuration.
        columns: The names that the captures themselves have, where they are known.
    """
    return [
        *_class_faults(found, model),
        *_missing_features(found, columns),
        *_constant(found, model),
        *_too_few_values(found, model),
        *_below_chance(found),
    ]


def lost(
    tables: Tables, window: SideEvidence, baseline: SideEvidence, model: MonitoredModel
) -> list[Finding]:
    """Return what the baseline's evidence had and the window's has not, by more than chance.

    Args:
        tables: The baseline and the window.
        window: The window.
        baseline: The baseline.
        model: The model's configuration.
    """
    before = {(one.code, one.column) for one in unsound(baseline, model)}
    checks = [
        *_lost_classes(tables, window, baseline, model),
        *_lost_features(window, baseline),
        *_became_constant(tables, window, baseline, model),
        *_below_chance(window),
    ]
    return [one for one in checks if (one.code, one.column) not in before]


def _class_faults(found: SideEvidence, model: MonitoredModel) -> Iterator[Finding]:
    labels, predictions = found.labels, found.predictions
    if labels is None or predictions is None:
        return
    if labels.rows and predictions.rows and not labels.shared:
        yield _no_shared_class(labels, predictions)
        return
    if model.output.task is Task.BINARY:
        for noun, side in (("label", labels), ("prediction", predictions)):
            if side.rows and not side.positive:
                yield _no_positive(noun, side, model)


def _no_shared_class(labels: ClassSet, predictions: ClassSet) -> Finding:
    detail = (
        f"predictions and labels share no class: predictions are {predictions.named}, labels are {labels.named}; "
        "correct the spelling of one of them (labels.map, output.class_type)"
    )
    return Finding(code=FindingCode.NO_SHARED_CLASS, column="label", detail=detail, count=labels.rows)


def _no_positive(noun: str, side: ClassSet, model: MonitoredModel) -> Finding:
    positive = model.output.positive_class
    known = [name for name, _ in side.frequent]
    detail = (
        f"no {noun} is the positive class {shown(positive)!r} (output.positive_class): {noun}s are {side.named}"
        f"{nearest(positive, known)}"
    )
    return Finding(code=FindingCode.NO_POSITIVE_CLASS, column=noun, detail=detail, count=side.rows)


def _missing_features(found: SideEvidence, columns: Sequence[str]) -> Iterator[Finding]:
    for name, filled in found.filled.items():
        if found.rows and found.rows - filled >= NEARLY_ALL * found.rows:
            yield _missing(name, filled, found.rows, _names_of(columns, name))


def _missing(name: str, filled: int, rows: int, ending: str = "") -> Finding:
    every = "every one" if not filled else percent(1 - filled / rows)
    detail = f"{shown(name)} is missing in {every} of {plural(rows, 'row')}{ending}"
    return Finding(code=FindingCode.FEATURE_MISSING, column=name, detail=detail, count=rows - filled)


def _names_of(columns: Sequence[str], name: str) -> str:
    """Return the captures' own names for the end of a sentence, with the nearest match; empty if unknown."""
    if not columns:
        return ""
    listed = ", ".join(shown(one) for one in columns[:_MOST_COLUMNS])
    more = len(columns) - _MOST_COLUMNS
    return f"; the captures have {listed}{f' and {more} more' if more > 0 else ''}{nearest(name, columns)}"


def _constant(found: SideEvidence, model: MonitoredModel) -> Iterator[Finding]:
    if found.constant is None:
        return
    detail = f"all predictions are {shown(found.constant)!r}"
    if found.varied_labels:
        labels = f": {found.labels.named}" if found.labels else ""
        detail += f", and the labels differ{labels}"
    elif not judges_predictions(model):
        detail += "; no rule of the plan looks at predictions"
    yield Finding(code=FindingCode.CONSTANT_PREDICTION, column="prediction", detail=detail, count=found.rows)


def judges_predictions(model: MonitoredModel) -> bool:
    """Return whether a rule of the plan says nothing if all predictions are the same."""
    kinds = (MetricKind.PERFORMANCE, MetricKind.TARGET)
    names = ("prediction_drift", "prediction_correlation")
    return model.plan.is_standard or any(
        rule.metric in names or METRICS[rule.metric].kind in kinds for rule in model.plan.all_rules
    )


def _too_few_values(found: SideEvidence, model: MonitoredModel) -> Iterator[Finding]:
    for feature in model.stored_features:
        settings = model.drift.numeric if feature.type.is_numeric else model.drift.categorical
        method = feature.drift.method or settings.method or ""
        needed, values = LEAST_VALUES.get(method, 1), found.filled.get(feature.name, 0)
        if 0 < values < needed:
            detail = f"{shown(feature.name)} has {plural(values, 'value')}, its drift method {method} needs {needed}"
            yield Finding(code=FindingCode.TOO_FEW_VALUES, column=feature.name, detail=detail, count=values)


def _below_chance(found: SideEvidence) -> Iterator[Finding]:
    if found.chance is not None and found.chance.is_worse:
        detail = (
            f"{found.chance.sentence}: labels may be flipped, or output.positive_class may be the other class"
        )
        yield Finding(
            code=FindingCode.WORSE_THAN_CHANCE, column="label", detail=detail, count=found.chance.rows
        )


def _lost_classes(
    tables: Tables, window: SideEvidence, baseline: SideEvidence, model: MonitoredModel
) -> Iterator[Finding]:
    labels, predictions = window.labels, window.predictions
    if not (labels and predictions and baseline.labels and baseline.predictions):
        return
    if labels.rows and predictions.rows and not labels.shared:
        # If nothing had changed, so many labels would be among the predicted classes, and the other way round.
        expected = (
            (rows_of_classes(tables, Side.BASELINE, "label", Side.WINDOW), baseline.labels.rows, labels.rows),
            (
                rows_of_classes(tables, Side.BASELINE, "prediction", Side.WINDOW),
                baseline.predictions.rows,
                predictions.rows,
            ),
        )
        strange = not any(rows for rows, _, _ in expected)
        if strange or any(_improbable(rows, of, seen) for rows, of, seen in expected):
            yield _no_shared_class(labels, predictions)
        return
    if model.output.task is not Task.BINARY:
        return
    for noun, now, then in (
        ("label", labels, baseline.labels),
        ("prediction", predictions, baseline.predictions),
    ):
        if now.rows and not now.positive and _improbable(then.positive, then.rows, now.rows):
            finding = _no_positive(noun, now, model)
            share = f"; in the baseline {count(then.positive)} of {count(then.rows)} are"
            yield finding.model_copy(update={"detail": finding.detail + share})


def _lost_features(window: SideEvidence, baseline: SideEvidence) -> Iterator[Finding]:
    for name, filled in window.filled.items():
        then = baseline.filled.get(name, 0)
        missing = window.rows and window.rows - filled >= NEARLY_ALL * window.rows
        if missing and then >= _SEEN_BEFORE * baseline.rows and _improbable(then, baseline.rows, window.rows):
            ending = f"; in the baseline in {percent(1 - then / baseline.rows)}"
            yield _missing(name, filled, window.rows, ending)


def _became_constant(
    tables: Tables, window: SideEvidence, baseline: SideEvidence, model: MonitoredModel
) -> Iterable[Finding]:
    if window.constant is None or not baseline.rows:
        return ()
    others = baseline.predicted - rows_predicted(tables, Side.BASELINE, window.constant)
    return _constant(window, model) if _improbable(others, baseline.predicted, window.rows) else ()


def _improbable(hits: int, rows: int, seen: int) -> bool:
    """Return whether a share that was seen on the baseline would hardly ever give nothing in so many rows.

    One more row without a hit is added to the baseline's, because what never failed there is not certain.
    """
    return seen * math.log1p(-hits / (rows + 1)) < math.log(_IMPROBABLE)
