"""Drift of spans of days against several baselines, from the stored profiles of the days alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.tables import measured_columns
from daywatch.measure.drift.metrics import drift_settings
from daywatch.measure.drift.profile_distances import DEFAULTS, P_VALUES, THRESHOLDS, distances
from daywatch.measure.drift.spans import baseline_of, span_ending, told_days
from daywatch.profiles.merge import merge_columns
from daywatch.results import Against, Number, Record

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.spans import Profiles
    from daywatch.measure.columns.tables import Column
    from daywatch.profiles.profile import ColumnProfile, Profile
    from daywatch.window import Window


class ProfileDrift(Record):
    """One column over one span of days against one baseline.

    Attributes:
        column: Which.
        slice: The subset, empty for all rows.
        over: Days of the span, which ends with the window.
        against: The baseline.
        value: The score by ``method``; None where it cannot be computed, and ``note`` says why.
        error: How far the score of all rows by this method may be from it.
        threshold: What ``value`` was held against.
        method: Evidently's name: the column's own where profiles allow it, else Wasserstein or Jensen-Shannon.
        alert: Whether it is beyond the threshold.
        psi: Population stability index on common bins or categories; likewise the scores below.
        jensenshannon: Jensen-Shannon distance.
        wasserstein: Wasserstein distance, divided by the baseline's standard deviation.
        ks: P-value of the Kolmogorov-Smirnov test.
        chisquare: P-value of the chi-square test.
        rows: Rows of the span.
        baseline_rows: Rows of the baseline.
        filled: Values of the span that are neither missing nor NaN nor infinite.
        null_share: Share of missing values of the span.
        baseline_null_share: Likewise of the baseline.
        mean: Mean of the span.
        baseline_mean: Mean of the baseline.
        distinct: Distinct values of the span.
        baseline_distinct: Distinct values of the baseline.
        baseline_first: First day of the baseline, ISO; empty for the frozen one.
        baseline_last: Last day, likewise.
        note: Why there is no value, or what is unusual.
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
    """What a window's folder keeps of them.

    Attributes:
        drifts: By span, baseline and column, in the order of the configuration.
    """

    drifts: tuple[ProfileDrift, ...] = ()


@dataclass(frozen=True)
class Days:
    """Profiles to compare.

    Attributes:
        window: The window; spans end with it.
        profile: Its profile.
        past: Profiles of days before; a day that was not measured is not in it.
        frozen: The baseline's profile.
        slice: Which subset all of them are of, empty for all rows.
    """

    window: Window
    profile: Profile
    past: Mapping[date, Profile]
    frozen: Profile
    slice: str = ""

    @cached_property
    def _merged(self) -> dict[tuple[str, tuple[date, ...]], ColumnProfile | str]:
        return {}

    def column(self, name: str, days: tuple[date, ...]) -> ColumnProfile | str:
        """Return the merged profile of a column over days, or why there is none."""
        key = (name, days)
        if key not in self._merged:
            self._merged[key] = self._merge(name, days)
        return self._merged[key]

    def _merge(self, name: str, days: tuple[date, ...]) -> ColumnProfile | str:
        own = {day for day in days if day >= self.window.first}
        if own and days[0] > self.window.first:
            return f"the window {self.window} is longer than {len(days)} days"
        missing = [day for day in days if day not in own and day not in self.past]
        if missing:
            lacking = "have no profile of the slice" if self.slice else "were not measured"
            return f"{len(missing)} of {len(days)} days {lacking}: {told_days(missing)}"
        profiles = [self.past[day] for day in days if day not in own] + ([self.profile] if own else [])
        parts = [profile.column(name) for profile in profiles]
        if None in parts:
            absent = [day for day, part in zip(days, parts, strict=False) if part is None]
            return f"the model had no such column on {told_days(absent)}"
        try:
            return merge_columns([part for part in parts if part is not None])
        except ValueError as error:
            return str(error)


def profile_drifts(days: Days, model: MonitoredModel, profiles: Profiles) -> tuple[ProfileDrift, ...]:
    """Compare every column over every span with every baseline.

    Args:
        days: The profiles.
        model: Says how columns are compared.
        profiles: Which spans and baselines.
    """
    return tuple(_drifts(days, model, profiles))


def _drifts(days: Days, model: MonitoredModel, profiles: Profiles) -> Iterator[ProfileDrift]:
    for over in profiles.over:
        span = span_ending(days.window.last, over)
        for against in profiles.against:
            held = baseline_of(span, against, profiles)
            for column in measured_columns(model):
                unmeasured = ProfileDrift(column=column.name, slice=days.slice, over=over, against=against)
                yield _drift(days, model, column, unmeasured, held)


def _drift(
    days: Days, model: MonitoredModel, column: Column, unmeasured: ProfileDrift, held: tuple[date, ...]
) -> ProfileDrift:
    method, threshold = _method(model, column)
    span = span_ending(days.window.last, unmeasured.over)
    current = days.column(column.name, span)
    baseline = days.column(column.name, held) if held else _frozen(days, column)
    known = {
        "method": method,
        "threshold": threshold,
        "baseline_first": held[0].isoformat() if held else "",
        "baseline_last": held[-1].isoformat() if held else "",
    }
    reasons = [f"the span: {current}"] if isinstance(current, str) else []
    reasons += [f"{unmeasured.against.noun}: {baseline}"] if isinstance(baseline, str) else []
    if isinstance(current, str) or isinstance(baseline, str):
        return unmeasured.model_copy(update={**known, "note": "; ".join(reasons)})
    counted = known | _counts(current, baseline)
    for side, noun in ((current, "the span"), (baseline, unmeasured.against.noun)):
        if not side.count:
            return unmeasured.model_copy(
                update={**counted, "note": f"{noun} has no value in {side.rows:,} rows"}
            )
    if threshold is None:
        return unmeasured.model_copy(update={**counted, "note": "profiles do not tell how texts differ"})
    scores = distances(baseline, current)
    value = scores.values.get(method)
    note = scores.notes.get(method, "")
    beyond = None
    if value is not None:
        beyond = value <= threshold if method in P_VALUES else value >= threshold
    return ProfileDrift.model_validate(
        unmeasured.model_dump()
        | counted
        | scores.values
        | {"value": value, "error": scores.errors.get(method, 0.0), "alert": beyond, "note": note}
    )


def _frozen(days: Days, column: Column) -> ColumnProfile | str:
    found = days.frozen.column(column.name)
    if found is None:
        lacking = "profile of the slice: it has too few rows there, or has to be built again"
        return f"it has no {lacking if days.slice else 'such column'}"
    if (found.count and not (found.sketches or found.frequent)) or (found.other and not found.registers):
        return "it was frozen by an older version; build it again"
    return found


def _method(model: MonitoredModel, column: Column) -> tuple[str, float | None]:
    """Return the column's method and threshold where profiles allow it, else the default ones; none for text."""
    if column.kind is ColumnKind.TEXT:
        return "", None
    own = drift_settings(model, column)
    if own.method in THRESHOLDS:
        return own.method, THRESHOLDS[own.method] if own.threshold is None else own.threshold
    method = DEFAULTS[column.kind]
    return method, THRESHOLDS[method]


def _counts(current: ColumnProfile, baseline: ColumnProfile) -> dict[str, object]:
    return {
        "rows": current.rows,
        "filled": current.count,
        "null_share": current.null_share,
        "mean": current.mean,
        "distinct": current.distinct,
        "baseline_rows": baseline.rows,
        "baseline_null_share": baseline.null_share,
        "baseline_mean": baseline.mean,
        "baseline_distinct": baseline.distinct,
    }
