"""Column profiles of several windows merged into the profile of all their rows, without reading a row again.

Counts, nulls, histogram, extremes, mean, deviation (Chan et al. 1979) and lengths of text are exact. The rank of a
quantile is wrong by ``sketch.RANK_ERROR`` at most, the number of distinct values, if not all are listed, by
``hyperloglog.DISTINCT_ERROR`` in 99.7 of 100 cases. A frequent value that some window does not list has the number
of values that it may lack (``undercount``). Where all distinct values of a column are listed, everything is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import fsum, sqrt
from typing import Any

from daywatch.profiles.categorical import FREQUENT
from daywatch.profiles.hyperloglog import (
    estimated,
    merged_registers,
    number_registers,
    text_hash,
    text_registers,
)
from daywatch.profiles.magnitude import exponent_of, multiplied
from daywatch.profiles.numeric import QUANTILES, integers
from daywatch.profiles.profile import ColumnProfile, Frequency
from daywatch.profiles.sketch import ranks_of


def merge_columns(parts: Sequence[ColumnProfile]) -> ColumnProfile:
    """Merge profiles of one column.

    The histogram is left out if the windows were counted on different edges.

    Args:
        parts: Profiles of the column in windows that share no row, at least one.

    Raises:
        ValueError: The column's type is not the same everywhere.
    """
    first = parts[0]
    types = sorted({part.type.value for part in parts})
    if len(types) > 1:
        msg = f"{first.name} is of the type {' and '.join(types)}: these do not merge"
        raise ValueError(msg)
    fields: dict[str, Any] = {
        "name": first.name,
        "type": first.type,
        "present": any(part.present for part in parts),
        "count": sum(part.count for part in parts),
        "nulls": sum(part.nulls for part in parts),
        "non_finite": sum(part.non_finite for part in parts),
        **_histogram(parts),
    }
    filled = [part for part in parts if part.count]
    if filled:
        fields |= _numbers(filled) if first.type.is_numeric else _values(filled)
    return ColumnProfile(**fields)


def _histogram(parts: Sequence[ColumnProfile]) -> dict[str, Any]:
    edges = parts[0].edges
    if not edges or any(part.edges != edges for part in parts):
        return {}
    return {
        "edges": edges,
        "histogram": tuple(map(sum, zip(*(part.histogram for part in parts), strict=True))),
        "underflow": sum(part.underflow for part in parts),
        "overflow": sum(part.overflow for part in parts),
    }


def _numbers(parts: list[ColumnProfile]) -> dict[str, Any]:
    """Merge the statistics of numbers; every part has at least one."""
    sketches = tuple(sketch for part in parts for sketch in part.sketches)
    ranks = ranks_of(sketches)
    values = {value for sketch in sketches for value in sketch.values}
    smallest, largest = float(ranks.points[0]), float(ranks.points[-1])
    return {
        "min": smallest,
        "max": largest,
        **_moments(parts, smallest, largest),
        "quantiles": ranks.quantiles(QUANTILES),
        "sketches": sketches,
        **_distinct(parts, len(values)),
    }


def _moments(parts: list[ColumnProfile], smallest: float, largest: float) -> dict[str, Any]:
    """Merge means and deviations; None in a part, for a result too large for a float, leaves none."""
    if smallest == largest:
        return {"mean": smallest, "std": 0.0}
    count = sum(part.count for part in parts)
    means = [part.mean for part in parts if part.mean is not None]
    stds = [part.std for part in parts if part.std is not None]
    if len(means) < len(parts):
        return {}
    shares = [part.count / count for part in parts]
    # Divided, because sums and squares of large numbers may overflow.
    exponent = exponent_of(smallest, largest)
    means = [multiplied(one, -exponent) for one in means]
    mean = fsum(share * one for share, one in zip(shares, means, strict=True))
    if len(stds) < len(parts):
        return {"mean": multiplied(mean, exponent)}
    stds = [multiplied(one, -exponent) for one in stds]
    scale = max(*(abs(one - mean) for one in means), *stds) or 1.0
    squares = fsum(
        share * ((std / scale) ** 2 + ((one - mean) / scale) ** 2)
        for share, one, std in zip(shares, means, stds, strict=True)
    )
    return {"mean": multiplied(mean, exponent), "std": multiplied(scale * sqrt(squares), exponent)}


def _values(parts: list[ColumnProfile]) -> dict[str, Any]:
    """Merge the statistics of counted values; every part has at least one."""
    counts: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    listed = [{entry.value: entry for entry in part.frequent} for part in parts]
    for value in {value for entries in listed for value in entries}:
        for part, entries in zip(parts, listed, strict=True):
            entry = entries.get(value)
            counts[value] += entry.count if entry else 0
            missed[value] += entry.undercount if entry else part.unlisted_most
    count = sum(part.count for part in parts)
    everywhere = set.intersection(*(set(entries) for entries in listed))
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    kept = [
        value
        for number, value in enumerate(ranked)
        if number < FREQUENT or value in everywhere or not missed[value]
    ]
    dropped = max((counts[value] + missed[value] for value in set(counts) - set(kept)), default=0)
    fields: dict[str, Any] = {
        "frequent": tuple(
            Frequency(value=value, count=counts[value], undercount=missed[value]) for value in kept
        ),
        "other": count - sum(counts[value] for value in kept),
        "unlisted_most": max(dropped, sum(part.unlisted_most for part in parts)),
        **_distinct(parts, sum(count > 0 for count in counts.values())),
    }
    if parts[0].length_min is not None:
        fields |= {
            "length_min": min(part.length_min or 0 for part in parts),
            "length_max": max(part.length_max or 0 for part in parts),
            "length_mean": fsum((part.length_mean or 0.0) * part.count for part in parts) / count,
        }
    return fields


def _distinct(parts: list[ColumnProfile], listed: int) -> dict[str, Any]:
    """Count distinct values: exactly if all are listed, else as estimated, within the bounds that the parts set."""
    if not any(part.registers for part in parts):
        return {"distinct": listed}
    registers = merged_registers(part.registers or _registers(part) for part in parts)
    least = max(listed, *(part.distinct for part in parts))
    most = sum(part.distinct for part in parts)
    return {"registers": registers, "distinct": min(max(round(estimated(registers)), least), most)}


def _registers(part: ColumnProfile) -> str:
    """Return the registers of a column whose distinct values are all listed."""
    if part.type.is_numeric:
        return number_registers(integers((v for one in part.sketches for v in one.values), part.type))
    import numpy as np

    return text_registers(
        np.array([text_hash(entry.value) for entry in part.frequent if entry.count], dtype=np.uint64)
    )
