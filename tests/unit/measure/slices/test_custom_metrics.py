"""Custom metrics on all rows and on slices, compared with pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import open_tables
from daywatch.measure.slices.custom_metrics import open_custom_metrics
from daywatch.measure.slices.partition import read_partitions
from daywatch.measure.slices.volume import count_slices, label_masks
from daywatch.results import Metric
from measured_files import make_model, write_parquet

METRICS = [
    {"name": "approval_rate", "expression": "avg(prediction = 'yes')"},
    {"name": "mean_delay", "expression": "avg(CASE WHEN origin = 'JFK' THEN delay END)"},
    {"name": "missed_share", "expression": "avg(label = 'yes' AND NOT prediction = 'yes')"},
    {"name": "spread", "expression": "max(delay) - min(delay)"},
    {"name": "broken", "expression": "avg(CAST(origin AS DOUBLE))"},
]


def frame(count: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "delay": random.normal(5, 2, count),
            "origin": random.choice(["JFK", "EWR"], count),
            "prediction": random.choice(["yes", "no"], count, p=[0.3, 0.7]),
            "label": np.where(np.arange(count) % 2 == 0, random.choice(["yes", "no"], count), None),
        }
    )


def configured(**changes: Any) -> MonitoredModel:
    return make_model(
        {"delay": "number", "origin": "category"},
        output={"task": "binary_classification", "response": ["prediction"], "positive_class": "yes"},
        custom_metrics=METRICS,
        slices=[{"by": "origin", "top": 2}],
        **changes,
    )


@pytest.fixture(scope="module")
def sides() -> dict[str, pd.DataFrame]:
    return {"window": frame(400, 1), "baseline": frame(900, 2)}


def _columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    found = rows.to_dict("list")
    return {str(name): [None if pd.isna(one) else one for one in values] for name, values in found.items()}


def measured(
    folder: Path, sides: dict[str, pd.DataFrame], model: MonitoredModel
) -> tuple[list[Metric], dict[str, list[Metric]]]:
    files = [
        write_parquet(folder / f"{name}.parquet", model, _columns(sides[name]))
        for name in ("baseline", "window")
    ]
    with (
        open_tables(files[0], files[1], measured_columns(model), folder) as tables,
        open_custom_metrics(files[0], files[1], model, folder) as custom,
    ):
        partitions = read_partitions(tables, model)
        slices = count_slices(model, partitions, label_masks(tables))
        return custom.of_window(), custom.of_slices(partitions, slices)


def expected(rows: pd.DataFrame) -> dict[str, float]:
    labelled = rows[rows.label.notna()]
    return {
        "approval_rate": float((rows.prediction == "yes").mean()),
        "mean_delay": float(rows.delay[rows.origin == "JFK"].mean()),
        "missed_share": float(((labelled.label == "yes") & (labelled.prediction != "yes")).mean()),
        "spread": float(rows.delay.max() - rows.delay.min()),
    }


def test_the_window_the_baseline_and_slices(tmp_path: Path, sides: dict[str, pd.DataFrame]) -> None:
    of_window, of_slices = measured(tmp_path, sides, configured())

    found = {one.name: one for one in of_window}
    for name, value in expected(sides["window"]).items():
        assert found[name].value == pytest.approx(value, rel=1e-12)
        assert found[name].baseline == pytest.approx(expected(sides["baseline"])[name], rel=1e-12)
    assert (found["approval_rate"].rows, found["missed_share"].rows) == (400, 200)
    assert found["broken"].value is None
    assert found["broken"].note.startswith("it cannot be computed")

    jfk = {one.name: one for one in of_slices["origin=JFK"]}
    rows = {name: side[side.origin == "JFK"] for name, side in sides.items()}
    for name, value in expected(rows["window"]).items():
        assert jfk[name].value == pytest.approx(value, rel=1e-12)
        assert jfk[name].baseline == pytest.approx(expected(rows["baseline"])[name], rel=1e-12)


def test_without_enough_labels_there_is_no_value(tmp_path: Path, sides: dict[str, pd.DataFrame]) -> None:
    plan = {"rules": [{"metric": "rows", "red": "< 1"}], "minimum": {"rows": 1, "labels": 201}}
    of_window, _ = measured(tmp_path, sides, configured(plan=plan))

    found = {one.name: one for one in of_window}
    assert found["missed_share"].note == "200 labelled rows, fewer than the plan's minimum of 201"
    assert found["approval_rate"].value is not None
