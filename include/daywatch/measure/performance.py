"""Performance on labelled rows, with the baseline's numbers beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model import Output, Task
from daywatch.engine.duck import identifier
from daywatch.measure.categories import shown
from daywatch.measure.classification import (
    binary_quality,
    confusion_counts,
    multiclass_quality,
    probability_quality,
)
from daywatch.measure.regression import regression_quality
from daywatch.measure.tables import Side
from daywatch.results import Finding, FindingCode, Metric

if TYPE_CHECKING:
    from daywatch.measure.classification import Measure
    from daywatch.measure.tables import Tables


def performance_metrics(tables: Tables, output: Output) -> list[Metric]:
    """Return the task's performance metrics; nothing is compared here, so ``alert`` is None."""
    current, reference = _quality(tables, Side.CURRENT, output), _quality(tables, Side.REFERENCE, output)
    return [
        Metric(name=name, value=value, baseline=reference[name][0], note=note)
        for name, (value, note) in current.items()
    ]


def _quality(tables: Tables, side: Side, output: Output) -> dict[str, Measure]:
    if output.task is Task.REGRESSION:
        return regression_quality(tables, side)
    confusion = confusion_counts(tables, side)
    if output.task is Task.MULTICLASS:
        return multiclass_quality(confusion)
    quality = binary_quality(confusion, output.positive_class)
    return {**quality, **probability_quality(tables, side, output)} if output.has_probability else quality


def class_findings(tables: Tables, output: Output) -> list[Finding]:
    """Say where all labelled rows of the window are of one class."""
    if output.task is Task.REGRESSION:
        return []
    found = tables.rows(
        f"SELECT label, count(*) FROM {identifier(Side.CURRENT)}"
        " WHERE label IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 2"
    )
    if len(found) != 1:
        return []
    ((label, count),) = found
    detail = f"labels are of one class only: '{shown(label)}' ({count:,})"
    return [Finding(code=FindingCode.ONE_CLASS, column="label", detail=detail, count=count)]
