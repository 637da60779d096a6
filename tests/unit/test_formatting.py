"""Numbers for people."""

from __future__ import annotations

import pytest
from daywatch import formatting as numbers
from daywatch.results import Metric


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.637, "0.637"),
        (0.0, "0"),
        (-0.0421, "-0.042"),
        (1.0, "1"),
        (1.214, "1.21"),
        (22.44, "22.4"),
        (756.0, "756"),
        (12345.0, "12,345"),
        (12345.6, "12,346"),
        (1.2e-08, "1.2e-08"),
        (3.4e12, "3.4e+12"),
        (None, "not measured"),
    ],
)
def test_number(value: float | None, shown: str) -> None:
    assert numbers.number(value) == shown


@pytest.mark.parametrize(
    ("values", "spread", "shown"),
    [
        ((45.012, 45.031), 0.02, ("45.012", "45.031")),
        ((45.012, 45.031), 20, ("45.0", "45.0")),
        ((41.0, 41.26), 3.0, ("41.0", "41.3")),
        ((0.35, 0.351), 0.2, ("0.350", "0.351")),
        ((12_345.0, 12_346.0), 0.5, ("12,345.00", "12,346.00")),
        ((3e-7, 4e-7), 1e-7, ("3.0e-07", "4.0e-07")),
        ((45.012, 45.031), 0.0, ("45.0", "45.0")),
    ],
)
def test_compared_numbers_have_digits_by_their_spread(
    values: tuple[float, ...], spread: float, shown: tuple[str, ...]
) -> None:
    assert numbers.numbers(*values, spread=spread) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.041, "4.1 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.99999, "100 %"),
        (0.00042, "0.042 %"),
        (None, "not measured"),
    ],
)
def test_percent(share: float | None, shown: str) -> None:
    assert numbers.percent(share) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("null_share", 0.53, "53.0 %"),
        ("rows", 5_000_000, "5,000,000"),
        ("drifted_columns", 7, "7"),
        ("roc_auc", 0.5, "0.500"),
        ("latency_p95", 573.9, "574 ms"),
        ("latency_p95", 68.69, "68.7 ms"),
        ("request_bytes_max", 12345, "12,345 bytes"),
        ("latency_max", None, "not measured"),
        ("somebodys_own", 3.14159, "3.14"),
    ],
)
def test_metric_value_has_the_metrics_unit(name: str, value: float | None, shown: str) -> None:
    assert numbers.metric_value(name, value) == shown


def test_metric_title() -> None:
    assert numbers.metric_title("drift_score", "visib", "origin=JFK") == "Drift score of visib in origin=JFK"
    assert numbers.metric_title("somebodys_own") == "somebodys_own"


def test_plural() -> None:
    assert [numbers.plural(n, "hour") for n in (1, 2, 1200)] == ["1 hour", "2 hours", "1,200 hours"]


def test_threshold_is_as_written() -> None:
    assert [numbers.threshold(value) for value in (0.1, 0.05, 5.0)] == ["0.1", "0.05", "5"]


WORTH = Metric(name="roc_auc", value=0.635, low=0.59, high=0.68, rows=742, baseline=0.81)


@pytest.mark.parametrize(
    ("metric", "interval", "change", "both"),
    [
        (WORTH, "0.590 to 0.680, 742 rows", "-0.175", "0.590 to 0.680, 742 rows; baseline 0.810, -0.175"),
        (
            WORTH.model_copy(update={"baseline": None}),
            "0.590 to 0.680, 742 rows",
            "",
            "0.590 to 0.680, 742 rows",
        ),
        (WORTH.model_copy(update={"high": None}), "", "-0.175", "baseline 0.810"),
        (WORTH.model_copy(update={"value": 0.9}), "0.590 to 0.680, 742 rows", "+0.090", None),
        (Metric(name="labelled_share", value=0.5, baseline=0.25), "", "+25.0 %", "baseline 25.0 %"),
        (Metric(name="roc_auc", baseline=0.8, note="no labels"), "", "", "baseline 0.800"),
    ],
)
def test_interval_change_and_both(metric: Metric, interval: str, change: str, both: str | None) -> None:
    assert numbers.interval(metric) == interval
    assert numbers.change(metric) == change
    assert both is None or numbers.interval_and_baseline(metric) == both
