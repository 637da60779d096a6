"""Exact, faster kernels for Evidently's common stat tests, by Evidently's names.

Each gives the number that Evidently's own function gives on the same values (contract tests hold them
against it), from a sorted column or from counts of categories. What is not here is scored by Evidently.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from daywatch.measure.drift.kernels import binned, counted, ordered

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Pair


class Kernel(NamedTuple):
    """How one stat test is computed.

    Attributes:
        score: The p-value or distance of two sides.
        drifts: How a score is held against its threshold, as Evidently's own function does.
    """

    score: Callable[[Pair], float]
    drifts: Callable[[Any, Any], bool]


KERNELS: dict[str, Kernel] = {
    "chisquare": Kernel(counted.chi_square, operator.lt),
    "ed": Kernel(ordered.energy_distance, operator.gt),
    "g_test": Kernel(counted.g_test, operator.lt),
    "hellinger": Kernel(binned.hellinger, operator.ge),
    "jensenshannon": Kernel(binned.jensen_shannon, operator.ge),
    "kl_div": Kernel(binned.kullback_leibler, operator.ge),
    "ks": Kernel(ordered.kolmogorov_smirnov, operator.le),
    "psi": Kernel(binned.population_stability, operator.ge),
    "wasserstein": Kernel(ordered.wasserstein, operator.ge),
    "z": Kernel(counted.z_test, operator.lt),
}
"""The stat tests that have a kernel of ours."""
