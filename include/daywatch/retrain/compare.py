"""Champion against challenger: the same held-back rows, answered by both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.config.metrics import LOWER_IS_BETTER
from daywatch.config.model.retraining import AREA, COMPARABLE, Promotion
from daywatch.formatting import metric_title, metric_value, number, percent, plural
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.performance.performance import PerformanceEvaluator
from daywatch.measure.slices.partition import read_partitions
from daywatch.measure.slices.worst_slice import headline_of_slices
from daywatch.results import Number, Record
from daywatch.retrain.paired import Difference, bootstrap, delong
from daywatch.retrain.sums import SUMS

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.performance.labelled_rows import LabelledRows

CALIBRATION = "calibration_error"

_SHOWN_SLICES = 10
"""Slices in the mail at most, the worst first."""


class Compared(Record):
    """A metric of both models on some rows.

    Attributes:
        metric: Name of the metric.
        slice: Name of the slice, empty for all rows.
        rows: Number of rows.
        champion: The metric of the version in production, by its captured answers.
        challenger: The metric of the new version.
        improvement: How much better the challenger is; negative if it is worse. None if that is unknown.
        low: Lower end of the improvement's 95 % confidence interval, None if there is none.
        high: Upper end.
        method: Name of the interval's method.
    """

    metric: str
    slice: str = ""
    rows: int
    champion: Number = None
    challenger: Number = None
    improvement: Number = None
    low: Number = None
    high: Number = None
    method: str = ""


class Comparison(Record):
    """The comparison of a new version with the one in production.

    Attributes:
        metric: The metric that decides.
        margin: How much better the new version must be.
        results: All metrics, those of all rows first.
        promoted: Whether the new version is the better one.
        reason: Why or why not, in a sentence with the numbers.
        warning: What makes the comparison doubtful, empty for nothing.
    """

    metric: str
    margin: float
    results: tuple[Compared, ...]
    promoted: bool
    reason: str
    warning: str = ""


def comparison_table(comparison: Comparison) -> tuple[tuple[str, ...], ...]:
    """Return a comparison as rows of text, headings first: all rows, then the slices, the worst first.

    Args:
        comparison: The comparison.
    """
    whole = [one for one in comparison.results if not one.slice]
    sliced = sorted(
        (one for one in comparison.results if one.slice and one.improvement is not None),
        key=lambda one: (one.improvement or 0.0, one.slice),
    )
    rows = [("metric", "rows", "in production", "new", "improvement (95 %)")]
    for one in (*whole, *sliced[:_SHOWN_SLICES]):
        if one.improvement is None:
            continue
        interval = "" if one.low is None else f" ({number(one.low)} to {number(one.high)})"
        rows.append(
            (
                f"{metric_title(one.metric)}{f' of {one.slice}' if one.slice else ''}",
                f"{one.rows:,}",
                metric_value(one.metric, one.champion),
                metric_value(one.metric, one.challenger),
                f"{number(one.improvement)}{interval}",
            )
        )
    return tuple(rows)


def deciding_metric(model: MonitoredModel) -> str:
    """Return the metric by which a new version is promoted: the configured one, else the plan's first that can be.

    Args:
        model: The model's configuration.
    """
    known = COMPARABLE[model.output.task]
    settings = model.retraining
    if settings is not None and settings.promotion.metric:
        return settings.promotion.metric
    headline = headline_of_slices(model)
    usable = headline in known and (headline != AREA or model.output.has_probability)
    return headline if usable else next(one for one in known if one != AREA)


def compare(
    champion: Path, challenger: Path, model: MonitoredModel, scratch: Path, own_decisions: float = 0.0
) -> Comparison:
    """Compare two models' answers for the same rows, overall and by slice, and say whether the new one is better.

    Args:
        champion: Canonical Parquet with the answers of the version in production.
        challenger: The same rows in the same order, with the answers of the new version.
        model: The model's configuration; its plan says which metrics count.
        scratch: Folder that DuckDB may spill into.
        own_decisions: Share of the training rows whose label the model's own decision may have caused.
    """
    settings = model.retraining.promotion if model.retraining is not None else Promotion()
    with open_tables(champion, challenger, measured_columns(model), scratch) as tables:
        evaluator = PerformanceEvaluator(tables, model)
        sides = tuple(evaluator.labelled_rows(side) for side in (Side.BASELINE, Side.WINDOW))
        slices = [
            (name, positions)
            for partition in read_partitions(tables, model)
            for name, positions in zip(partition.names, partition.index[Side.WINDOW].positions, strict=True)
            if len(positions) >= (partition.definition.minimum_labels or model.plan.minimum.labels)
        ]
        deciding = deciding_metric(model)
        results = [*_compared(evaluator, sides, model, "", _metrics(model, deciding))]
        for name, positions in slices:
            taken = tuple(side.take(positions) for side in sides)
            results += _compared(evaluator, taken, model, name, [deciding])
    promoted, reason = _judged(results, deciding, settings)
    return Comparison(
        metric=deciding,
        margin=settings.margin,
        results=tuple(results),
        promoted=promoted,
        reason=reason,
        warning=_warning(own_decisions),
    )


def _warning(own_decisions: float) -> str:
    if not own_decisions:
        return ""
    return (
        f"{percent(own_decisions)} of the training rows have labels that the model's own decisions may have caused "
        "(labels.depends_on_prediction): both versions may look better than they are."
    )


def _metrics(model: MonitoredModel, deciding: str) -> list[str]:
    """Return the metrics to compare: the deciding one, those of the plan's rules, and the calibration."""
    named = [rule.metric for rule in model.plan.rules]
    return list(dict.fromkeys([deciding, *named, *COMPARABLE[model.output.task], CALIBRATION]))


