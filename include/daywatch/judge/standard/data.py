"""Faults of the data: what was not read, is missing, has other values or came at other times than in the baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from daywatch.formatting import count, percent
from daywatch.ingest.intake_sentences import lost_records
from daywatch.judge.standard.view import outcome
from daywatch.results import DATA_FAULTS, FindingCode, Metric, State
from daywatch.text import shown
from daywatch.verdicts import RuleOutcome, Topic

if TYPE_CHECKING:
    from daywatch.judge.standard.view import StandardView

FEWER, MORE = -0.4, 0.65
"""From these changes against the same weekday on, the volume stands out."""

_FAR_FEWER, _FAR_MORE = -0.8, 4.0

_HOURS = "hours_without_captures"


class _Share(NamedTuple):
    """A share that stands out beyond its threshold.

    Attributes:
        metric: The metric.
        red: The rise from the baseline from which on it is RED.
        needs_rows: Whether it says nothing of a window with too few rows.
        sentence: The reason for a column, a share, a number of rows and the metric's own words.
        short: The reason in a few words, for a column and a share.
    """

    metric: str
    red: float
    needs_rows: bool
    sentence: Callable[[Metric, str], str]
    short: Callable[[Metric, str], str]


def _of(metric: Metric) -> str:
    """Return ``70.1 % of 742``."""
    return f"{percent(metric.value)} of {count(metric.rows)}"


def _baseline(metric: Metric) -> str:
    return f" (baseline {percent(metric.baseline)})" if metric.baseline is not None else ""


_SHARES = (
    _Share(
        "type_mismatch_share",
        0.5,
        False,
        lambda one, name: f"{name} does not fit its type in {_of(one)} values{_baseline(one)}",
        lambda one, name: f"{name} does not fit its type in {percent(one.value)}",
    ),
    _Share(
        "null_share",
        0.5,
        True,
        lambda one, name: f"{name} is missing in {_of(one)} rows{_baseline(one)}",
        lambda one, name: f"{name} missing in {percent(one.value)}",
    ),
    _Share(
        "out_of_range_share",
        0.5,
        True,
        lambda one, name: (
            f"{name} is out of the baseline's {one.method} in {_of(one)} values{_baseline(one)}"
        ),
        lambda one, name: f"{name} out of range in {percent(one.value)}",
    ),
    _Share(
        "new_category_share",
        0.5,
        True,
        lambda one, name: (
            f"{name} has categories that the baseline does not have in {_of(one)} values{_baseline(one)}"
        ),
        lambda one, name: f"{name} in new categories in {percent(one.value)}",
    ),
    _Share(
        "quarantined_share",
        0.2,
        False,
        lambda one, _: f"{_of(one)} records or of their rows are quarantined{_baseline(one)}",
        lambda one, _: f"{percent(one.value)} quarantined",
    ),
    _Share(
        "duplicates_share",
        0.2,
        False,
        lambda one, _: f"{_of(one)} records came twice and count once{_baseline(one)}",
        lambda one, _: f"{percent(one.value)} of the records came twice",
    ),
)

_ONE_VALUE = {
    FindingCode.COLUMN_CONSTANT: ("drift_score", "the same value in every row"),
    FindingCode.ONE_CLASS: ("target_drift", "of one class only"),
    FindingCode.SAME_LABELS: ("target_drift", "the same value in every row"),
}
"""Findings on columns without variation: a fault where the column's drift shows that chance does not explain it."""

_CHANGES = {
    FindingCode.MODEL_VERSION_CHANGED: "another model version",
    FindingCode.VARIANT_CHANGED: "another variant",
    FindingCode.SAMPLING_CHANGED: "another sampling percentage",
}


def data_outcomes(view: StandardView) -> Iterator[RuleOutcome]:
    """Yield the faults of the data, those that name a column first; one GREEN outcome where there are none."""
    of_volume = [] if view.excuses_volume else [*_hours(view), *_volume(view)]
    found = [*_shares(view), *_one_value(view), *of_volume, *_changes(view)]
    yield from found
    if not found and view.empty is None:
        yield outcome(
            Metric(name="data_faults", value=0),
            Topic.DATA,
            State.GREEN,
            "Nothing stands out in records and values; the volume of a holiday is excused"
            if view.excuses_volume
            else "Nothing stands out in records, values and volume",
            "nothing stands out",
        )


def _shares(view: StandardView) -> Iterator[RuleOutcome]:
    gone = {one.column for one in view.findings if one.code is FindingCode.FEATURE_MISSING}
    for share in _SHARES:
        if share.needs_rows and view.empty is not None:
            continue
        beyond = [one for one in view.of(share.metric) if one.alert and one.column not in gone]
        for metric in sorted(beyond, key=lambda one: -(one.value or 0)):
            rise = (metric.value or 0) - (metric.baseline or 0)
            name = shown(metric.column)
            reason = share.sentence(metric, name)
            lost = lost_records(view.counts) if share.metric == "quarantined_share" else ""
            yield outcome(
                metric,
                Topic.DATA,
                State.RED if rise >= share.red else State.AMBER,
                f"{reason}; {lost}" if lost else reason,
                share.short(metric, name),
            )


def _one_value(view: StandardView) -> Iterator[RuleOutcome]:
    if view.empty is not None or any(one.code in DATA_FAULTS for one in view.findings):
        return
    metrics = view.by_name
    for finding in view.findings:
        name, words = _ONE_VALUE.get(finding.code, ("", ""))
        drift = metrics.get((name, finding.column))
        if drift is not None and drift.alert:
            reason = f"{shown(finding.column)}: {finding.detail}"
            yield outcome(drift, Topic.DATA, State.AMBER, reason, f"{shown(finding.column)} {words}")


def _hours(view: StandardView) -> Iterator[RuleOutcome]:
    found = next((one for one in view.findings if one.code is FindingCode.HOURS_WITHOUT_CAPTURES), None)
    for metric in view.of(_HOURS):
        if metric.alert and found is not None:
            captured = (metric.rows or 0) - (metric.value or 0)
            state = State.RED if found.count >= captured else State.AMBER
            short = f"{found.count} hours without captures"
            yield outcome(metric, Topic.DATA, state, found.detail, short)


def _volume(view: StandardView) -> Iterator[RuleOutcome]:
    for metric in view.of("volume_change"):
        change = metric.value or 0.0
        if not view.counts.records or FEWER < change < MORE:
            continue
        state = State.AMBER if _FAR_FEWER < change < _FAR_MORE else State.RED
        words = f"{percent(abs(change))} {'fewer' if change < 0 else 'more'}"
        reason = f"{count(view.counts.records)} records, {words} than usual: {metric.method}"
        yield outcome(metric, Topic.DATA, state, reason, f"{words} records than usual")


def _changes(view: StandardView) -> Iterator[RuleOutcome]:
    for finding in view.findings:
        if finding.code in _CHANGES:
            metric = Metric(name=str(finding.code), value=finding.count)
            detail = finding.detail[:1].upper() + finding.detail[1:]
            yield outcome(metric, Topic.DATA, State.AMBER, detail, _CHANGES[finding.code])
