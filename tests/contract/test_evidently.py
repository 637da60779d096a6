"""What Daywatch relies on in Evidently: its stat tests, its scores, its snapshot and its page."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow
import pytest
from daywatch.config.model import DriftMethod
from daywatch.measure.drift import read_pair, score_pair
from daywatch.measure.stat_tests import APPLIES_TO, STAT_TESTS, Kind
from daywatch.measure.tables import Column, Role, open_tables

SQL_TYPES = {
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "VARCHAR",
    "category": "VARCHAR",
    "text": "VARCHAR",
}
KINDS = {
    "number": Kind.NUMERIC,
    "integer": Kind.NUMERIC,
    "boolean": Kind.CATEGORICAL,
    "category": Kind.CATEGORICAL,
    "text": Kind.TEXT,
}
EQUAL_SIZES = {"fisher_exact", "g_test"}  # these two raise where the sides differ in rows
TWO_CATEGORIES = {"fisher_exact"}


def frame(count: int, seed: int, shift: float) -> pd.DataFrame:
    """Return columns of every type, with missing values and infinities."""
    random = np.random.default_rng(seed)
    words = np.array(["storm", "fog", "gate", "crew", "fuel", "slot", "wind", "ice", "snow", "taxi"])
    number = random.normal(shift, 1, count)
    number[:5] = [np.nan, np.inf, -np.inf, np.nan, 0.0]
    result = pd.DataFrame(
        {
            "number": number,
            "integer": random.integers(0, 40 + int(10 * shift), count),
            "boolean": random.random(count) < 0.3 + shift / 5,
            "category": random.choice(
                ["AA", "UA", "DL", "größe", "'\"<b>"], count, p=[0.4, 0.3, 0.2, 0.05, 0.05]
            ),
            "text": [" ".join(random.choice(words[: 10 - int(5 * shift)], 5)) for _ in range(count)],
        }
    )
    if shift:
        result.loc[10:14, "category"] = "new one"
    return result


def with_nulls(given: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with every twentieth value of each column missing."""
    result = given.astype({"boolean": object})
    result.loc[::20, :] = None
    return result


