"""The drift methods as data, without importing Evidently.

A contract test compares the table of Evidently's methods with its own registry.
"""

from __future__ import annotations

import math
from enum import StrEnum

from daywatch.config.model.columns import ColumnType


class ColumnKind(StrEnum):
    """How a column is compared; the values are Evidently's own."""

    NUMERIC = "num"
    CATEGORICAL = "cat"
    TEXT = "text"


KIND_OF_TYPE: dict[ColumnType, ColumnKind] = {
    ColumnType.NUMBER: ColumnKind.NUMERIC,
    ColumnType.INTEGER: ColumnKind.NUMERIC,
    ColumnType.BOOLEAN: ColumnKind.CATEGORICAL,
    ColumnType.CATEGORY: ColumnKind.CATEGORICAL,
    ColumnType.TEXT: ColumnKind.TEXT,
}

_NUMERIC = (ColumnKind.NUMERIC,)
_CATEGORICAL = (ColumnKind.CATEGORICAL,)
_BOTH = (ColumnKind.CATEGORICAL, ColumnKind.NUMERIC)
_TEXT = (ColumnKind.TEXT,)

APPLIES_TO: dict[str, tuple[ColumnKind, ...]] = {
    "TVD": _CATEGORICAL,
    "abs_text_content_drift": _TEXT,
    "anderson": _NUMERIC,
    "chisquare": _CATEGORICAL,
    "cramer_von_mises": _NUMERIC,
    "ed": _NUMERIC,
    "empirical_mmd": _NUMERIC,
    "es": _NUMERIC,
    "fisher_exact": _CATEGORICAL,
    "g_test": _CATEGORICAL,
    "hellinger": _BOTH,
    "jensenshannon": _BOTH,
    "kl_div": _BOTH,
    "ks": _NUMERIC,
    "mannw": _NUMERIC,
    "perc_text_content_drift": _TEXT,
    "psi": _BOTH,
    "t_test": _NUMERIC,
    "wasserstein": _NUMERIC,
    "z": _CATEGORICAL,
}
"""The kinds of column that each of Evidently's methods may be named for."""

LINF_SIMPLE = "linf_simple"
LINF_ROBUST = "linf_robust"

L_INFINITY: dict[str, tuple[ColumnKind, ...]] = {LINF_ROBUST: _BOTH, LINF_SIMPLE: _BOTH}
"""The same of the methods of SageMaker Model Monitor."""

METHODS = APPLIES_TO | L_INFINITY
"""The same of all methods that a model's YAML may name."""

STAT_TESTS: tuple[str, ...] = tuple(APPLIES_TO)
"""Evidently's methods, by its names."""

_CLASSIFIERS = frozenset({"abs_text_content_drift", "perc_text_content_drift"})
_DISTANCES = frozenset({"ed", "hellinger", "jensenshannon", "kl_div", "psi", "wasserstein"})
P_VALUES = frozenset(APPLIES_TO) - _CLASSIFIERS - _DISTANCES
"""Methods whose score is a p-value: drift is below the threshold. The scores of other methods drift above it."""

UNCHANGED = {name: 1.0 if name in P_VALUES else 0.5 if name in _CLASSIFIERS else 0.0 for name in APPLIES_TO}
"""The score of each method for a column that has one and the same value in every row of both sides."""

_LEAST_P_VALUE = 5e-324
"""The least number above 0; a p-value of 0 counts as this one, because 0 has no logarithm."""
_GREATEST_P_THRESHOLD = 0.999
_LEAST_DISTANCE_THRESHOLD = 1e-9

LEAST_VALUES: dict[str, int] = {"anderson": 2, "cramer_von_mises": 2, "es": 5, "t_test": 2}
"""How many values a side needs before the method gives a number at all; the others need one."""

ROW_LIMITS: dict[str, int] = {
    # A matrix of (rows of both sides) squared doubles, copied four times: 0.7 GB at this limit.
    "empirical_mmd": 4_000,
    # A thousand permutations of Python lists: about a minute at this limit.
    "TVD": 200_000,
}
"""Methods that are not computed beyond so many rows of both sides together; the metric's note says so."""


def in_thresholds(method: str, value: float, threshold: float) -> float:
    """Return a score on one scale for all methods: 1 at its threshold, and more beyond it.

    A distance is divided by its threshold. Of a p-value and its threshold, the logarithms are divided, because
    p-values fall exponentially with the evidence.

    Args:
        method: The drift method. Any other name, or none, is a value that is beyond its threshold above it.
        value: The score.
        threshold: The threshold of the score.
    """
    if method in P_VALUES:
        limit = min(max(threshold, _LEAST_P_VALUE), _GREATEST_P_THRESHOLD)
        return math.log(max(value, _LEAST_P_VALUE)) / math.log(limit)
    return value / max(threshold, _LEAST_DISTANCE_THRESHOLD)


def automatic_test(kind: ColumnKind, baseline_rows: int, distinct: int) -> str:
    """Return the method that Evidently chooses if the configuration names none.

    Source: ``_get_default_stattest`` of ``evidently.legacy.calculations.stattests.registry``.

    Args:
        kind: How the column is compared.
        baseline_rows: Number of usable values in the baseline.
        distinct: Number of different values on both sides together; if there are more than five, any number
            greater than five.
    """
    many, few = baseline_rows > 1000, distinct <= 5
    if kind is ColumnKind.TEXT:
        return "abs_text_content_drift" if many else "perc_text_content_drift"
    if kind is ColumnKind.NUMERIC and not few:
        return "wasserstein" if many else "ks"
    if many:
        return "jensenshannon"
    return "chisquare" if distinct > 2 else "z"
