"""The service around the model: latency, failures, sizes and the slowest answers of a window.

Percentiles are exact, over all records, with linear interpolation between order statistics as in NumPy.
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
"""By the start of the metric's name: the column, and the percentiles that are measured of it."""

_NAMED = 100
"""At most so many slow answers are stored with their ids."""


class SlowInference(Record):
    """One slow answer.

    Attributes:
        event_id: The event id of its capture record, None if the source has none.
        inference_id: The inference id that the client gave, None if it gave none.
        inference_time: The time of the inference in UTC, None if the source has none.
        latency_ms: The latency in milliseconds.
        status: The status of the request, None if the source has none.
    """

    event_id: str | None
    inference_id: str | None
    inference_time: str | None
    latency_ms: float
    status: str | None


class SlowInferences(Record):
    """The slow answers of a window.

    Attributes:
        slow_ms: Answers that took longer are slow, in milliseconds; None if the model's YAML gives no bound.
        count: Number of slow answers.
        slowest: The slowest of them, at most 100, slowest first.
    """

    slow_ms: float | None = None
    count: int = 0
    slowest: tuple[SlowInference, ...] = ()


@dataclass(frozen=True)
class OperationsResult:
    """The results on the service.

    Attributes:
        metrics: The metrics of what the source carries.
        findings: One finding if there were slow answers.
        slow: The slow answers.
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    slow: SlowInferences


def measure_operations(baseline: Path, window: Path, settings: Operations, scratch: Path) -> OperationsResult:
    """Measure how a window's requests were served, compared with the baseline's.

    Args:
        baseline: Parquet of the baseline's operations, as the export writes it, one row a record.
        window: Parquet of the window's operations.
        settings: The settings, which say what counts as slow.
        scratch: Folder that DuckDB may spill into.
    """
    with duckdb_in(scratch) as connection:
        expected = {metric.name: metric.value for metric in _metrics(connection, baseline)}
        metrics = [
            metric.model_copy(update={"baseline": expected.get(metric.name)})
            for metric in _metrics(connection, window)
        ]
        slow = _slow(connection, settings.slow_ms)
    if slow.slow_ms is not None and any(metric.name == "latency_max" for metric in metrics):
        metrics.append(
            Metric(name="slow_inferences", value=slow.count, method=f"longer than {slow.slow_ms:g} ms")
        )
    return OperationsResult(tuple(metrics), tuple(_slow_finding(slow)), slow)


def _metrics(connection: duckdb.DuckDBPyConnection, file: Path) -> list[Metric]:
    """Return the metrics of one file; the view ``operations`` of the file stays open."""
    connection.execute(f"CREATE OR REPLACE VIEW operations AS SELECT * FROM read_parquet({text(str(file))})")
    return [*_size_metrics(connection), *_status_metrics(connection)]


def _size_metrics(connection: duckdb.DuckDBPyConnection) -> Iterator[Metric]:
    """Yield percentiles and maximum of each column that the source carries."""
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
    """Return the answers that took longer than the bound; among equally slow ones the earlier comes first."""
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