def two_categories(given: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with ``AA`` and ``UA`` only."""
    kept = given["category"].isna() | (given["category"] == "AA")
    return given.assign(category=given["category"].where(kept, "UA"))


def ours(column: str, method: str | None, files: tuple[Path, Path], scratch: Path) -> Any:
    """Return Daywatch's score of a column of two Parquet files."""
    measured = Column(column, KINDS[column], SQL_TYPES[column], Role.FEATURE)
    with open_tables(*files, (measured,), scratch) as tables:
        return score_pair(measured, *read_pair(tables, measured), DriftMethod(method=method))


def evidentlys(
    column: str, method: str | None, reference: pd.DataFrame, current: pd.DataFrame
) -> dict[str, Any]:
    """Return what DataDriftPreset says of the column, from full frames in pandas."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    kind = KINDS[column]
    definition = DataDefinition(
        numerical_columns=[column] if kind is Kind.NUMERIC else [],
        categorical_columns=[column] if kind is Kind.CATEGORICAL else [],
        text_columns=[column] if kind is Kind.TEXT else [],
    )
    preset = DataDriftPreset(columns=[column], per_column_method={column: method} if method else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = Report([preset], include_tests=True).run(
            Dataset.from_pandas(current[[column]], data_definition=definition),
            Dataset.from_pandas(reference[[column]], data_definition=definition),
        )
    (drift,) = (each for each in report.dict()["metrics"] if each["metric_name"].startswith("ValueDrift"))
    (test,) = (each for each in report.dict()["tests"] if each["id"] == "drift")
    return {
        "value": float(drift["value"]),
        "threshold": drift["config"]["threshold"],
        "drifted": test["status"].value == "FAIL"
        if hasattr(test["status"], "value")
        else test["status"] == "FAIL",
    }


def parquet(path: Path, given: pd.DataFrame) -> Path:
    """Write a frame as it would be exported."""
    with duckdb.connect() as connection:
        connection.register("given", pyarrow.Table.from_pandas(given, preserve_index=False))
        connection.execute(f"COPY (SELECT * FROM given) TO '{path}' (FORMAT parquet)")
    return path


CASES = [
    (column, method)
    for column, kind in KINDS.items()
    for method in (None, *(name for name in STAT_TESTS if kind in APPLIES_TO[name]))
]


@pytest.mark.parametrize("nulls", [False, True], ids=["full", "nulls"])
@pytest.mark.parametrize(("column", "method"), CASES, ids=str)
def test_scores_equal_those_of_evidentlys_preset(
    column: str, method: str | None, nulls: bool, tmp_path: Path
) -> None:
    small = method in ("TVD", "empirical_mmd") or method in EQUAL_SIZES
    sizes = (150, 150) if small else (1300, 700)
    reference, current = frame(sizes[0], 1, 0.0), frame(sizes[1], 2, 0.0 if method == "g_test" else 0.4)
    if nulls:
        reference, current = with_nulls(reference), with_nulls(current)
    if method in TWO_CATEGORIES and column == "category":
        reference, current = two_categories(reference), two_categories(current)
    if column == "number" and not nulls:
        # without a missing value Evidently's table does not drop infinities, and its tests fail on them
        reference, current = (each.replace([np.inf, -np.inf, np.nan], 0.5) for each in (reference, current))
    files = parquet(tmp_path / "r.parquet", reference), parquet(tmp_path / "c.parquet", current)
    mine = ours(column, method, files, tmp_path)
    if method == "TVD":
        # it adds up a set of categories and compares for equality: with text its answer differs by process
        values = sorted({*reference[column].dropna(), *current[column].dropna()})
        codes = {value: code for code, value in enumerate(values)}
        reference, current = (
            each.assign(**{column: each[column].map(codes)}) for each in (reference, current)
        )
    if method == "empirical_mmd":
        np.random.seed(0)  # (it permutes by the global generator, unseeded)
        from evidently.legacy.calculations.stattests import empirical_mmd

        finite = [
            each[column].astype(float).replace([np.inf, -np.inf], np.nan) for each in (reference, current)
        ]
        clean = [each.dropna() for each in finite]
        theirs = {"value": empirical_mmd(*clean, "num", None).drift_score, "threshold": 0.1}
        theirs["drifted"] = theirs["value"] < 0.1
    else:
        theirs = evidentlys(column, method, reference, current)
    assert mine.value == pytest.approx(theirs["value"], abs=1e-9, rel=1e-9), mine
    assert (mine.threshold, mine.drifted) == (theirs["threshold"], theirs["drifted"])


@pytest.mark.parametrize("count", [200, 1500])
@pytest.mark.parametrize("distinct", [2, 4, 100])
@pytest.mark.parametrize("column", ["integer", "category"])
def test_automatic_choice_is_evidentlys(column: str, distinct: int, count: int, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    sides = [pd.DataFrame({column: random.integers(0, distinct, count)}) for _ in range(2)]
    if column == "category":
        sides = [side.astype(str) for side in sides]
    files = parquet(tmp_path / "r.parquet", sides[0]), parquet(tmp_path / "c.parquet", sides[1])
    mine, theirs = ours(column, None, files, tmp_path), evidentlys(column, None, *sides)
    assert mine.value == pytest.approx(theirs["value"], abs=1e-9)
    assert (mine.threshold, mine.drifted) == (theirs["threshold"], theirs["drifted"])


def test_table_of_stat_tests_is_evidentlys_registry() -> None:
    script = (
        "import json, evidently.legacy.calculations.stattests.registry as r;"
        "print(json.dumps({n: sorted(t.value for t in k) for n, k in r._registered_stat_tests.items()}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) == {
        name: [kind.value for kind in kinds] for name, kinds in APPLIES_TO.items()
    }
    assert tuple(sorted(APPLIES_TO)) == STAT_TESTS


def test_snapshot_has_the_shape_that_is_joined_and_pinned() -> None:
    from evidently import DataDefinition, Dataset, Report
    from evidently.core.report import Snapshot
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(numerical_columns=["number"])
    sides = [
        Dataset.from_pandas(
            frame(100, seed, 0.0)[["integer"]].rename(columns={"integer": "number"}), definition
        )
        for seed in (1, 2)
    ]
    time = datetime(2013, 2, 9, tzinfo=UTC)
    document = json.loads(Report([DataDriftPreset()]).run(*sides, timestamp=time, name="flights").dumps())
    assert set(document) == {
        "report",
        "name",
        "timestamp",
        "metadata",
        "tags",
        "metric_results",
        "top_level_metrics",
        "widgets",
        "tests_widgets",
    }
    assert (document["report"], document["name"]) == ({"items": []}, "flights")
    assert all({"id", "additionalGraphs", "widgets", "type"} <= set(widget) for widget in document["widgets"])
    graphs = [graph for widget in document["widgets"] for graph in widget["additionalGraphs"]]
    assert graphs
    assert all("id" in graph for graph in graphs)
    assert Snapshot.loads(json.dumps(document)).dict()["metrics"]


def test_a_measured_snapshot_opens_in_evidently() -> None:
    from daywatch.measure.snapshot import empty_document, merged
    from evidently.core.report import Snapshot

    document = merged([empty_document("flights", datetime(2013, 2, 9, tzinfo=UTC))])
    assert Snapshot.loads(json.dumps(document)).get_name() == "flights"


def test_telemetry_is_off() -> None:
    script = (
        "import os; os.environ.pop('DO_NOT_TRACK', None);"
        "import daywatch.measure; from evidently.telemetry import event_logger;"
        "print(event_logger.is_enabled())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
