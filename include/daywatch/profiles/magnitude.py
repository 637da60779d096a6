"""Numbers so large or so small that their squares, sums or differences are no doubles.

Much software writes 1.8e308 for "no data". One such value must not make infinities of a column's statistics, so they
are computed of numbers divided by a power of two, which changes no digit of the result.
"""

from __future__ import annotations

import math
from typing import Any

_ORDINARY = 400
"""Up to this power of two, sums of a billion squares of numbers are doubles, and of its inverse are not 0."""


def exponent_of(*ends: float) -> int:
    """Return the power of two to divide numbers by, even, and 0 for ordinary numbers.

    Args:
        ends: Finite numbers that are as far from 0 as any of those to be divided.
    """
    exponent = max((math.frexp(end)[1] for end in ends if end), default=0)
    return 0 if abs(exponent) <= _ORDINARY else exponent + exponent % 2


def exponent_of_arrays(*arrays: Any) -> int:
    """Return ``exponent_of`` of all numbers of some arrays, which may be empty.

    Args:
        arrays: Finite numbers.
    """
    return exponent_of(*(float(end) for array in arrays if array.size for end in (array.min(), array.max())))


def divided(array: Any, exponent: int) -> Any:
    """Divide numbers by a power of two: the same array, if the exponent is 0."""
    import numpy as np

    return np.ldexp(array.astype(float, copy=False), -exponent) if exponent else array


def multiplied(number: float, exponent: int) -> float:
    """Multiply a number by a power of two; the result is infinite if it is no double."""
    try:
        return math.ldexp(number, exponent)
    except OverflowError:
        return math.copysign(math.inf, number)
