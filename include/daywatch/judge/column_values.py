"""Metrics of values that rules name, from the stored profiles: means, quantiles, shares of classes.

Nothing is measured for them, so a window that was judged before can be judged by a new rule on them too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, QUANTILES
from daywatch.config.model.slices import ANY
from daywatch.measure.performance.intervals import Measure, difference, missing, normal, share
from daywatch.profiles.numeric import QUANTILES as STORED
from daywatch.results import Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daywatch.config.model.rule import Rule
    from daywatch.profiles.profile import ColumnProfile, Profile

_OF_CLASSES = {"prediction_class_share": "prediction", "label_class_share": "label"}
_NO_VALUE = "the column has no values"


def value_metrics(rules: Iterable[Rule], profile: Profile, baseline: Profile) -> Iterator[Metric]:
    """Yield the metrics of values that rules on the whole window name, each once.

    Args:
        rules: The plan's rules.
        profile: The window's profile.
        baseline: The baseline's profile.
    """
    done: set[tuple[str, str]] = set()
    for rule in rules:
        name = rule.metric
        for about in _wanted(rule, profile, baseline):
            if (name, about) in done:
                continue
            done.add((name, about))
            window, expected = (_measure(name, about, one) for one in (profile, baseline))
            of_class = name in _OF_CLASSES
            low, high = difference(window, expected)
            yield Metric(
                name=name,
                column="" if of_class else about,
                class_name=about if of_class else "",
                value=window.value,
                low=window.low,
                high=window.high,
                rows=window.rows,
                baseline=expected.value,
                baseline_low=expected.low,
                baseline_high=expected.high,
                baseline_rows=expected.rows,
                difference_low=low,
                difference_high=high,
                method=f"95 % interval: {window.method}" if window.method else "",
                note=window.note,
            )


def _wanted(rule: Rule, profile: Profile, baseline: Profile) -> tuple[str, ...]:
    """Return the columns or classes for which a rule needs a metric of values, none for another metric."""
    if rule.slice or rule.metric not in METRICS:
        return ()
    if rule.metric == "identical_predictions":
        return ("",)
    if rule.metric in _OF_CLASSES:
        if rule.class_name != ANY:
            return (rule.class_name,)
        columns = [one.column(_OF_CLASSES[rule.metric]) for one in (baseline, profile)]
        return tuple(dict.fromkeys(entry.value for one in columns if one for entry in one.frequent))
    return (rule.column,) if METRICS[rule.metric].of_answers else ()


def _measure(name: str, about: str, profile: Profile) -> Measure:
    """Return a metric of one side.

    Args:
        name: The metric.
        about: Its column or class, empty for neither.
        profile: The side's profile.
    """
    if name in _OF_CLASSES:
        return _class_share(profile.column(_OF_CLASSES[name]), about)
    if name == "identical_predictions":
        return _identical(profile.column("probability") or profile.column("prediction"))
    column = profile.column(about)
    return _statistic(name, column) if column is not None and column.count else missing(_NO_VALUE)


def _statistic(name: str, column: ColumnProfile) -> Measure:
    """Return a statistic of a column that has values."""
    if name == "distinct":
        return Measure(column.distinct, rows=column.count)
    shares = {one: at for at, one in QUANTILES.items()}
    if name in shares:
        return Measure(column.quantiles[STORED.index(shares[name])], rows=column.count)
    value = {"mean": column.mean, "std": column.std, "min": column.min, "max": column.max}[name]
    if value is None:
        return missing("the values are too large to compute with", column.count)
    if name == "mean" and column.std is not None and column.count > 1:
        error = column.std / math.sqrt(column.count - 1)  # std is that of the population
        return Measure(value, *normal(value, error, (-math.inf, math.inf)), column.count, "normal")
    return Measure(value, rows=column.count)


def _class_share(column: ColumnProfile | None, name: str) -> Measure:
    if column is None or not column.count:
        return missing("there are no predictions or labels")
    found = next((one.count for one in column.frequent if one.value == name), None)
    if found is None and column.other:
        return missing(f"it is none of the {len(column.frequent)} most frequent classes", column.count)
    return share(found or 0, column.count)


def _identical(column: ColumnProfile | None) -> Measure:
    """Return the share of the most frequent value.

    A sketch lists each value that makes up at least ``RANK_ERROR`` of a column. If all are rarer, the share is that
    of the most frequent listed one, which is below it.
    """
    if column is None or not column.count:
        return missing("there are no predictions")
    listed = [one.count for one in column.frequent] or [n for one in column.sketches for n in one.equal]
    return share(max(listed, default=0), column.count)
