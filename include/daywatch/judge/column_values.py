"""Metrics of values that rules name, from the stored profiles: means, quantiles, shares of classes.

Nothing is measured for them, so a window that was judged before can be judged by a new rule on them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS
from daywatch.config.model.slices import ANY
from daywatch.measure.performance.intervals import difference
from daywatch.measure.performance.profile_measures import OF_CLASSES, profile_measure
from daywatch.results import Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daywatch.config.model.rule import Rule
    from daywatch.profiles.profile import Profile


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
            window, expected = (profile_measure(name, about, one) for one in (profile, baseline))
            of_class = name in OF_CLASSES
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
    if rule.metric in OF_CLASSES:
        if rule.class_name != ANY:
            return (rule.class_name,)
        columns = [one.column(OF_CLASSES[rule.metric]) for one in (baseline, profile)]
        return tuple(dict.fromkeys(entry.value for one in columns if one for entry in one.frequent))
    return (rule.column,) if METRICS[rule.metric].of_answers else ()
