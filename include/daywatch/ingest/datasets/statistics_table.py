"""The statistics of SageMaker Model Monitor as a table: rows with the distribution that the file has of each column.

Format: "Schema for Statistics" of the SageMaker developer guide. A numeric column has a KLL sketch, lists of values of
which each in list k stands for 2^k values (Karnin, Lang, Liberty: "Optimal Quantile Approximation in Streams", 2016),
and 10 buckets; a text has its values with their counts. Columns are independent of each other, because the file says
nothing about rows.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import MIB, STATISTICS_ROWS
from daywatch.engine.duck import identifier
from daywatch.ingest.captures.tabular import Table, TableColumn, local_copy, parquet_reader
from daywatch.ingest.reading.gzip_stream import Refusal
from daywatch.ingest.reading.quarantine import Reason
from daywatch.text import shown

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import numpy as np

    from daywatch.storage import Storage, StoredObject

    Array = np.ndarray[Any, np.dtype[Any]]


@contextmanager
def statistics_table(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    stored: StoredObject,
    scratch: Path,
    limits: Limits,
) -> Iterator[Table]:
    """Yield a statistics file as a table with a row for each row that it counts, at most ``STATISTICS_ROWS``.

    Args:
        connection: The connection that reads the table.
        storage: The storage that has the file.
        stored: The file, as it was listed.
        scratch: Existing local folder.
        limits: The largest objects that are read.

    Raises:
        Refusal: The file is no statistics, or has no distribution of a column.
        InfrastructureError: The storage did not answer, or the file changed since it was listed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if stored.size > limits.object_megabytes * MIB:
        raise Refusal(Reason.TOO_LARGE, f"it has {stored.size:,} bytes")
    found = pa.table(columns_of(storage.read_listed(stored)))
    with local_copy(scratch) as written:
        pq.write_table(found, written)
        reader = parquet_reader([written])
        described = connection.execute(f"DESCRIBE FROM {reader}").fetchall()
        columns = {str(row[0]): TableColumn(identifier(str(row[0])), str(row[1])) for row in described}
        yield Table(reader, columns, file=written, rows=found.num_rows)


def columns_of(content: bytes) -> dict[str, Any]:
    """Return the columns of a statistics file by name, as Arrow arrays of one length.

    Args:
        content: The file.

    Raises:
        Refusal: It is no statistics, or has no distribution of a column.
    """
    try:
        features = json.loads(content)["features"]
        rows = {str(one["name"]): _counts(one) for one in features}
        if len(rows) < len(features):
            raise Refusal(Reason.NOT_A_TABLE, "two features have one name")
        totals = {sum(count) for count in rows.values()}
        if len(totals) != 1:
            said = ", ".join(f"{shown(name)} {sum(count):,}" for name, count in [*rows.items()][:5])
            raise Refusal(Reason.NOT_A_TABLE, f"its features count different numbers of rows: {said}")
        size = min(totals.pop(), STATISTICS_ROWS)
        return {str(one["name"]): _column(one, *rows[str(one["name"])], size) for one in features}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        said = "expected Model Monitor's statistics.json, with 'features' that have statistics"
        raise Refusal(Reason.NOT_A_TABLE, f"{said} ({type(error).__name__})") from None


def _statistics(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    found = feature.get("numerical_statistics") or feature.get("string_statistics")
    if not isinstance(found, Mapping):
        msg = f"it has no statistics of {shown(str(feature['name']))}"
        raise Refusal(Reason.NOT_A_TABLE, msg)
    return found


def _counts(feature: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many values are there, and how many are missing."""
    common = _statistics(feature)["common"]
    present, missing = int(common["num_present"]), int(common["num_missing"])
    if min(present, missing) < 0:
        raise Refusal(Reason.NOT_A_TABLE, f"it counts less than no values of {shown(str(feature['name']))}")
    return present, missing


def _column(feature: Mapping[str, Any], present: int, missing: int, size: int) -> Any:
    """Return a column of ``size`` rows, in an order that depends on its name alone."""
    import numpy as np
    import pyarrow as pa

    name, total = str(feature["name"]), present + missing
    filled = round(size * present / total) if total else 0
    values = _values(feature, filled) if filled else np.empty(0)
    order = np.random.default_rng(zlib.crc32(name.encode())).permutation(size)
    places = np.where(order < filled, order, -1)
    return pa.array(values).take(pa.array(places, mask=places < 0))


def _values(feature: Mapping[str, Any], size: int) -> Array:
    """Return so many values of a feature's distribution, in their order."""
    import numpy as np

    statistics = _statistics(feature)
    distribution = statistics.get("distribution") or {}
    if "categorical" in distribution:
        buckets = distribution["categorical"]["buckets"]
        values = np.array([str(one["value"]) for one in buckets], dtype=object)
        counts = np.array([int(one["count"]) for one in buckets], dtype=np.int64)
        others = max(0, int(statistics["common"]["num_present"]) - int(counts.sum()))
        if others:
            kinds = min(max(1, int(statistics.get("distinct_count") or 0) - len(buckets)), others)
            names = np.array([f"unlisted value {n + 1}" for n in range(kinds)], dtype=object)
            values = np.append(values, names)
            counts = np.append(counts, np.diff(np.linspace(0, others, kinds + 1).astype(np.int64)))
        return _spread(values, counts, size)
    kll = distribution.get("kll") or {}
    levels = (kll.get("sketch") or {}).get("data")
    if levels:
        values = np.array([value for level in levels for value in level], dtype=np.float64)
        counts = np.repeat(2 ** np.arange(len(levels)), [len(level) for level in levels])
        order = np.argsort(values, kind="stable")
        return _typed(feature, _spread(values[order], counts[order], size))
    if kll.get("buckets"):
        return _typed(feature, _of_buckets(kll["buckets"], size))
    msg = f"it has no distribution of {shown(str(feature['name']))}: neither a sketch nor buckets"
    raise Refusal(Reason.NOT_A_TABLE, msg)


def _spread(values: Array, counts: Array, size: int) -> Array:
    """Return so many values, each as often as its count says in proportion."""
    import numpy as np

    ends = np.cumsum(counts)
    if not len(ends) or ends[-1] <= 0:
        raise Refusal(Reason.NOT_A_TABLE, "a distribution has no values")
    return np.asarray(values[np.searchsorted(ends, (np.arange(size) + 0.5) * (ends[-1] / size), "right")])


def _of_buckets(buckets: list[Mapping[str, Any]], size: int) -> Array:
    """Return values that are spread evenly within each bucket, of which the outer bounds are values too."""
    import numpy as np

    counts = np.array([int(one["count"]) for one in buckets])
    bounds = [float(buckets[0]["lower_bound"]), *(float(one["upper_bound"]) for one in buckets)]
    shares = np.concatenate([[0], np.cumsum(counts)]) / max(counts.sum(), 1)
    return np.interp(np.linspace(0, 1, size), shares, bounds)


def _typed(feature: Mapping[str, Any], values: Array) -> Array:
    import numpy as np

    if not all(map(math.isfinite, (values[0], values[-1]))):
        msg = f"it has numbers that are not finite in {shown(str(feature['name']))}"
        raise Refusal(Reason.NOT_A_TABLE, msg)
    is_whole = feature.get("inferred_type") == "Integral" and max(-values[0], values[-1]) < 2**53
    return np.rint(values).astype(np.int64) if is_whole else values
