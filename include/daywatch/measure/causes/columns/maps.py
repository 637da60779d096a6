"""Maps between units: each says how a window's values would turn back into the baseline's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array

_OF_MEMORY = 1024.0
"""A factor of whole numbers only: of others, it is a thousand that chance moved."""

_FACTORS = {
    10.0: "",
    100.0: "hundredths of the unit",
    1000.0: "thousandths of the unit",
    1e6: "millionths of the unit",
    60.0: "seconds for minutes, or minutes for hours",
    3600.0: "seconds for hours",
    24.0: "hours for days",
    86400.0: "seconds for days",
    7.0: "days for weeks",
    12.0: "months for years",
    _OF_MEMORY: "another unit of memory",
    1.609344: "kilometres for miles",
    3.28084: "feet for metres",
    2.54: "centimetres for inches",
    2.2046226: "pounds for kilograms",
}
"""Factors between units, with what they may stand for."""

_KELVIN = 273.15
_LARGE = 700.0
"""The exponential of more is no finite number."""

_SAME_RATIO = 0.5
"""Quantiles whose ratios differ by more than this share of their median are no multiple of the baseline's."""

_FAR = 5.0
"""From this factor on, a scale without a name counts: no world changes a column so much overnight."""


class UnitMap(NamedTuple):
    """A map from the baseline's unit to the window's.

    Attributes:
        name: The name of the cause.
        words: What the column looks like, for a sentence.
        back: Returns the window's values in the baseline's unit.
    """

    name: str
    words: str
    back: Callable[[Array], Array]


def unit_maps(baseline: Array, window: Array) -> Iterator[UnitMap]:
    """Yield the maps with a name that may have changed a column.

    Args:
        baseline: The baseline's values in ascending order, at least one.
        window: The window's values in ascending order, at least one.
    """
    import numpy as np

    for factor, meaning in _FACTORS.items():
        if factor == _OF_MEMORY and np.any(baseline != np.round(baseline)):
            continue
        hint = f" ({meaning}?)" if meaning else ""
        yield UnitMap("unit_change", f"multiplied by {factor:g}{hint}", partial(_times, 1 / factor))
        yield UnitMap("unit_change", f"divided by {factor:g}", partial(_times, factor))
    yield UnitMap("unit_change", "in Fahrenheit instead of Celsius", lambda v: (v - 32) / 1.8)
    yield UnitMap("unit_change", "in Celsius instead of Fahrenheit", lambda v: v * 1.8 + 32)
    yield UnitMap("unit_change", "in Kelvin instead of Celsius", lambda v: v - _KELVIN)
    yield UnitMap("unit_change", "in Celsius instead of Kelvin", lambda v: v + _KELVIN)
    yield UnitMap("sign_change", "multiplied by -1", lambda v: -v)
    if baseline[0] >= 0 and baseline[-1] <= 1:
        yield UnitMap("complement", "subtracted from 1", lambda v: 1 - v)
    if window[-1] < _LARGE:
        yield UnitMap("unit_change", "replaced by its natural logarithm", np.exp)
        yield UnitMap("unit_change", "replaced by its decimal logarithm", lambda v: np.power(10.0, v))
        yield UnitMap("unit_change", "replaced by the logarithm of 1 + it", np.expm1)
    if window[0] > 0:
        yield UnitMap("unit_change", "replaced by its exponential", np.log)
    mean, deviation = float(baseline.mean()), float(baseline.std())
    yield UnitMap("unit_change", "standardized", lambda v: v * deviation + mean)
    low, high = float(baseline[0]), float(baseline[-1])
    yield UnitMap("unit_change", "scaled to 0 to 1", lambda v: v * (high - low) + low)


def _times(factor: float, values: Array) -> Array:
    return values * factor


def fitted_maps(baseline: Array, window: Array) -> Iterator[UnitMap]:
    """Yield a factor, or of shares an exponent, that takes one median to the other.

    Args:
        baseline: The baseline's values in ascending order, at least one.
        window: The window's values in ascending order, at least one.
    """
    import numpy as np

    before, now = float(np.median(baseline)), float(np.median(window))
    if before and now:
        ratio = now / before
        if max(abs(ratio), 1 / abs(ratio)) >= _FAR:
            yield UnitMap("unit_change", f"multiplied by {ratio:.3g}", lambda v: v / ratio)
    if (
        0 < before < 1
        and 0 < now < 1
        and baseline[0] >= 0
        and max(baseline[-1], window[-1]) <= 1
        and window[0] >= 0
    ):
        exponent = math.log(now) / math.log(before)
        if max(exponent, 1 / exponent) >= 1.5:
            yield UnitMap(
                "rescaled", f"raised to the power of {exponent:.2g}", lambda v: np.power(v, 1 / exponent)
            )


def ratio_of_quantiles(baseline: Array, window: Array) -> float | None:
    """Return the median ratio of some quantiles of two sorted columns, None where they have no ratio in common.

    Args:
        baseline: The baseline's values in ascending order.
        window: The window's values in ascending order.
    """
    import numpy as np

    shares = (0.1, 0.25, 0.5, 0.75, 0.9)
    before, now = np.quantile(baseline, shares), np.quantile(window, shares)
    used = np.abs(before) > 0
    if not used.any():
        return None
    ratios = now[used] / before[used]
    ratio = float(np.median(ratios))
    return ratio if np.all(np.abs(ratios - ratio) <= _SAME_RATIO * abs(ratio)) else None
