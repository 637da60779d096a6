"""NannyML on the same day: drift of each column and performance, no expectations and no page.

It needs an environment of its own; docs/benchmarks.md describes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.columns import CATEGORIES, NUMBERS
from bench.peer_data import read_day

if TYPE_CHECKING:
    from pathlib import Path

    from bench.laps import Laps


def nannyml_day(laps: Laps, bucket: str, day: str, baseline: Path) -> dict[str, Any]:
    """Measure one day against the baseline, each as one chunk.

    Args:
        laps: Measures the time of each part.
        bucket: Name of the bucket with captures and ground truth.
        day: ISO date.
        baseline: Parquet file with the same columns.
    """
    laps.start("imports")
    import nannyml
    import pandas as pd

    laps.start("parse")
    current = read_day(bucket, day)
    reference = pd.read_parquet(baseline)
    laps.start("drift")
    drift = nannyml.UnivariateDriftCalculator(
        column_names=[*NUMBERS, *CATEGORIES, "probability", "prediction"],
        treat_as_categorical=[*CATEGORIES, "prediction"],
        continuous_methods=["wasserstein"],
        categorical_methods=["jensen_shannon"],
        chunk_number=1,
    )
    drift.fit(reference).calculate(current)
    laps.start("performance")
    performance = nannyml.PerformanceCalculator(
        problem_type="classification_binary",
        y_true="target",
        y_pred="prediction",
        y_pred_proba="probability",
        metrics=["roc_auc", "f1", "precision", "recall", "accuracy"],
        chunk_number=1,
    )
    performance.fit(reference).calculate(current)
    return {"rows": len(current), "version": nannyml.__version__, "pandas": pd.__version__}
