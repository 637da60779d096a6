"""The distance between two profiles of a column: Evidently's methods on profiles, with the error that remains.

``psi``, ``jensenshannon`` and ``chisquare`` compare counts: of categories; of the values of a numeric column whose
baseline has at most 20 (as Evidently does); else of the bins of the baseline's histogram and of the values beyond
its ends. These counts are exact, but Evidently uses other bins. ``wasserstein``, ``ks`` and the L-infinity distances
of numbers compare the order of the values. Where sketches do not list every value, the error says how far the number
may be off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Any

from daywatch.config.drift_methods import KIND_OF_TYPE, LINF_ROBUST, LINF_SIMPLE, ColumnKind
from daywatch.measure.drift.kernels.counted import compare_counts
from daywatch.measure.drift.kernels.distance import FLOOR
from daywatch.measure.drift.kernels.l_infinity import beyond_chance
from daywatch.measure.drift.kernels.ordered import spread
from daywatch.profiles.magnitude import divided, exponent_of, multiplied
from daywatch.profiles.sketch import ranks_of

if TYPE_CHECKING:
    from daywatch.profiles.profile import ColumnProfile

THRESHOLDS = {
    "psi": 0.1,
    "jensenshannon": 0.1,
    "wasserstein": 0.1,
    "ks": 0.05,
    "chisquare": 0.05,
    LINF_ROBUST: FLOOR,
    LINF_SIMPLE: FLOOR,
}
"""The default threshold of each method that profiles allow."""

DEFAULTS = {ColumnKind.NUMERIC: "wasserstein", ColumnKind.CATEGORICAL: "jensenshannon"}
"""The methods of columns whose own method needs rows."""

_FEW_VALUES = 20
_EXACT_KS = 500


@dataclass(frozen=True)
class Distances:
    """The values of all methods for two profiles.

    Attributes:
        values: By method; a method that cannot be computed is left out.
        errors: By method, how far the value of all rows may be from it; an exact method is left out.
        notes: By method, why its value is left out.
    """

    values: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def distances(baseline: ColumnProfile, span: ColumnProfile) -> Distances:
    """Compare two profiles of a column; both must have values.

    Args:
        baseline: The profile of the baseline.
        span: The profile of the span of days.
    """
    found = Distances()
    if KIND_OF_TYPE[span.type] is ColumnKind.NUMERIC:
        _ordered(baseline, span, found)
        counts = _numeric_counts(baseline, span)
        if counts is None:
            found.notes.update(
                dict.fromkeys(
                    ("psi", "jensenshannon"), "the days were counted on the bins of different baselines"
                )
            )
            return found
    else:
        counts = _category_counts(baseline, span)
        found.values["chisquare"] = compare_counts(*counts)
        first, second = counts
        _l_infinity(float(abs(first / first.sum() - second / second.sum()).max()), baseline, span, found)
    found.values["psi"], found.values["jensenshannon"] = _psi(*counts), _jensenshannon(*counts)
    return found


def _numeric_counts(baseline: ColumnProfile, span: ColumnProfile) -> tuple[Any, Any] | None:
    """Return the counts of both sides by value or by bin, None where the sides have no common bins."""
    if baseline.distinct <= _FEW_VALUES and not baseline.registers and not span.registers:
        sides = []
        for side in (baseline, span):
            ranks = ranks_of(side.sketches)
            sides.append(
                dict(zip(ranks.points.tolist(), (ranks.least - ranks.least_below).tolist(), strict=True))
            )
        return _by_key(*sides)
    if not baseline.edges or baseline.edges != span.edges:
        return None
    return _nowhere_empty(*((side.underflow, *side.histogram, side.overflow) for side in (baseline, span)))


def _category_counts(baseline: ColumnProfile, span: ColumnProfile) -> tuple[Any, Any]:
    """Return the counts of both sides by value, and in one count of all values that a side does not know exactly."""
    sides = [{entry.value: entry for entry in side.frequent} for side in (baseline, span)]
    limits = (baseline.unlisted_most, span.unlisted_most)

    def known(value: str) -> bool:
        return all(
            not (side[value].undercount if value in side else limit)
            for side, limit in zip(sides, limits, strict=True)
        )

    values = [value for value in sorted({*sides[0], *sides[1]}) if known(value)]
    counted = []
    for entries, side in zip(sides, (baseline, span), strict=True):
        counts = [entries[value].count if value in entries else 0 for value in values]
        counted.append((*counts, side.count - sum(counts)))
    return _nowhere_empty(*counted)


def _by_key(baseline: dict[float, float], span: dict[float, float]) -> tuple[Any, Any]:
    import numpy as np

    keys = sorted({*baseline, *span})
    return tuple(np.array([side.get(key, 0.0) for key in keys]) for side in (baseline, span))  # type: ignore[return-value]


def _nowhere_empty(baseline: tuple[int, ...], span: tuple[int, ...]) -> tuple[Any, Any]:
    """Leave out the counts that are 0 on both sides."""
    import numpy as np

    first, second = np.array(baseline, dtype=np.float64), np.array(span, dtype=np.float64)
    present = (first > 0) | (second > 0)
    return first[present], second[present]


def _psi(baseline: Any, span: Any) -> float:
    import numpy as np

    first, second = _filled(baseline / baseline.sum()), _filled(span / span.sum())
    return float(np.sum((first - second) * np.log(first / second)))


def _filled(shares: Any) -> Any:
    """Replace zeros as Evidently's ``get_binned_data`` does."""
    import numpy as np

    smallest = shares[shares > 0].min()
    return np.where(shares > 0, shares, smallest / 10**6 if smallest <= 0.0001 else 0.0001)


