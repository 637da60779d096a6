"""A window's numbers compared with what is usual by its baseline."""

from __future__ import annotations

import pytest
from daywatch.config.model.columns import ColumnType
from daywatch.config.model.rule import Rule
from daywatch.measure.calibration.compared import (
    category_metrics,
    performance_alerts,
    range_metrics,
    ranges_of,
    with_limit,
)
from daywatch.measure.calibration.limits import Calibration, ColumnRange, PerformanceLimit, ShareLimit
from daywatch.profiles.profile import ColumnProfile, Profile
from daywatch.results import Finding, FindingCode, Metric

CALIBRATION = Calibration(
    days=10,
    shares=(
        ShareLimit(metric="null_share", column="amount", hits=10, rows=1000, largest=0.05),
        ShareLimit(metric="out_of_range_share", column="amount", hits=0, rows=1000),
        ShareLimit(metric="new_category_share", column="kind", hits=0, rows=1000),
    ),
    ranges=(ColumnRange(column="amount", low=0, high=250),),
    performance=(
        PerformanceLimit(metric="roc_auc", low=0.8, high=0.95, days=10),
        PerformanceLimit(metric="mae", low=1.0, high=3.0, days=10),
    ),
)


@pytest.mark.parametrize(("value", "alert"), [(0.05, False), (0.051, True)])
def test_a_share_against_its_days(value: float, alert: bool) -> None:
    found = with_limit(Metric(name="null_share", column="amount", value=value), 100_000, CALIBRATION)

    assert (found.threshold, found.baseline, found.rows, found.alert) == (0.05, 0.01, 100_000, alert)


def test_a_share_of_which_nothing_is_known_stays_as_it_is() -> None:
    for metric in (
        Metric(name="null_share", column="age", value=0.5),
        Metric(name="null_share", column="amount"),
    ):
        assert with_limit(metric, 100, CALIBRATION) is metric


def test_values_out_of_range() -> None:
    ranges = ranges_of(CALIBRATION, None, ())
    (found,) = range_metrics({"amount": (9, 100)}, ranges, CALIBRATION)

    assert (found.name, found.column, found.value, found.alert) == (
        "out_of_range_share",
        "amount",
        0.09,
        True,
    )
    assert found.method == "range 0 to 250"


def test_new_categories() -> None:
    new = Finding(code=FindingCode.NEW_CATEGORY, column="kind", detail="1 category", count=30)

    with_new, without = (
        next(category_metrics(findings, {"kind": 100}, CALIBRATION)) for findings in ([new], [])
    )

    assert (with_new.value, with_new.alert) == (0.3, True)
    assert (without.value, without.alert) == (0.0, False)
    assert list(category_metrics([new], {"kind": 0}, CALIBRATION)) == []


@pytest.mark.parametrize(
    ("name", "value", "baseline", "low", "high", "alert"),
    [
        ("roc_auc", 0.79, 0.9, -0.2, -0.01, True),
        ("roc_auc", 0.79, 0.9, -0.2, 0.01, False),  # the interval has no change in it
        ("roc_auc", 0.81, 0.9, -0.2, -0.01, False),  # a day of the baseline was as bad
        ("accuracy", 0.86, 0.9, -0.05, -0.03, False),  # less than a twentieth
        ("accuracy", 0.84, 0.9, -0.07, -0.05, True),
        ("accuracy", 0.96, 0.9, 0.05, 0.07, False),
        ("mae", 3.1, 2.0, 0.5, 1.5, True),
        ("mae", 2.9, 2.0, 0.5, 1.5, False),
        ("mae", 1.0, 2.0, -1.5, -0.5, False),
        ("roc_auc", 0.7, None, None, None, None),
    ],
)
def test_a_fall_counts_beyond_its_interval_and_beyond_the_days(
    name: str, value: float, baseline: float, low: float, high: float, alert: bool
) -> None:
    metric = Metric(name=name, value=value, baseline=baseline, difference_low=low, difference_high=high)

    (found,) = performance_alerts([metric], CALIBRATION)

    assert found.alert is alert


def test_a_range_that_a_rule_names_without_the_standard_rules() -> None:
    column = ColumnProfile(name="amount", type=ColumnType.NUMBER, count=9, min=10.0, max=110.0)
    rule = Rule.model_validate({"metric": "out_of_range_share", "column": "amount", "red": "> 1 %"})
    baseline = Profile(rows=9, days={}, columns=(column,))

    ranges = ranges_of(None, baseline, [rule])
    (found,) = range_metrics({"amount": (9, 100)}, ranges, None)

    assert (found.value, found.baseline, found.rows, found.alert) == (0.09, 0.0, 100, None)
    assert found.method == "range 0 to 120"
    assert ranges_of(None, baseline, []) == {}
