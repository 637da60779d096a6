"""The drift of texts by a classifier that distinguishes the sides, next to classifiers that guess.

Evidently trains one classifier, and asks scikit-learn a thousand times how well random numbers would do. That depends
only on how many rows of each side are in the test half, so a ranking of the random numbers gives the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array, ColumnPair

_GUESSES = 1000
_SEED = 42


def classifier_score(pair: ColumnPair) -> float:
    """Return the ROC AUC of a classifier that is trained on half of the texts and tested on the others.

    Source: Evidently's ``calculate_text_drift_score``, whose classifier and halves these are.

    Raises:
        ValueError: The texts have no words, or a half has texts of one side only.
    """
    import numpy as np
    from evidently.legacy.utils.data_drift_utils import roc_auc_domain_classifier

    texts = np.concatenate([pair.baseline.array, pair.window.array])
    score, _, _ = roc_auc_domain_classifier(*_halves(texts, _sides(pair)))
    return float(score)


def guessed_percentile(pair: ColumnPair, threshold: float) -> float:
    """Return the percentile, as a share, of the ROC AUC of a thousand guesses on the test half.

    Source: Evidently's ``roc_auc_random_classifier_percentile``, with its random numbers. The ROC AUC is Mann and
    Whitney's: the share of pairs in which the guess of the window's row is the higher one.
    """
    import numpy as np

    _, of_window = _halves(_sides(pair) == 1)
    rows, positives = of_window.size, int(of_window.sum())
    pairs = positives * (rows - positives)
    lowest = positives * (positives + 1) / 2
    seeds = np.random.RandomState(_SEED).randint(0, _GUESSES * 10, size=_GUESSES)
    ranks = np.arange(1, rows + 1)
    guessed = [
        (ranks[of_window[np.argsort(np.random.RandomState(seed).rand(rows))]].sum() - lowest) / pairs
        for seed in seeds
    ]
    return float(np.percentile(guessed, 100 * (1 - (1 - threshold))))


def _sides(pair: ColumnPair) -> Array:
    """Return the side of each text: 0 for the baseline's, then 1 for the window's."""
    import numpy as np

    return np.repeat([0, 1], [pair.baseline.size, pair.window.size])


def _halves(*columns: Array) -> list[Any]:
    """Return the training half and the test half of each column, in scikit-learn's order, the same for all columns."""
    from sklearn.model_selection import train_test_split

    return list(train_test_split(*columns, test_size=0.5, random_state=_SEED, shuffle=True))
