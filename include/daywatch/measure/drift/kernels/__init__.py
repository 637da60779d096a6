"""Exact, faster kernels for Evidently's common drift methods, by Evidently's names.

Each returns the number that Evidently's own function returns for the same values, from a sorted column, counts of
categories or texts; contract tests compare them. Some leave that number where it misleads, and then return it next to
theirs. Evidently itself scores the methods without a kernel.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from daywatch.measure.drift.kernels import binned, counted, ordered, ranked, texts

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import ColumnPair


class Kernel(NamedTuple):
    """How one drift method is computed.

    Attributes:
        score: Returns the p-value or distance of the two sides.
        drifts: Compares a score with its limit, as Evidently's own function does.
        evidentlys: Returns Evidently's own number where ``score`` leaves it, else None.
        limit: Returns what the score is compared with, from the threshold.
    """

    score: Callable[[ColumnPair], float]
    drifts: Callable[[Any, Any], bool]
    evidentlys: Callable[[ColumnPair], float | None] = lambda _: None
    limit: Callable[[ColumnPair, float], float] = lambda _, threshold: threshold


KERNELS: dict[str, Kernel] = {
    "anderson": Kernel(ranked.anderson_darling, operator.lt, ranked.evidentlys_anderson_darling),
    "chisquare": Kernel(counted.chi_square, operator.lt, counted.evidentlys_chi_square),
    "cramer_von_mises": Kernel(ranked.cramer_von_mises, operator.le, ranked.evidentlys_cramer_von_mises),
    "ed": Kernel(ordered.energy_distance, operator.gt),
    "fisher_exact": Kernel(counted.fisher_exact, operator.lt),
    "g_test": Kernel(counted.g_test, operator.lt, counted.evidentlys_g_test),
    "hellinger": Kernel(binned.hellinger, operator.ge),
    "jensenshannon": Kernel(binned.jensen_shannon, operator.ge),
    "kl_div": Kernel(binned.kullback_leibler, operator.ge),
    "ks": Kernel(ordered.kolmogorov_smirnov, operator.le),
    "mannw": Kernel(ranked.mann_whitney, operator.lt, ranked.evidentlys_mann_whitney),
    "perc_text_content_drift": Kernel(texts.classifier_score, operator.gt, limit=texts.guessed_percentile),
    "psi": Kernel(binned.population_stability, operator.ge),
    "wasserstein": Kernel(ordered.wasserstein, operator.ge, ordered.evidentlys_wasserstein),
    "z": Kernel(counted.z_test, operator.lt, counted.evidentlys_z_test),
}
"""The methods with a kernel of ours."""
