"""The service beside the model: latency, failures, sizes and the slowest answers of a window.

Percentiles are exact, over all records: linear interpolation between order statistics, as NumPy's default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daywatch.engine.duck import duckdb_in, text
from daywatch.results import Finding, FindingCode, Metric, Record
from daywatch.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from daywatch.config.model.operations import Operations

_PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_METHOD = "exact, linear interpolation"
_SIZES = {
    "latency": ("latency_ms", ("p50", "p95", "p99")),
    "request_bytes": ("request_bytes", ("p50", "p95")),
    "response_bytes": ("response_bytes", ("p50", "p95")),
}
"""Metrics by the column that they are taken from, with their percentiles."""

_NAMED = 100
"""Slow answers that are kept by id."""


class SlowInference(Record):
    """An answer that took long.

    Attributes:
        event_id: Of its capture record, None where the source has none.
        inference_id: As the client gave it, if it did.
        inference_time: When, UTC, None where the source has none.
        latency_ms: How long it took.
        status: How it ended, None where the source does not say.
    """

    event_id: str | None
    inference_id: str | None
    inference_time: str | None
    latency_ms: float
    status: str | None


class SlowInferences(Record):
    """The slow answers of a window.

    Attributes:
        slow_ms: The bound, None where the model's YAML names none.
        count: How many took longer.
        slowest: The slowest of them, at most 100, slowest first.
    """

    slow_ms: float | None = None
    count: int = 0
    slowest: tuple[SlowInference, ...] = ()


@dataclass(frozen=True)
class MeasuredOperations:
    """What was measured of the service.

    Attributes:
        metrics: Only of what the source carries.
        findings: That there were slow answers.
        slow: Which.
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    slow: SlowInferences


def measure_operations(
    reference: Path, operations: Path, settings: Operations, scratch: Path
) -> MeasuredOperations:
    """Measure how a window's requests were served, beside how the baseline's were.

    Args:
        reference: Parquet of the baseline, as the export writes it, one row a record.
        operations: The same of the window.
        settings: What counts as slow.
        scratch: Folder that DuckDB may spill into.
    """
    with duckdb_in(scratch) as connection:
        usual = {metric.name: metric.value for metric in _metrics(connection, reference)}
        metrics = [
            metric.model_copy(update={"baseline": usual.get(metric.name)})
            for metric in _metrics(connection, operations)
        ]
        slow = _slow(connection, settings.slow_ms)
    if slow.slow_ms is not None and any(metric.name == "latency_max" for metric in metrics):
        metrics.append(
            Metric(name="slow_inferences", value=slow.count, method=f"longer than {slow.slow_ms:g} ms")
        )
    return MeasuredOperations(tuple(metrics), tuple(_slow_finding(slow)), slow)


def _metrics(connection: duckdb.DuckDBPyConnection, file: Path) -> list[Metric]:
    """Return the numbers of one file, which stays in view as ``operations``."""
    connection.execute(f"CREATE OR REPLACE VIEW operations AS SELECT * FROM read_parquet({text(str(file))})")
    return [*_size_metrics(connection), *_status_metrics(connection)]


def _size_metrics(connection: duckdb.DuckDBPyConnection) -> Iterator[Metric]:
    """Yield percentiles and maximum of each number that the source carries."""
    for name, (column, percentiles) in _SIZES.items():
        wanted = [_PERCENTILES[percentile] for percentile in percentiles]
        found, largest = _row(
            connection,
            f"SELECT quantile_cont({column}::DOUBLE, {wanted}), max({column}::DOUBLE) FROM operations"
            f" WHERE isfinite({column}::DOUBLE)",
        )
        if largest is None:
            continue
        for percentile, value in zip(percentiles, found, strict=True):
            yield Metric(name=f"{name}_{percentile}", value=value, method=_METHOD)
        yield Metric(name=f"{name}_max", value=largest)


def _status_metrics(connection: duckdb.DuckDBPyConnection) -> Iterator[Metric]:
    """Yield the shares of failures and of timeouts among the records whose status is known."""
    known, timeouts, errors = _row(
        connection,
        "SELECT count(status), count(*) FILTER (status = 'timeout'),"
        " count(*) FILTER (status NOT IN ('succeeded', 'timeout')) FROM operations",
    )
    if known:
        yield Metric(name="error_share", value=errors / known)
        yield Metric(name="timeout_share", value=timeouts / known)


def _slow(connection: duckdb.DuckDBPyConnection, slow_ms: float | None) -> SlowInferences:
    """Return the answers that took longer than the bound; of equally slow ones the earlier comes first."""
    if slow_ms is None:
        return SlowInferences()
    beyond = "isfinite(latency_ms) AND latency_ms > ?"
    (count,) = _row(connection, f"SELECT count(*) FROM operations WHERE {beyond}", slow_ms)
    names = ("event_id", "inference_id", "inference_time", "latency_ms", "status")
    rows = connection.execute(
        "SELECT event_id, inference_id, strftime(inference_time, '%Y-%m-%dT%H:%M:%S.%fZ'), latency_ms, status"
        f" FROM operations WHERE {beyond} ORDER BY latency_ms DESC, inference_time, event_id LIMIT {_NAMED}",
        [slow_ms],
    ).fetchall()
    slowest = tuple(SlowInference(**dict(zip(names, row, strict=True))) for row in rows)
    return SlowInferences(slow_ms=slow_ms, count=count, slowest=slowest)


def _slow_finding(slow: SlowInferences) -> Iterator[Finding]:
    """Yield the finding that there were slow answers, with the slowest by id."""
    if not slow.count or slow.slow_ms is None:
        return
    worst = slow.slowest[0]
    detail = (
        f"{slow.count:,} {'answer' if slow.count == 1 else 'answers'} took longer than {slow.slow_ms:g} ms, the "
        f"slowest {worst.latency_ms:,.0f} ms (id {shown(worst.inference_id or worst.event_id or 'none')}); "
        "slow.json in the window's folder names the slowest"
    )
    yield Finding(code=FindingCode.SLOW_INFERENCES, detail=detail, count=slow.count)


def _row(connection: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> tuple[Any, ...]:
    """Return the only row of a query."""
    row = connection.execute(query, list(parameters)).fetchone()
    return row if row is not None else ()
