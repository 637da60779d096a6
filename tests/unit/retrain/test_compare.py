"""Champion against challenger on one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from daywatch.retrain.compare import Comparison, compare, deciding_metric
from models import model


def answered(path: Path, wrong: str) -> Path:
    """Write 600 rows, half of them of each country; a row of which ``wrong`` is true is answered wrongly."""
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (
                SELECT n::DOUBLE AS amount, n AS items, true AS member, if(n % 2 = 0, 'DE', 'FR') AS country,
                    if(right_one, label, if(label = '1', '0', '1')) AS prediction,
                    if(prediction = '1', 0.8, 0.2) + (n * 7919 % 600) / 6000 AS probability, label
                FROM (SELECT n, if(n % 3 = 0, '1', '0') AS label, NOT ({wrong}) AS right_one FROM range(600) t(n))
            ) TO '{path}' (FORMAT parquet)
        """)
    return path


def compared(tmp_path: Path, challenger: str, **settings: Any) -> Comparison:
    configured = model(
        retraining={"trainer": "trainers:majority", "promotion": settings}, slices=[{"by": "country"}]
    )
    files = (answered(tmp_path / "a.parquet", "n % 5 = 0"), answered(tmp_path / "b.parquet", challenger))
    return compare(*files, configured, tmp_path)


def test_better_in_all_slices(tmp_path: Path) -> None:
    found = compared(tmp_path, "n % 10 = 0 AND n % 4 = 0", slice_tolerance=0)

    assert found.promoted, found.reason
    assert [one.slice for one in found.results if one.metric == "roc_auc"] == ["", "country=DE", "country=FR"]
    by_name = {one.metric: one for one in found.results if not one.slice}
    accuracy = by_name["accuracy"]
    assert (accuracy.champion, accuracy.challenger) == (0.8, 0.95)
    assert accuracy.improvement == pytest.approx(0.15)
    brier = by_name["brier_score"]
    assert (brier.challenger or 1) < (brier.champion or 0)
    assert (brier.low or 0) > 0
    assert by_name["calibration_error"].low is None


def test_better_but_worse_in_a_slice(tmp_path: Path) -> None:
    found = compared(tmp_path, "n % 50 IN (1, 3, 5, 7, 9, 11, 13)")

    assert not found.promoted
    assert "but country=FR becomes worse by 0." in found.reason
    assert found.reason.endswith("(300 rows); 0.050 is tolerated.")


@pytest.mark.parametrize("challenger", ["n % 5 = 0", "n % 5 = 1", "n % 3 = 0"])
def test_the_same_or_chance_or_worse(tmp_path: Path, challenger: str) -> None:
    found = compared(tmp_path, challenger, slice_tolerance=1)

    assert not found.promoted
    assert found.reason.endswith("That may be chance: the interval holds 0 or less.")


def test_a_warning_of_labels_that_the_model_may_have_caused(tmp_path: Path) -> None:
    files = [answered(tmp_path / name, "n % 5 = 0") for name in ("a.parquet", "b.parquet")]

    assert compare(*files, model(), tmp_path).warning == ""
    assert compare(*files, model(), tmp_path, 0.97).warning.startswith(
        "97.0 % of the training rows have labels"
    )


def test_the_deciding_metric() -> None:
    assert deciding_metric(model()) == "roc_auc"
    assert deciding_metric(model(output__response=["prediction"], plan__rules=[])) == "accuracy"
    regression = {"task": "regression", "response": ["prediction"]}
    assert deciding_metric(model(output=regression, plan__rules=[])) == "mae"
    chosen = {"trainer": "trainers:majority", "promotion": {"metric": "f1"}}
    assert deciding_metric(model(retraining=chosen)) == "f1"
