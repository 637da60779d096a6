"""Drift of spans of days against several baselines, from stored profiles alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import L_INFINITY, P_VALUES, ColumnKind
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.drift.metrics import drift_settings
from daywatch.measure.drift.profile_distances import DEFAULTS, THRESHOLDS, distances
from daywatch.measure.drift.spans import baseline_of, span_ending
from daywatch.results import Against, Number, Record

if TYPE_CHECKING:
    from datetime import date

    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.spans import ProfileDriftSettings
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.drift.daily_profiles import DailyProfiles
    from daywatch.measure.drift.profile_distances import Distances
    from daywatch.profiles.profile import ColumnProfile


class ProfileDrift(Record):
    """One column over one span of days against one baseline.

    Attributes:
        column: Name of the column.
        slice: Name of the slice, empty for all rows.
        over: Number of days of the span, which ends with the window.
        against: The kind of baseline.
        value: The score by ``method``; None where it cannot be computed, and ``note`` says why.
        error: How far ``value`` may be from the score of all rows by the same method.
        threshold: The threshold that ``value`` is compared with.
        method: The name of the column's own method if profiles allow it, else of Wasserstein or
            Jensen-Shannon.
        alert: Whether ``value`` is beyond the threshold.
        psi: Population stability index on common bins or categories.
        jensenshannon: Jensen-Shannon distance on common bins or categories.
        wasserstein: Wasserstein distance, divided by the baseline's standard deviation.
        ks: P-value of the Kolmogorov-Smirnov test.
        chisquare: P-value of the chi-square test.
        rows: Rows of the span.
        baseline_rows: Rows of the baseline.
        filled: Values of the span that are neither missing nor NaN nor infinite.
        null_share: Share of missing values of the span.
        baseline_null_share: Share of missing values of the baseline.
        mean: Mean of the span.
        baseline_mean: Mean of the baseline.
        distinct: Distinct values of the span.
        baseline_distinct: Distinct values of the baseline.
        baseline_first: First day of the baseline in ISO form; empty for the frozen baseline.
        baseline_last: Last day of the baseline in ISO form; empty for the frozen baseline.
        note: Why there is no value, or what is unusual about it.
    """

    column: str
    slice: str = ""
    over: int
    against: Against
    value: Number = None
    error: Number = None
    threshold: Number = None
    method: str = ""
    alert: bool | None = None
    psi: Number = None
    jensenshannon: Number = None
    wasserstein: Number = None
    ks: Number = None
    chisquare: Number = None
    rows: int | None = None
    baseline_rows: int | None = None
    filled: int | None = None
    null_share: Number = None
    baseline_null_share: Number = None
    mean: Number = None
    baseline_mean: Number = None
    distinct: int | None = None
    baseline_distinct: int | None = None
    baseline_first: str = ""
    baseline_last: str = ""
    note: str = ""


class ProfileDrifts(Record):
    """The content of a window's ``profile_drift.json``.

    Attributes:
        drifts: One for each span, baseline and column, in the order of the configuration.
    """

    drifts: tuple[ProfileDrift, ...] = ()


def profile_drifts(
    daily: DailyProfiles, model: MonitoredModel, settings: ProfileDriftSettings
) -> tuple[ProfileDrift, ...]:
    """Compare every column over every span with every baseline.

    Args:
        daily: The profiles.
        model: The model, which says how columns are compared.
        settings: The lengths of the spans, and the baselines.
    """
    return tuple(_drifts(daily, model, settings))


def _drifts(
    daily: DailyProfiles, model: MonitoredModel, settings: ProfileDriftSettings
) -> Iterator[ProfileDrift]:
    for over in settings.over:
        span = span_ending(daily.window.last, over)
        for against in settings.against:
            baseline_days = baseline_of(span, against, settings)
            for column in measured_columns(model):
                unmeasured = ProfileDrift(column=column.name, slice=daily.slice, over=over, against=against)
                yield _drift(daily, model, column, unmeasured, baseline_days)


def _drift(
    daily: DailyProfiles,
    model: MonitoredModel,
    column: Column,
    unmeasured: ProfileDrift,
    baseline_days: tuple[date, ...],
) -> ProfileDrift:
    """Return the drift of one column over one span against one baseline.

    Args:
        daily: The profiles.
        model: The model, which says how the column is compared.
        column: The column.
        unmeasured: The drift without any numbers, which names column, span and baseline.
        baseline_days: The days of the baseline; empty for the frozen baseline.
    """
    method, threshold = _method(model, column)
    span = daily.column(column.name, span_ending(daily.window.last, unmeasured.over))
    baseline = (
        daily.column(column.name, baseline_days) if baseline_days else daily.baseline_column(column.name)
    )
    known: dict[str, object] = {
        "method": method,
        "threshold": threshold,
        "baseline_first": baseline_days[0].isoformat() if baseline_days else "",
        "baseline_last": baseline_days[-1].isoformat() if baseline_days else "",
    }
    if isinstance(span, str) or isinstance(baseline, str):
        sides = (("the span", span), (unmeasured.against.noun, baseline))
        reasons = [f"{noun}: {side}" for noun, side in sides if isinstance(side, str)]
        return unmeasured.model_copy(update=known | {"note": "; ".join(reasons)})
    known |= _counts(span, baseline)
    if note := _incomparable(span, baseline, unmeasured, threshold):
        return unmeasured.model_copy(update=known | {"note": note})
    scores = distances(baseline, span)
    stored = {name: value for name, value in scores.values.items() if name in ProfileDrift.model_fields}
    return ProfileDrift.model_validate(
        unmeasured.model_dump() | known | stored | _score(scores, method, threshold)
    )


def _incomparable(
    span: ColumnProfile, baseline: ColumnProfile, unmeasured: ProfileDrift, threshold: float | None
) -> str:
    """Return why the two profiles cannot be compared, empty where they can."""
    for side, noun in ((span, "the span"), (baseline, unmeasured.against.noun)):
        if not side.count:
            return f"{noun} has no value in {side.rows:,} rows"
    return "profiles do not show how texts differ" if threshold is None else ""


def _score(scores: Distances, method: str, threshold: float | None) -> dict[str, object]:
    value = scores.values.get(method)
    alert = None
    if value is not None and threshold is not None:
        alert = value <= threshold if method in P_VALUES else value >= threshold
        alert = value > threshold if method in L_INFINITY else alert
    return {
        "value": value,
        "error": scores.errors.get(method, 0.0),
        "alert": alert,
        "note": scores.notes.get(method, ""),
    }


def _method(model: MonitoredModel, column: Column) -> tuple[str, float | None]:
    """Return the column's method and threshold if profiles allow it, else the default ones; none for text."""
    if column.kind is ColumnKind.TEXT:
        return "", None
    own = drift_settings(model, column)
    if own.method in THRESHOLDS:
        return own.method, THRESHOLDS[own.method] if own.threshold is None else own.threshold
    method = DEFAULTS[column.kind]
    return method, THRESHOLDS[method]


def _counts(span: ColumnProfile, baseline: ColumnProfile) -> dict[str, object]:
    return {
        "rows": span.rows,
        "filled": span.count,
        "null_share": span.null_share,
        "mean": span.mean,
        "distinct": span.distinct,
        "baseline_rows": baseline.rows,
        "baseline_null_share": baseline.null_share,
        "baseline_mean": baseline.mean,
        "baseline_distinct": baseline.distinct,
    }