def _jensenshannon(baseline: Any, span: Any) -> float:
    from scipy.spatial import distance

    return float(distance.jensenshannon(baseline / baseline.sum(), span / span.sum()))


def _ordered(baseline: ColumnProfile, span: ColumnProfile, found: Distances) -> None:
    """Add the methods that compare the order of the values.

    Each side's distribution function is taken halfway between its bounds. So the error is at most half the
    distance between the bounds: at the worst place for ``ks``, summed over the values for ``wasserstein``.
    """
    import numpy as np

    sides = [ranks_of(side.sketches) for side in (baseline, span)]
    points = np.union1d(sides[0].points, sides[1].points)
    apart, unsure = _between([side.at(points) for side in sides])
    apart_above, unsure_above = _between([side.above(points) for side in sides])
    statistic = max(apart.max(), apart_above.max())
    error = max(unsure.max(), unsure_above.max())
    value = _ks(statistic, baseline.count, span.count)
    found.values["ks"] = value
    _l_infinity(float(statistic), baseline, span, found)
    if error:
        found.errors.update({LINF_SIMPLE: float(error), LINF_ROBUST: float(error)})
        ends = [_ks(end, baseline.count, span.count) for end in (statistic - error, statistic + error)]
        found.errors["ks"] = max(abs(end - value) for end in ends)
    if baseline.std is None:
        found.notes["wasserstein"] = "the baseline's standard deviation is too large for a number"
        return
    # Divided before the sum: the distance of two numbers may be too large for a number.
    ends = [float(end or 0.0) for side in (baseline, span) for end in (side.min, side.max)]
    exponent = exponent_of(*ends)
    norm = spread(*(multiplied(one, -exponent) for one in (baseline.std, *ends))) or 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        widths = np.diff(divided(points, exponent) / norm)
        found.values["wasserstein"] = float(np.sum(apart_above[:-1] * widths))
        if error:
            found.errors["wasserstein"] = float(np.sum(unsure_above[:-1] * widths))


def _l_infinity(distance: float, baseline: ColumnProfile, span: ColumnProfile, found: Distances) -> None:
    found.values[LINF_SIMPLE] = distance
    found.values[LINF_ROBUST] = beyond_chance(distance, baseline.count, span.count)


def _between(bounds: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Return the distance between the middles of two functions' bounds, and half the sum of the bounds' widths."""
    import numpy as np

    (low, high), (other_low, other_high) = bounds
    return np.abs(low + high - other_low - other_high) / 2, (high - low + other_high - other_low) / 2


def _ks(statistic: float, rows: int, other_rows: int) -> float:
    """Return the p-value of SciPy's asymptotic two-sample test.

    Its distribution takes a quarter of a second on 100,000 rows; beyond ``_EXACT_KS`` it is taken from the
    limiting one with the correction of Vrbik 2018 ("Small-Sample Corrections to Kolmogorov-Smirnov Test
    Statistic"), which is within 0.0001 of it.
    """
    from scipy.special import kolmogorov
    from scipy.stats import kstwo

    size = max(round(rows * other_rows / (rows + other_rows)), 1)
    clipped = min(max(float(statistic), 0.0), 1.0)
    if size <= _EXACT_KS:
        return float(kstwo.sf(clipped, size))
    scaled = clipped * sqrt(size)
    return float(kolmogorov(scaled + 1 / (6 * sqrt(size)) + (scaled - 1) / (4 * size)))
