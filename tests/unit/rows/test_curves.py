"""ROC curve and calibration compared with scikit-learn's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.rows.curves import MOST_CLASSES, ClassCurves, Curves, has_curves, stored_curves
from daywatch.run import WindowRun
from daywatch.window import Window
from models import NAME, local_deployment, model
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_curve

DAY = "2024-03-03"
RUN = WindowRun(
    model=NAME,
    start=Window.of_day(DAY).start.isoformat(),
    end=Window.of_day(DAY).end.isoformat(),
    revision="0" * 16,
    baseline_id="b",
)


def _stored(folder: Path, window: str, baseline: str, **changes: Any) -> tuple[ClassCurves, ...]:
    deployment = local_deployment(folder)
    for key, query in (
        (WindowFolder(NAME, DAY, "0" * 16).inferences, window),
        (BaselineFolder(NAME, "b").inferences, baseline),
    ):
        file = Path(deployment.artifacts_uri) / key
        file.parent.mkdir(parents=True)
        with duckdb.connect() as connection:
            connection.execute("SELECT setseed(0.5)")
            connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    return stored_curves(RUN, model(**changes), deployment)


def _curves(folder: Path, window: str, baseline: str) -> tuple[Curves, Curves]:
    (found,) = _stored(folder, window, baseline)
    assert found.name == "1"
    return found.window, found.baseline


_ROWS = "SELECT {p} AS probability, if(random() < {p}, '1', '0') AS label FROM (SELECT random() AS r FROM range({n}))"


def test_the_curves_are_those_of_scikit_learn(tmp_path: Path) -> None:
    few = _ROWS.format(p="round(r, 1)", n=60)  # ties: eleven scores
    many = f"SELECT r.* FROM ({_ROWS.format(p='r', n=20_000)}) AS r UNION ALL SELECT 0.5, NULL UNION ALL SELECT NULL, '1'"

    window, baseline = _curves(tmp_path, few, many)

    root = Path(local_deployment(tmp_path).artifacts_uri)
    p, label = (
        duckdb.sql(f"SELECT probability, label = '1' FROM '{root / RUN.folder.inferences}'")
        .fetchnumpy()
        .values()
    )
    false, true, _ = roc_curve(label, p, drop_intermediate=False)
    assert np.array(window.roc) == pytest.approx(np.column_stack((false, true)))
    assert sum(one.rows for one in window.calibration) == 60

    assert baseline.rows == 20_000
    assert len(baseline.roc) <= 103
    assert (baseline.roc[0], baseline.roc[-1]) == ((0.0, 0.0), (1.0, 1.0))
    p, label = (
        duckdb.sql(
            f"SELECT probability, label = '1' FROM '{root / RUN.baseline.inferences}' WHERE label IS NOT NULL AND probability IS NOT NULL"
        )
        .fetchnumpy()
        .values()
    )
    false, true, _ = roc_curve(label, p, drop_intermediate=False)
    known = {(round(x, 9), round(y, 9)) for x, y in zip(false, true, strict=True)}
    assert {(round(x, 9), round(y, 9)) for x, y in baseline.roc} <= known
    share, mean = calibration_curve(label, p, n_bins=10)
    assert [one.positive for one in baseline.calibration] == pytest.approx(share)
    assert [one.probability for one in baseline.calibration] == pytest.approx(mean)


def test_without_labels_or_with_one_class_there_is_no_roc_curve(tmp_path: Path) -> None:
    window, baseline = _curves(
        tmp_path,
        "SELECT 0.5 AS probability, NULL::VARCHAR AS label FROM range(3)",
        "SELECT 0.5 AS probability, '1' AS label FROM range(3)",
    )

    assert (window.rows, window.roc, window.calibration) == (0, (), ())
    assert (baseline.rows, baseline.roc) == (3, ())
    assert [(one.probability, one.positive, one.rows) for one in baseline.calibration] == [(0.5, 1.0, 3)]


def test_each_class_of_several_is_compared_with_the_rest(tmp_path: Path) -> None:
    classes = [f"c{n}" for n in range(8)]
    output = {
        "task": "multiclass_classification",
        "response": ["probabilities"],
        "classes": classes,
    }
    scores = ", ".join("random()" for _ in classes)
    rows = f"SELECT [{scores}] AS probabilities, 'c' || least(7, floor(8 * random() * random()))::INT AS label FROM range(400)"

    found = _stored(tmp_path, rows, "SELECT 'c1' AS label", output=output)

    window = duckdb.sql(
        f"SELECT * FROM '{Path(local_deployment(tmp_path).artifacts_uri) / RUN.folder.inferences}'"
    ).df()
    counted = window["label"].value_counts()
    assert [one.name for one in found] == sorted(classes, key=lambda one: (-counted.get(one, 0), one))[
        :MOST_CLASSES
    ]
    second = found[1]
    p = np.stack(window["probabilities"].to_list())[:, classes.index(second.name)]
    false, true, _ = roc_curve(window["label"] == second.name, p, drop_intermediate=False)
    known = {(round(x, 9), round(y, 9)) for x, y in zip(false, true, strict=True)}
    assert {(round(x, 9), round(y, 9)) for x, y in second.window.roc} <= known
    assert (second.window.rows, second.baseline) == (400, Curves(0, (), ()))


def test_only_classifiers_with_probabilities_have_curves() -> None:
    assert has_curves(model())
    assert not has_curves(model(output={"task": "regression", "response": ["prediction"]}))
    assert not has_curves(model(output={"task": "binary_classification", "response": ["prediction"]}))
    assert not has_curves(model(output={"task": "multiclass_classification", "response": ["prediction"]}))
