"""The metric of a rule on longer windows or other baselines, from the drift of stored profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.config.model.model import ANSWERS
from daywatch.results import Metric

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.config.model.plan import Minimum
    from daywatch.config.model.rule import Rule
    from daywatch.measure.drift.profile_drift import ProfileDrift


def span_metric(rule: Rule, minimum: Minimum, drifts: Iterable[ProfileDrift]) -> Metric:
    """Return the value of a rule with ``over`` or ``against``, or a note about the evidence that is missing.

    Args:
        rule: The rule.
        minimum: The plan's minimum, for the rows of the span and of its baseline.
        drifts: The drift by span, baseline and column.
    """
    of_span = {one.column: one for one in drifts if (one.over, one.against) == rule.span and not one.slice}
    if rule.metric in ("drifted_columns", "drifted_share"):
        return _of_features(
            rule.metric, [one for name, one in of_span.items() if name not in ANSWERS], minimum
        )
    drift = of_span.get(_column(rule, of_span))
    if drift is None:
        return Metric(name=rule.metric, note="it was not measured")
    if lacking := _lacking(drift, minimum, rule.metric):
        return Metric(name=rule.metric, note=lacking)
    if rule.metric == "null_share":
        return Metric(name=rule.metric, value=drift.null_share, baseline=drift.baseline_null_share)
    return Metric(name=rule.metric, value=drift.value, note=drift.note)


def _column(rule: Rule, of_span: dict[str, ProfileDrift]) -> str:
    if rule.metric == "prediction_drift":
        return "probability" if "probability" in of_span else "prediction"
    return "label" if rule.metric == "target_drift" else rule.column


def _lacking(drift: ProfileDrift, minimum: Minimum, metric: str) -> str:
    """Return which evidence is missing, empty if there is enough."""
    if drift.rows is None or drift.baseline_rows is None:
        return drift.note
    for rows, noun in ((drift.rows, "the span"), (drift.baseline_rows, drift.against.noun)):
        if rows < minimum.rows:
            return f"{rows} rows in {noun}, fewer than the plan's minimum of {minimum.rows}"
    if METRICS[metric].kind is MetricKind.TARGET and (drift.filled or 0) < minimum.labels:
        return f"the span has {drift.filled} labelled rows, fewer than the plan's minimum of {minimum.labels}"
    return ""


def _of_features(name: str, drifts: list[ProfileDrift], minimum: Minimum) -> Metric:
    scored = [one for one in drifts if one.value is not None and not _lacking(one, minimum, name)]
    reasons = [_lacking(one, minimum, name) or one.note for one in drifts if one not in scored]
    if not scored:
        return Metric(name=name, note=reasons[0] if reasons else "it was not measured")
    drifted = sum(bool(one.alert) for one in scored)
    return Metric(name=name, value=drifted if name == "drifted_columns" else drifted / len(scored))
