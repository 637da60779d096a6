"""Evidently's drift methods as data, for validating configuration without importing Evidently.

A contract test holds this table against Evidently's own registry.
"""

from __future__ import annotations

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
"""The kinds of column that each method may be named for."""

STAT_TESTS: tuple[str, ...] = tuple(APPLIES_TO)
"""Evidently's names, as they may stand in a model's YAML."""

_TELL_APART = frozenset({"abs_text_content_drift", "perc_text_content_drift"})
_DISTANCES = frozenset({"ed", "hellinger", "jensenshannon", "kl_div", "psi", "wasserstein"})
P_VALUES = frozenset(APPLIES_TO) - _TELL_APART - _DISTANCES
"""Methods whose score is a p-value: drifted below the threshold. The others' drift beyond it."""

ROW_LIMITS: dict[str, int] = {
    # A matrix of (rows of both sides) squared doubles, copied four times: 0.7 GB at this limit.
    "empirical_mmd": 4_000,
    # A thousand permutations of Python lists: about a minute at this limit.
    "TVD": 200_000,
}
"""Rows of both sides together beyond which a method is not computed; the metric's note says so."""


def automatic_test(kind: ColumnKind, reference_rows: int, distinct: int) -> str:
    """Return the method that Evidently chooses where none is named.

    Source: ``_get_default_stattest`` of ``evidently.legacy.calculations.stattests.registry``.

    Args:
        kind: How the column is compared.
        reference_rows: Usable values of the baseline.
        distinct: Different values of both sides together; of more than five, any greater number.
    """
    many, few = reference_rows > 1000, distinct <= 5
    if kind is ColumnKind.TEXT:
        return "abs_text_content_drift" if many else "perc_text_content_drift"
    if kind is ColumnKind.NUMERIC and not few:
        return "wasserstein" if many else "ks"
    if many:
        return "jensenshannon"
    return "chisquare" if distinct > 2 else "z"
