"""Metrics that follow from sums over rows: what is summed up, and how the metric comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from daywatch.measure.performance.labelled_rows import LabelledRows


class Sums(NamedTuple):
    """How a metric follows from sums.

    Attributes:
        values: Returns what is summed up, one column a sum; the number is that of the positive class of two.
        metric: Returns the metric of the sums along the last axis.
    """

    values: Callable[[LabelledRows, int], np.ndarray]
    metric: Callable[[np.ndarray], np.ndarray]


def _columns(*values: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.stack([one.astype(np.float64) for one in values], axis=1)


def _right(rows: LabelledRows, _: int) -> np.ndarray:
    return _columns(rows.prediction == rows.label, rows.prediction >= 0)


def _of_positive(rows: LabelledRows, positive: int) -> np.ndarray:
    known = rows.prediction >= 0
    predicted, labelled = rows.prediction == positive, (rows.label == positive) & known
    return _columns(predicted & labelled, predicted, labelled)


def _squared_distance(rows: LabelledRows, positive: int) -> np.ndarray:
    import numpy as np

    probability = np.zeros(len(rows.label)) if rows.probability is None else rows.probability
    known = np.isfinite(probability)
    distance = np.where(known, probability, 0.0) - (rows.label == positive)
    return _columns(np.where(known, distance**2, 0.0), known)


def _errors(rows: LabelledRows, _: int) -> np.ndarray:
    import numpy as np

    error = rows.prediction - rows.label
    known = np.isfinite(error)
    error, label = np.where(known, error, 0.0), np.where(known, rows.label, 0.0)
    return _columns(np.abs(error), error**2, label, label**2, known)


def _share(of: int, among: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda sums: sums[..., of] / sums[..., among]


def _f1(sums: np.ndarray) -> np.ndarray:
    return 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2])


def _rmse(sums: np.ndarray) -> np.ndarray:
    return (sums[..., 1] / sums[..., 4]) ** 0.5


def _r2(sums: np.ndarray) -> np.ndarray:
    return 1 - sums[..., 1] / (sums[..., 3] - sums[..., 2] ** 2 / sums[..., 4])


SUMS = {
    "accuracy": Sums(_right, _share(0, 1)),
    "precision": Sums(_of_positive, _share(0, 1)),
    "recall": Sums(_of_positive, _share(0, 2)),
    "f1": Sums(_of_positive, _f1),
    "brier_score": Sums(_squared_distance, _share(0, 1)),
    "mae": Sums(_errors, _share(0, 4)),
    "mse": Sums(_errors, _share(1, 4)),
    "rmse": Sums(_errors, _rmse),
    "r2": Sums(_errors, _r2),
}
"""The metrics by name."""
