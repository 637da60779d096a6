"""Results to rows: which fact goes into which column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from daywatch.ingest.labels.maturity import share_by_day
from daywatch.measure.service.past_windows import Setting
from daywatch.warehouse import result_tables
from daywatch.window import Window

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.measure.drift.profile_drift import ProfileDrift
    from daywatch.profiles.profile import Profile
    from daywatch.results import ExpectationResult, Metric
    from daywatch.warehouse.window_results import WindowResults

Row = dict[str, Any]

_SAMPLE = 5
_SAMPLE_LENGTH = 40

_RUN_COUNTS = (
    "source",
    "objects",
    "bytes",
    "records",
    "exported",
    "quarantined",
    "duplicates",
    "unanswered",
    "rows",
)
_PROFILE_DETAIL = {
    "present",
    "quantiles",
    "edges",
    "histogram",
    "underflow",
    "overflow",
    "frequent",
    "other",
    "unlisted_most",
    "length_min",
    "length_mean",
    "length_max",
}
_PROFILE_SKETCH = {"sketches", "registers"}
_DRIFT_NAMES = {
    "column": "column_name",
    "over": "span_days",
    "distinct": "distinct_count",
    "baseline_distinct": "baseline_distinct_count",
}


def run_row(results: WindowResults) -> Row:
    """Return the row of ``window_run``, without the window's key."""
    counts = {name: getattr(results.counts, name) for name in _RUN_COUNTS}
    return {
        **counts,
        "baseline_id": results.baseline_id,
        "artifacts": results.artifacts,
        "quarantine_reasons": results.counts.reasons,
        "evidence_listing": results.listing or None,
    }


def result_rows(results: WindowResults) -> Iterator[tuple[sa.Table, list[Row]]]:
    """Yield each table of results with its rows, without the window's key."""
    verdict = results.verdict
    judged = {
        "slice": "",
        "state": verdict.state.value,
        "short": verdict.short,
        "reasons": list(verdict.reasons),
    }
    yield result_tables.label_coverage, [_coverage_row(results)]
    yield result_tables.metric_value, [_metric_row(metric) for metric in results.metrics]
    yield result_tables.confusion_matrix, [cell.model_dump() for cell in results.confusion]
    yield (
        result_tables.expectation_result,
        [_expectation_row(n, one) for n, one in enumerate(results.expectations)],
    )
    yield result_tables.finding, _finding_rows(results)
    yield result_tables.window_version, _version_rows(results)
    yield result_tables.window_setting, _setting_rows(results)
    profiles = {"": results.profile, **results.slice_profiles}
    yield result_tables.column_profile, profile_rows(profiles, of_baseline=False)
    yield result_tables.profile_drift, [_drift_row(one) for one in results.profile_drifts]
    yield result_tables.verdict, [judged]
    yield result_tables.rule_outcome, _rule_rows(results)


def profile_rows(profiles: Mapping[str, Profile], *, of_baseline: bool) -> list[Row]:
    """Return the rows of ``column_profile`` without key, of profiles by slice; that of all rows has no name."""
    return [
        {
            "slice": name,
            "column_name": column.name,
            "of_baseline": of_baseline,
            "type": column.type.value,
            "count": column.count,
            "nulls": column.nulls,
            "non_finite": column.non_finite,
            "distinct_count": column.distinct,
            "mean": column.mean,
            "std": column.std,
            "min": column.min,
            "max": column.max,
            "detail": column.model_dump(mode="json", include=_PROFILE_DETAIL),
            "sketch": column.model_dump(mode="json", include=_PROFILE_SKETCH),
        }
        for name, profile in profiles.items()
        for column in profile.columns
    ]


def _drift_row(drift: ProfileDrift) -> Row:
    """Return a row of ``profile_drift``; moments are those of half-open intervals, as everywhere."""
    facts = drift.model_dump(mode="json", exclude={"alert", "baseline_first", "baseline_last"})
    days = Window.between(drift.baseline_first, drift.baseline_last) if drift.baseline_first else None
    return {
        **{_DRIFT_NAMES.get(name, name): value for name, value in facts.items()},
        "status": _status(drift.value, drift.alert),
        "baseline_start": days.start if days else None,
        "baseline_end": days.end if days else None,
    }


def _status(value: float | None, alert: bool | None) -> str:
    if value is None:
        return "not_measured"
    return "alert" if alert else "measured"


def _coverage_row(results: WindowResults) -> Row:
    counts = results.counts
    return {
        "rows": counts.rows,
        "labelled": counts.labelled,
        "share": counts.labelled / counts.rows if counts.rows else None,
        "labels_read": counts.labels,
        "labels_quarantined": counts.labels_quarantined,
        "labels_unmatched": counts.labels_unmatched,
        "labels_changed": counts.labels_changed,
        "unmatched_sample": [one[:_SAMPLE_LENGTH] for one in counts.labels_unmatched_sample[:_SAMPLE]],
        **looked_at(results),
    }


def looked_at(results: WindowResults) -> Row:
    """Return how far labels were looked for: the same results may be found again on a later day."""
    until = results.known_until
    return {
        "known_until": until,
        "share_by_day": share_by_day(results.counts, results.counts.rows, results.window, until),
    }


def _metric_row(metric: Metric) -> Row:
    return {
        "slice": metric.slice,
        "column_name": metric.column,
        "class_name": metric.class_name,
        "metric": metric.name,
        "value": metric.value,
        "low": metric.low,
        "high": metric.high,
        "rows": metric.rows,
        "baseline_value": metric.baseline,
        "baseline_low": metric.baseline_low,
        "baseline_high": metric.baseline_high,
        "baseline_rows": metric.baseline_rows,
        "difference_low": metric.difference_low,
        "difference_high": metric.difference_high,
        "threshold": metric.threshold,
        "method": metric.method,
        "status": _status(metric.value, metric.alert),
        "note": metric.note,
    }


def _expectation_row(position: int, result: ExpectationResult) -> Row:
    return {
        "position": position,
        "slice": "",
        "expectation": result.expectation,
        "column_name": result.column,
        "kwargs": result.kwargs,
        "severity": result.severity.value,
        "status": {True: "passed", False: "failed", None: "not_evaluated"}[result.success],
        "observed": result.observed,
        "element_count": result.element_count,
        "unexpected_count": result.unexpected_count,
        "unexpected_percent": result.unexpected_percent,
        "note": result.note,
    }


def _finding_rows(results: WindowResults) -> list[Row]:
    return [
        {
            "position": n,
            "code": one.code.value,
            "column_name": one.column,
            "detail": one.detail,
            "count": one.count,
        }
        for n, one in enumerate(results.findings)
    ]


def _version_rows(results: WindowResults) -> list[Row]:
    return [
        {"version": one.value, "records": one.records, "rows": one.rows}
        for one in results.served
        if one.setting is Setting.MODEL_VERSION
    ]


def _setting_rows(results: WindowResults) -> list[Row]:
    return [
        {"setting": one.setting.value, "value": one.value, "records": one.records, "rows": one.rows}
        for one in results.served
        if one.setting is not Setting.MODEL_VERSION
    ]


def _rule_rows(results: WindowResults) -> list[Row]:
    return [
        {
            "position": position,
            "rule": rule.rule,
            "metric": rule.metric,
            "column_name": rule.column,
            "class_name": rule.class_name,
            "slice": rule.slice,
            "value": rule.value,
            "baseline_value": rule.baseline,
            "state": rule.state.value,
            "reason": rule.reason,
        }
        for position, rule in enumerate(results.verdict.rules)
    ]
