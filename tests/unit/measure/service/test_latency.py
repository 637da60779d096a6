"""The service's numbers, compared with NumPy and pandas."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.config.model.operations import Operations
from daywatch.measure.service.latency import OperationsResult, measure_operations
from daywatch.results import FindingCode
from operations import write_operations

START = datetime(2024, 3, 3, tzinfo=UTC)


def measured(
    folder: Path,
    slow_ms: float | None = None,
    baseline_columns: dict[str, list[Any]] | None = None,
    **columns: list[Any],
) -> OperationsResult:
    baseline = write_operations(folder / "baseline_operations.parquet", **(baseline_columns or {}))
    file = write_operations(folder / "operations.parquet", **columns)
    return measure_operations(baseline, file, Operations(slow_ms=slow_ms), folder)


def values(found: OperationsResult) -> dict[str, float | None]:
    return {metric.name: metric.value for metric in found.metrics}


def test_percentiles_are_numpys(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    latency, request = random.lognormal(4, 1, 997), random.integers(100, 9000, 997)
    response = request // 3

    found = values(
        measured(
            tmp_path,
            latency_ms=latency.tolist(),
            request_bytes=request.tolist(),
            response_bytes=response.tolist(),
        )
    )

    expected = {
        f"{name}_p{percent}": np.percentile(data, percent)
        for name, data, percents in (
            ("latency", latency, (50, 95, 99)),
            ("request_bytes", request, (50, 95)),
            ("response_bytes", response, (50, 95)),
        )
        for percent in percents
    }
    expected |= {
        "latency_max": latency.max(),
        "request_bytes_max": request.max(),
        "response_bytes_max": response.max(),
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_shares_are_pandas(tmp_path: Path) -> None:
    status = ["succeeded"] * 90 + ["failed"] * 5 + ["timeout"] * 3 + ["cancelled"] * 2 + [None] * 50

    found = values(measured(tmp_path, status=status))

    shares = pd.Series(status).value_counts(normalize=True)
    assert found == {
        "error_share": pytest.approx(shares["failed"] + shares["cancelled"]),
        "timeout_share": pytest.approx(shares["timeout"]),
    }


def test_what_the_source_does_not_carry_is_not_there(tmp_path: Path) -> None:
    assert measured(tmp_path, 100, inference_time=[START] * 3).metrics == ()
    assert measured(tmp_path, 100).metrics == ()
    assert "latency_p50" not in values(measured(tmp_path, 100, request_bytes=[1, 2]))


def test_broken_numbers_are_left_out(tmp_path: Path) -> None:
    found = values(measured(tmp_path, 5, latency_ms=[1.0, math.nan, math.inf, None, 3.0]))

    assert (found["latency_p50"], found["latency_max"], found["slow_inferences"]) == (2.0, 3.0, 0)


def test_slow_answers_by_id(tmp_path: Path) -> None:
    latency = [float(n) for n in range(300)]
    times = [START + timedelta(seconds=n) for n in range(300)]
    ids = [f"client-{n}" if n % 2 else None for n in range(300)]

    found = measured(
        tmp_path, 99, latency_ms=latency, inference_time=times, inference_id=ids, status=["succeeded"] * 300
    )

    assert values(found)["slow_inferences"] == found.slow.count == 200
    assert [one.latency_ms for one in found.slow.slowest] == latency[:199:-1]
    first = found.slow.slowest[0]
    assert (first.event_id, first.inference_id, first.status) == ("event-299", "client-299", "succeeded")
    assert first.inference_time == "2024-03-03T00:04:59.000000Z"
    (finding,) = found.findings
    assert finding.code is FindingCode.SLOW_INFERENCES
    assert finding.count == 200
    assert "200 answers took longer than 99 ms, the slowest 299 ms (id client-299)" in finding.detail


def test_no_slow_answer_is_no_finding(tmp_path: Path) -> None:
    found = measured(tmp_path, 10, latency_ms=[10.0, 9.0])

    assert values(found)["slow_inferences"] == 0
    assert found.findings == ()


def test_without_a_bound_none_is_slow(tmp_path: Path) -> None:
    found = measured(tmp_path, None, latency_ms=[1e9])

    assert "slow_inferences" not in values(found)
    assert found.slow.model_dump() == {"slow_ms": None, "count": 0, "slowest": ()}


def test_a_hostile_id_stays_on_its_line(tmp_path: Path) -> None:
    (finding,) = measured(tmp_path, 1, latency_ms=[2.0], inference_id=["a\nb\u202e" + "x" * 500]).findings

    assert finding.detail.isprintable()
    assert len(finding.detail) < 300


def test_all_of_them_may_stand_in_a_plan(tmp_path: Path) -> None:
    found = measured(tmp_path, 1, latency_ms=[2.0], request_bytes=[1], response_bytes=[1], status=["failed"])

    assert set(values(found)) == {name for name, one in METRICS.items() if one.kind is MetricKind.OPERATIONS}


def test_metrics_carry_the_baselines_numbers(tmp_path: Path) -> None:
    baseline_columns = {
        "latency_ms": [float(n) for n in range(1, 102)],
        "request_bytes": [100] * 101,
        "status": ["succeeded"] * 99 + ["failed", "timeout"],
    }
    found = measured(
        tmp_path, 50, baseline_columns, latency_ms=[500.0, 700.0], status=["failed", "succeeded"]
    )
    numbers = {metric.name: (metric.value, metric.baseline) for metric in found.metrics}

    assert numbers["latency_p50"] == (600, np.percentile(baseline_columns["latency_ms"], 50))
    assert numbers["latency_p95"] == (690, np.percentile(baseline_columns["latency_ms"], 95))
    assert numbers["latency_max"] == (700, 101)
    assert numbers["error_share"] == (0.5, 1 / 101)
    assert numbers["timeout_share"] == (0, 1 / 101)
    assert numbers["slow_inferences"] == (2, None)
    assert "request_bytes_p50" not in numbers


def test_a_baseline_without_the_number_gives_none(tmp_path: Path) -> None:
    found = measured(tmp_path, latency_ms=[5.0], baseline_columns={"status": ["succeeded"]})

    assert {metric.baseline for metric in found.metrics} == {None}
