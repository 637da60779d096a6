"""Model Monitor's statistics as the rows of a baseline: the same distributions, or one sentence."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import models
import numpy as np
import pyarrow.parquet as pq
import pytest
from daywatch.engine.budget import STATISTICS_ROWS
from daywatch.errors import ConfigurationError, SetupError
from daywatch.ingest.datasets.read import read_dataset
from daywatch.ingest.datasets.statistics_table import columns_of
from daywatch.ingest.reading.gzip_stream import Refusal
from monitor_files import categories, numbers, statistics
from scipy.stats import ks_2samp

COUNTRIES = {"DE": 700, "FR": 290}


def kll(values: Any, level: int) -> list[list[float]]:
    """Return a sketch of which one list has a sample of the values, each of which stands for 2^level."""
    return [*[[] for _ in range(level)], np.sort(values)[2 ** (level - 1) :: 2**level].tolist()]


def column(feature: dict[str, Any]) -> Any:
    return columns_of(statistics(feature).encode())[feature["name"]]


def test_a_whole_sketch_has_every_value() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=1_500)

    found = column(numbers("x", values, missing=500))

    assert (len(found), found.null_count) == (2_000, 500)
    assert sorted(found.drop_null().to_pylist()) == sorted(values.tolist())


def test_a_compact_sketch_has_the_distribution() -> None:
    values = np.random.default_rng(2).gamma(2.0, size=64_000)
    feature = numbers("x", values)
    feature["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"] = kll(values, 5)

    found = column(feature).to_numpy()

    assert len(found) == 64_000
    assert ks_2samp(found, values).statistic < 0.001


def test_without_a_sketch_the_buckets_have_it() -> None:
    values = np.random.default_rng(3).uniform(-5, 5, size=4_000)
    feature = numbers("x", values)
    del feature["numerical_statistics"]["distribution"]["kll"]["sketch"]

    found = column(feature).to_numpy()

    assert (found.min(), found.max()) == (values.min(), values.max())
    assert np.histogram(found, 10)[0] == pytest.approx(np.histogram(values, 10)[0], abs=2)


def test_more_rows_than_are_kept_have_the_same_shares() -> None:
    found = column(categories("c", {"a": 3 * STATISTICS_ROWS, "b": STATISTICS_ROWS}))

    assert Counter(found.to_pylist()) == {"a": STATISTICS_ROWS * 3 / 4, "b": STATISTICS_ROWS / 4}


def test_values_that_are_not_listed_are_others() -> None:
    feature = categories("c", {"a": 60, "b": 30})
    feature["string_statistics"]["common"]["num_present"] = 100
    feature["string_statistics"]["distinct_count"] = 4.0

    found = Counter(column(feature).to_pylist())

    assert found == {"a": 60, "b": 30, "unlisted value 1": 5, "unlisted value 2": 5}


def test_columns_are_independent_and_always_the_same() -> None:
    values = np.arange(5_000.0)
    content = statistics(numbers("x", values), numbers("y", values)).encode()

    found, again = columns_of(content), columns_of(content)

    assert found == again
    assert abs(np.corrcoef(found["x"].to_numpy(), found["y"].to_numpy())[0, 1]) < 0.05


def test_a_baseline_has_the_types_of_the_model(tmp_path: Path) -> None:
    file = statistics(
        numbers("bought", np.repeat([0, 1], [600, 400]), kind="Integral"),
        numbers("amount", np.linspace(0, 99.5, 990), missing=10),
        numbers("items", np.arange(1000) % 7, kind="Integral"),
        categories("member", {"true": 300, "false": 700}),
        categories("country", COUNTRIES, missing=10),
    )
    (tmp_path / "data" / "churn").mkdir(parents=True)
    (tmp_path / "data" / "churn" / "statistics.json").write_text(file)
    model = models.model(baseline={"dataset": "churn/statistics.json", "label": "bought"})

    files = read_dataset(model, models.local_deployment(tmp_path), tmp_path)

    rows = pq.read_table(files.inferences)
    assert (files.counts.rows, files.counts.labelled, files.counts.quarantined) == (1000, 1000, 0)
    assert Counter(rows["country"].to_pylist()) == {**COUNTRIES, None: 10}
    assert Counter(rows["label"].to_pylist()) == {"0": 600, "1": 400}
    assert Counter(rows["items"].to_pylist()) == Counter((np.arange(1000) % 7).tolist())
    assert set(rows["prediction"].to_pylist()) == {None}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "expected Model Monitor's statistics.json"),
        ('{"version": 0, "features": [{"name": "x", "inferred_type": "Integral"}]}', "no statistics of x"),
        (statistics(numbers("x", [1, 2]), numbers("y", [1])), "different numbers of rows: x 2, y 1"),
        (statistics(numbers("x", [1]), numbers("x", [1])), "two features have one name"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "statistics.json").write_text(content)
    model = models.model(baseline={"dataset": "statistics.json"})

    with pytest.raises(SetupError, match=expected):
        read_dataset(model, models.local_deployment(tmp_path), tmp_path)


def test_a_column_without_a_distribution_is_refused() -> None:
    feature = numbers("x", [1, 2])
    del feature["numerical_statistics"]["distribution"]

    with pytest.raises(Refusal, match="no distribution of x"):
        column(feature)


def test_statistics_have_no_answers_by_row() -> None:
    with pytest.raises((ConfigurationError, ValueError), match="which answer belongs to which row"):
        models.model(baseline={"dataset": "statistics.json", "prediction": "answer"})


def test_the_file_is_json_that_model_monitor_writes() -> None:
    assert json.loads(statistics(numbers("x", [1.0])))["dataset"] == {"item_count": 1.0}
