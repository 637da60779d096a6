"""How much of the fall of performance goes with some rows: the metric without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier
from daywatch.formatting import metric_title, metric_value
from daywatch.measure.calibration.limits import JUDGED_PERFORMANCE
from daywatch.measure.columns.tables import Side

if TYPE_CHECKING:
    from daywatch.measure.causes.diagnosis import Diagnosis
    from daywatch.measure.causes.view import SearchView
    from daywatch.measure.performance.labelled_rows import LabelledRows
    from daywatch.measure.performance.performance import PerformanceEvaluator
    from daywatch.results import Metric

_LEAST_ROWS = 30


class FallOfPerformance:
    """The performance metric that fell, and what it is without some rows."""

    def __init__(self, view: SearchView, evaluator: PerformanceEvaluator) -> None:
        """Find the first judged metric that stands out.

        Args:
            view: What the search sees.
            evaluator: The evaluator of the model's performance.
        """
        by_name = {one.name: one for one in view.metrics if not (one.class_name or one.slice)}
        self._view, self._evaluator = view, evaluator
        self._rows: LabelledRows | None = None
        known = (by_name[name] for name in JUDGED_PERFORMANCE if name in by_name)
        self._metric: Metric | None = next((one for one in known if one.alert), None)

    def explained_by(self, diagnosis: Diagnosis, affected: str) -> Diagnosis:
        """Return a diagnosis with the share of the fall that goes with its rows, and with the metric without them.

        Args:
            diagnosis: The diagnosis.
            affected: The condition of its rows in SQL.
        """
        import numpy as np

        metric = self._metric
        if metric is None or metric.value is None or metric.baseline is None:
            return diagnosis
        condition = f"coalesce({affected}, false)"
        hit = self._view.tables.array(
            f"SELECT {condition} AS v FROM {identifier(Side.WINDOW)} WHERE label IS NOT NULL"
        ).astype(bool)
        if not hit.any() or np.count_nonzero(~hit) < _LEAST_ROWS:
            return diagnosis
        if self._rows is None:
            self._rows = self._evaluator.labelled_rows(Side.WINDOW)
        without = self._evaluator.measures(self._rows.take(~hit))[metric.name, ""].value
        fall = metric.baseline - metric.value
        if without is None or not fall:
            return diagnosis
        share = min(1.0, max(0.0, (without - metric.value) / fall))
        words = f"{metric_title(metric.name)} is {metric_value(metric.name, without)} without these rows"
        compared = f"{metric_value(metric.name, metric.value)} with them"
        sentence = f"{diagnosis.sentence}; {words}, {compared}"
        return diagnosis.model_copy(update={"explained": share, "sentence": sentence})
