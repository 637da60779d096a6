"""Measures of the probability of the positive class: ranking, loss and calibration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.measure.performance.intervals import Measure, Measures, mean, missing, unit
from daywatch.measure.performance.lift import lift
from daywatch.measure.performance.roc_pr import pr_auc, rank, roc_auc

if TYPE_CHECKING:
    import numpy as np

BINS = 10
"""Bins of the calibration error, of equal width."""

_NAMES = ("roc_auc", "pr_auc", "lift", "log_loss", "brier_score", "calibration_error")


def probability_measures(positive: np.ndarray, probability: np.ndarray, lift_at: float) -> Measures:
    """Return ROC AUC, PR AUC, lift, log loss, Brier score and calibration error.

    Rows whose probability is NaN or infinite are left out. The first three measures need only the order of the
    rows. The others need probabilities from 0 to 1, and have no value if one is outside.

    Args:
        positive: For each row, whether its label is the positive class.
        probability: For each row, the predicted probability of the positive class.
        lift_at: Share of the rows that the lift looks at.
    """
    import numpy as np

    usable = np.isfinite(probability)
    left_out = len(usable) - int(usable.sum())
    if left_out:
        positive, probability = positive[usable], probability[usable]
    if not len(probability):
        return {(name, ""): missing("no row has both a label and a probability") for name in _NAMES}
    ranking = rank(positive, probability)
    measures = {"roc_auc": roc_auc(ranking), "pr_auc": pr_auc(ranking), "lift": lift(ranking, lift_at)}
    del ranking
    measures |= _losses(positive, probability)
    note = f"{left_out:,} labelled rows without a finite probability are left out" if left_out else ""
    return {(name, ""): measures[name].noted(note) for name in _NAMES}


def _losses(positive: np.ndarray, probability: np.ndarray) -> dict[str, Measure]:
    import numpy as np

    note = outside_note(int(((probability < 0) | (probability > 1)).sum()))
    if note:
        return dict.fromkeys(("log_loss", "brier_score", "calibration_error"), missing(note, len(positive)))
    given = np.where(positive, probability, 1 - probability)
    squares = mean(np.square(1 - given), (0.0, 1.0))
    loss = log_loss(given)
    del given
    calibration = calibration_error(probability, positive)
    return {"log_loss": loss, "brier_score": squares, "calibration_error": calibration}


def outside_note(count: int) -> str:
    """Return a sentence if probabilities lie outside 0 to 1, and an empty text if none is.

    Args:
        count: Number of probabilities outside 0 to 1.
    """
    return f"{count:,} probabilities lie outside 0 to 1" if count else ""


def log_loss(given: np.ndarray) -> Measure:
    """Return the mean of -ln(p), where p is clipped at 2.2e-16 as in scikit-learn.

    Args:
        given: For each row, the probability from 0 to 1 that the model gave to the row's label. The array is
            overwritten.
    """
    import numpy as np

    smallest = np.finfo(given.dtype).eps
    np.clip(given, smallest, 1 - smallest, out=given)
    np.log(given, out=given)
    np.negative(given, out=given)
    return mean(given, (0.0, math.inf))


def calibration_error(confidence: np.ndarray, correct: np.ndarray) -> Measure:
    """Return the expected calibration error in ten bins of equal width, (0, 0.1] to (0.9, 1].

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015. It is the mean, weighted by rows, of the distance between
    mean confidence and share of correct rows in each bin. The bins are those of scikit-learn's
    ``calibration_curve``. The interval comes from the delta method. With few rows, chance alone makes an error:
    the measure is biased upwards.

    Args:
        confidence: For each row, a probability from 0 to 1.
        correct: For each row, whether the event with that probability happened.
    """
    import numpy as np

    rows = len(confidence)
    edges = np.linspace(0, 1, BINS + 1)[1:-1]
    bins = np.searchsorted(edges, confidence).astype(np.int8)
    gaps = correct - confidence
    signs = np.sign(np.bincount(bins, weights=gaps, minlength=BINS))
    gaps *= signs[bins]
    value = float(gaps.mean())
    error = math.sqrt(float(gaps.var(ddof=1)) / rows) if rows > 1 else None
    return Measure(value, *unit(value, error), rows, "delta method")
