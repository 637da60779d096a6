"""Metrics of values that rules name, compared with NumPy on the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.model.rule import Rule
from daywatch.judge.column_values import value_metrics
from daywatch.profiles.profile import Profile, profile_rows
from daywatch.results import Metric
from models import model

DAY = pa.scalar(1_700_000_000_000_000, pa.timestamp("us", "UTC"))
MODEL = model(
    features=[{"name": "amount", "type": "number"}, {"name": "country", "type": "category"}],
    output={"task": "binary_classification", "response": ["prediction"], "positive_class": "yes"},
)
RANDOM = np.random.default_rng(7)
AMOUNT = {"window": RANDOM.normal(50, 9, 4000), "baseline": RANDOM.normal(45, 9, 5000)}


def profile(folder: Path, amount: np.ndarray, yes: int, baseline: Profile | None = None) -> Profile:
    rows = len(amount)
    answers = ["yes"] * yes + ["no"] * (rows - yes)
    table = pa.table(
        {
            "inference_time": pa.array([DAY.as_py()] * rows, pa.timestamp("us", "UTC")),
            "amount": amount,
            "country": ["a"] * rows,
            "prediction": answers,
            "label": answers,
        }
    )
    pq.write_table(table, folder / "rows.parquet")
    return profile_rows(folder / "rows.parquet", MODEL, baseline)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Profile, Profile]:
    folder = tmp_path_factory.mktemp("profiles")
    baseline = profile(folder, AMOUNT["baseline"], 500)
    return profile(folder, AMOUNT["window"], 1000, baseline), baseline


def measured(sides: tuple[Profile, Profile], **rule: Any) -> list[Metric]:
    return list(value_metrics([Rule.model_validate({"red": "> 1", **rule})], *sides))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"metric": "mean"}, np.mean),
        ({"metric": "std"}, np.std),
        ({"metric": "min"}, np.min),
        ({"metric": "max"}, np.max),
        ({"metric": "quantile", "q": 0.95}, lambda values: np.quantile(values, 0.95)),
        ({"metric": "quantile", "q": 0.5}, np.median),
        ({"metric": "distinct"}, lambda values: len(np.unique(values))),
    ],
)
def test_statistics_of_a_column_are_those_of_numpy(
    sides: tuple[Profile, Profile], rule: dict[str, Any], expected: Any
) -> None:
    (found,) = measured(sides, column="amount", **rule)

    assert found.column == "amount"
    assert found.value == pytest.approx(expected(AMOUNT["window"]), rel=1e-12)
    assert found.baseline == pytest.approx(expected(AMOUNT["baseline"]), rel=1e-12)
    assert (found.rows, found.baseline_rows) == (4000, 5000)


def test_a_mean_has_the_interval_of_the_central_limit_theorem(sides: tuple[Profile, Profile]) -> None:
    (found,) = measured(sides, metric="mean", column="amount")

    half = 1.959963984540054 * AMOUNT["window"].std(ddof=1) / np.sqrt(4000)
    assert found.high == pytest.approx(AMOUNT["window"].mean() + half, rel=1e-12)
    assert found.difference_low is not None
    assert found.difference_low > 4


def test_shares_of_classes(sides: tuple[Profile, Profile]) -> None:
    (found,) = measured(sides, metric="prediction_class_share", class_name="yes")
    assert (found.class_name, found.column, found.value, found.baseline) == ("yes", "", 0.25, 0.1)

    (gone,) = measured(sides, metric="label_class_share", class_name="maybe")
    assert (gone.value, gone.baseline) == (0.0, 0.0)

    every = measured(sides, metric="prediction_class_share", class_name="any")
    assert {one.class_name: one.value for one in every} == {"yes": 0.25, "no": 0.75}


def test_identical_predictions(sides: tuple[Profile, Profile]) -> None:
    (found,) = measured(sides, metric="identical_predictions")
    assert (found.value, found.baseline) == (0.75, 0.9)


def test_a_column_without_values_has_none(sides: tuple[Profile, Profile]) -> None:
    empty = Profile(rows=0, days={}, columns=())
    rule = Rule.model_validate({"metric": "mean", "column": "amount", "red": "> 1"})

    (found,) = value_metrics([rule], empty, sides[1])
    assert (found.value, found.note) == (None, "the column has no values")


def test_what_no_rule_names_is_not_measured(sides: tuple[Profile, Profile]) -> None:
    assert measured(sides, metric="null_share", column="amount") == []
    twice = [
        Rule.model_validate({"metric": "mean", "column": "amount", "red": one}) for one in ("> 1", "> 2")
    ]
    assert len(list(value_metrics(twice, *sides))) == 1