def _compared(
    evaluator: PerformanceEvaluator,
    sides: tuple[LabelledRows, ...],
    model: MonitoredModel,
    slice_: str,
    metrics: list[str],
) -> Iterator[Compared]:
    champion, challenger = sides
    measures = [evaluator.measures(side) for side in sides]
    for name in metrics:
        before, after = (one.get((name, "")) for one in measures)
        if before is None or after is None:
            continue
        difference = _difference(name, challenger, champion, model)
        sign = -1 if name in LOWER_IS_BETTER else 1
        improvement = None
        if before.value is not None and after.value is not None:
            improvement = sign * (after.value - before.value)
        ends = sorted((sign * difference.low, sign * difference.high)) if difference else (None, None)
        yield Compared(
            metric=name,
            slice=slice_,
            rows=len(champion.label),
            champion=before.value,
            challenger=after.value,
            improvement=improvement,
            low=ends[0],
            high=ends[1],
            method=difference.method if difference else "",
        )


def _difference(
    name: str, challenger: LabelledRows, champion: LabelledRows, model: MonitoredModel
) -> Difference | None:
    """Return the paired difference of a metric, None for one without such an interval."""
    positive = -1
    if challenger.classes and model.output.positive_class in challenger.classes:
        positive = challenger.classes.index(model.output.positive_class)
    if name == AREA:
        return _difference_of_areas(challenger, champion, positive)
    if name not in SUMS:
        return None
    sums = SUMS[name]
    return bootstrap(sums.values(challenger, positive), sums.values(champion, positive), sums.metric)


def _difference_of_areas(
    challenger: LabelledRows, champion: LabelledRows, positive: int
) -> Difference | None:
    import numpy as np

    if challenger.probability is None or champion.probability is None:
        return None
    known = np.isfinite(challenger.probability) & np.isfinite(champion.probability)
    label: np.ndarray = challenger.label[known] == positive
    return delong(label, challenger.probability[known], champion.probability[known])


def _judged(results: list[Compared], metric: str, settings: Promotion) -> tuple[bool, str]:
    """Return whether the challenger is better by enough, and worse in no slice, and why."""
    title = metric_title(metric)
    whole = next((one for one in results if one.metric == metric and not one.slice), None)
    if whole is None or whole.improvement is None or whole.low is None or whole.high is None:
        return False, f"{title} cannot be compared: too few held-back rows of a class, or no answers."
    values = f"{metric_value(metric, whole.challenger)}, {metric_value(metric, whole.champion)} before"
    interval = f"improvement {number(whole.improvement)} ({number(whole.low)} to {number(whole.high)})"
    numbers = f"{title} {values}: {interval} on {plural(whole.rows, 'held-back row')}"
    if whole.rows < settings.minimum_rows:
        return False, f"{numbers}, and {settings.minimum_rows:,} rows are needed."
    if whole.low <= 0:
        return False, f"{numbers}. That may be chance: the interval holds 0 or less."
    if whole.improvement < settings.margin:
        return False, f"{numbers}. At least {number(settings.margin)} is needed."
    worse = [
        one
        for one in results
        if one.slice and one.improvement is not None and one.improvement < -settings.slice_tolerance
    ]
    if worse:
        worst = min(worse, key=lambda one: (one.improvement or 0.0, one.slice))
        return False, (
            f"{numbers}, but {worst.slice} becomes worse by {number(-(worst.improvement or 0.0))} "
            f"({plural(worst.rows, 'row')}); {number(settings.slice_tolerance)} is tolerated."
        )
    return True, f"{numbers}."
