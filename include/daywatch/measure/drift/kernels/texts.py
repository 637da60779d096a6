"""The drift of texts by a classifier that distinguishes the sides, next to classifiers that guess.

Evidently trains one classifier, and asks scikit-learn a thousand times how well random numbers would do. They say
nothing but how many rows of each side are in its test half: one array operation each answers the same.
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
    from evidently.legacy.utils.data_drift_utils import roc_auc_domain_classifier

    score, _, _ = roc_auc_domain_classifier(*_halves(pair))
    return float(score)


def guessed_percentile(pair: ColumnPair, threshold: float) -> float:
    """Return the percentile, as a share, of the ROC AUC of a thousand guesses on the test half.

    Source: Evidently's ``roc_auc_random_classifier_percentile``, with its random numbers. The ROC AUC is Mann and
    Whitney's: the share of pairs in which the guess of the window's row is the higher one.
    """
    import numpy as np

    of_window = np.asarray(_halves(pair)[3], dtype=bool)
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


def _halves(pair: ColumnPair) -> list[Any]:
    """Return texts and sides of the training half, then of the test half, in scikit-learn's order of both."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    texts: Array = np.concatenate([pair.baseline.array, pair.window.array])
    sides = np.repeat([0, 1], [pair.baseline.size, pair.window.size])
    return list(train_test_split(texts, sides, test_size=0.5, random_state=_SEED, shuffle=True))
