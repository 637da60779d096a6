"""The measures of the best answer that is always the same: what a model must exceed to know anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from daywatch.config.performance_metrics import BEST_CONSTANT, F_MEASURES
from daywatch.measure.performance.confusion import NO_ROWS, ClassCounts
from daywatch.measure.performance.intervals import Measure, Measures, missing, share
from daywatch.measure.performance.regression import NO_ROWS as NO_NUMBERS
from daywatch.measure.performance.regression import absolute_error, squared_errors, usable_rows
from daywatch.profiles.magnitude import divided, exponent_of_arrays

if TYPE_CHECKING:
    import numpy as np

_EXACT = {
    "recall": 1.0,
    "false_positive_rate": 0.0,
    "false_negative_rate": 0.0,
    "true_negative_rate": 1.0,
}
"""What the better of two constant answers reaches, whatever the labels are."""


def constant_classes(counts: ClassCounts, positive: int | None) -> Measures:
    """Return, for each measure, the best value that a classifier reaches which always answers the same class.

    It is the best of scikit-learn's ``DummyClassifier(strategy="constant")`` over all classes: for accuracy and the
    weighted means the most frequent class, for precision, recall and F measures the positive one. With the share p of
    its labels, precision is p, recall is 1, and an F measure (1 + b^2) p / (b^2 p + 1).

    Args:
        counts: Number of rows by class.
        positive: The number of the positive class; None where there are more than two classes.
    """
    whole: dict[str, Callable[[float], float]] = {
        "accuracy": lambda p: p,
        "precision_weighted": lambda p: p * p,
        "recall_weighted": lambda p: p,
        **{f"{name}_weighted": _weighted(beta) for beta, name in F_MEASURES.items()},
    }
    of_positive: dict[str, Callable[[float], float]] = {
        "precision": lambda p: p,
        **{name: _f_measure(beta) for beta, name in F_MEASURES.items()},
    }
    names = [*whole, *((*of_positive, *_EXACT) if positive is not None else ())]
    if not counts.rows:
        return {(name + BEST_CONSTANT, ""): missing(NO_ROWS) for name in names}
    frequent = share(int(counts.labelled.max()), counts.rows)
    measures = {name: _of_share(frequent, function) for name, function in whole.items()}
    if positive is not None:
        labelled = int(counts.labelled[positive])
        if labelled:
            prevalence = share(labelled, counts.rows)
            measures |= {name: _of_share(prevalence, function) for name, function in of_positive.items()}
            measures |= {name: Measure(value, rows=counts.rows) for name, value in _EXACT.items()}
        else:
            measures |= {
                name: missing("no label is the positive class", counts.rows)
                for name in (*of_positive, *_EXACT)
            }
    return {(name + BEST_CONSTANT, ""): measures[name] for name in names}


def constant_numbers(label: np.ndarray, prediction: np.ndarray) -> Measures:
    """Return the errors of the best constant prediction: the labels' median for ``mae``, their mean for the squares.

    Args:
        label: The label of each row, NaN for none.
        prediction: The prediction of each row; rows without a finite one are left out, as from the model's errors.
    """
    import numpy as np

    label, _ = usable_rows(label, prediction)
    if not len(label):
        return {(name + BEST_CONSTANT, ""): missing(NO_NUMBERS) for name in ("mae", "mse", "rmse")}
    exponent = exponent_of_arrays(label)
    label = divided(label, exponent)
    with np.errstate(all="ignore"):
        measures = {
            "mae": absolute_error(label - np.median(label), exponent),
            **squared_errors(label - label.mean(), exponent),
        }
    return {(name + BEST_CONSTANT, ""): measure for name, measure in measures.items()}


def _f_measure(beta: float) -> Callable[[float], float]:
    return lambda p: (1 + beta**2) * p / (beta**2 * p + 1)


def _weighted(beta: float) -> Callable[[float], float]:
    of_class = _f_measure(beta)
    return lambda p: p * of_class(p)


def _of_share(measure: Measure, function: Callable[[float], float]) -> Measure:
    """Return a measure that rises with a share, with the same function of the ends of its interval."""
    value, low, high = (
        None if one is None else function(one) for one in (measure.value, measure.low, measure.high)
    )
    return Measure(value, low, high, measure.rows, measure.method)
