"""What Daywatch relies on in Evidently: its stat tests, its scores, its snapshot and its page."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow
import pytest
from daywatch.config.drift_methods import APPLIES_TO, STAT_TESTS, ColumnKind, automatic_test
from daywatch.config.model.columns import DriftMethod
from daywatch.measure.columns.counts import count_columns
from daywatch.measure.columns.measured_columns import Column, Role
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.columns.values import read_column, usable_values
from daywatch.measure.drift.kernels import KERNELS
from daywatch.measure.drift.scoring import Score, score_values
from evidently.legacy.core import ColumnType

SQL_TYPES = {
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "VARCHAR",
    "category": "VARCHAR",
    "text": "VARCHAR",
}
KINDS = {
    "number": ColumnKind.NUMERIC,
    "integer": ColumnKind.NUMERIC,
    "boolean": ColumnKind.CATEGORICAL,
    "category": ColumnKind.CATEGORICAL,
    "text": ColumnKind.TEXT,
}
WORDS = np.array(["storm", "fog", "gate", "crew", "fuel", "slot", "wind", "ice", "snow", "taxi"])
SLOW = {"TVD", "empirical_mmd"}  # a thousand permutations, and a matrix of all rows
EQUAL_SIZES = {"fisher_exact", "g_test"}  # these two raise where the sides differ in rows
ADDS_A_SET = {"TVD", "hellinger"}
"""They add up a set of categories, and the order changes the last digit: with text their answer differs by process."""

LEFT = {"anderson", "chisquare", "cramer_von_mises", "g_test", "mannw", "wasserstein", "z"}
"""The methods whose score may leave Evidently's number, which is then next to it (decision 33)."""

Sides = tuple[pd.Series, pd.Series]
Make = Callable[[np.random.Generator, int, int], tuple[Any, Any]]


def _with_gaps(values: Any) -> pd.Series:
    holed = pd.Series(values).astype(object)
    holed[::20] = None
    return pd.to_numeric(holed) if isinstance(values[0], float | np.integer) else holed


def _with_infinities(values: Any) -> Any:
    values[:5] = [np.nan, np.inf, -np.inf, np.nan, 0.0]
    return values


def _words(random: np.random.Generator, rows: int, known: int) -> Any:
    return [" ".join(random.choice(WORDS[:known], 5)) for _ in range(rows)]


def _skewed(random: np.random.Generator, rows: int, names: list[str]) -> Any:
    shares = np.arange(1, len(names) + 1) / np.arange(1, len(names) + 1).sum()
    return random.choice(names, rows, p=shares)


SHAPES: dict[str, dict[str, Make]] = {
    "number": {
        "shifted": lambda r, n, m: (r.normal(0, 1, n), r.normal(0.4, 1.2, m)),
        "gaps and infinities": lambda r, n, m: (
            _with_infinities(r.normal(0, 1, n)),
            _with_infinities(r.normal(0.1, 1, m)),
        ),
        "ties": lambda r, n, m: (r.normal(0, 1, n).round(1), r.normal(0.1, 1, m).round(1)),
        "few": lambda r, n, m: (r.integers(0, 15, n) / 2, r.integers(1, 18, m) / 2),
        "three": lambda r, n, m: (r.integers(0, 3, n) / 2, r.integers(0, 3, m) / 2),
        "two": lambda r, n, m: (r.integers(0, 2, n) / 2, (r.random(m) < 0.3) / 2),
        "constant": lambda r, n, m: (np.full(n, 3.7), np.full(m, 3.7)),
        "another constant": lambda r, n, m: (np.full(n, 3.7), np.full(m, 4.1)),
        "constant in the window": lambda r, n, m: (r.normal(0, 1, n), np.full(m, 0.1)),
        "apart": lambda r, n, m: (r.normal(0, 1, n), r.normal(100, 1, m)),
        "zeroes with a tail": lambda r, n, m: (
            r.exponential(9, n) * (r.random(n) < 0.1),
            r.exponential(5, m) * (r.random(m) < 0.2),
        ),
        "signed zeroes": lambda r, n, m: (r.choice([-0.0, 0.0, 1.0], n), r.choice([-0.0, 0.0, 2.0], m)),
        "huge": lambda r, n, m: (r.choice([1e308, -1e308], n), r.choice([1e308, -1e308], m)),
        "close to each other": lambda r, n, m: (
            1e16 + 2 * r.integers(0, 30, n),
            1e16 + 4.0 * r.integers(0, 30, m),
        ),
        "one row": lambda r, n, m: (r.normal(0, 1, n), np.array([0.25])),
    },
    "integer": {
        "shifted": lambda r, n, m: (r.integers(0, 40, n), r.integers(0, 44, m)),
        "gaps": lambda r, n, m: (_with_gaps(r.integers(0, 40, n)), r.integers(0, 44, m)),
        "wide": lambda r, n, m: (r.integers(-(10**12), 10**12, n), r.integers(-(10**12), 2 * 10**12, m)),
        "narrow": lambda r, n, m: (r.integers(0, 22, n), r.integers(0, 22, m)),
        "three": lambda r, n, m: (r.integers(0, 3, n), r.integers(0, 3, m)),
    },
    "boolean": {
        "shifted": lambda r, n, m: (r.random(n) < 0.3, r.random(m) < 0.4),
        "gaps": lambda r, n, m: (_with_gaps(r.random(n) < 0.3), _with_gaps(r.random(m) < 0.3)),
        "constant": lambda r, n, m: (np.full(n, True), np.full(m, True)),
        "turned": lambda r, n, m: (np.full(n, True), np.full(m, False)),
    },
    "category": {
        "hostile names": lambda r, n, m: (
            _skewed(r, n, ["", "größe", "'\"<b>", "UA", "AA"]),
            _skewed(r, m, ["größe", "", "'\"<b>", "UA", "AA"]),
        ),
        "new and vanished": lambda r, n, m: (
            _skewed(r, n, ["DL", "UA", "AA"]),
            _skewed(r, m, ["new", "UA", "AA"]),
        ),
        "gaps": lambda r, n, m: (
            _with_gaps(_skewed(r, n, ["DL", "AA"])),
            _with_gaps(_skewed(r, m, ["DL", "AA"])),
        ),
        "the same": lambda r, n, m: (np.array(["AA", "UA"] * (n // 2)), np.array(["AA", "UA"] * (m // 2))),
        "two": lambda r, n, m: (_skewed(r, n, ["DL", "AA"]), _skewed(r, m, ["AA", "DL"])),
        "many": lambda r, n, m: (
            _skewed(r, n, [f"k{number}" for number in range(300)]),
            _skewed(r, m, [f"k{number}" for number in range(330)]),
        ),
        "constant": lambda r, n, m: (np.full(n, "AA"), np.full(m, "AA")),
        "another constant": lambda r, n, m: (np.full(n, "AA"), np.full(m, "UA")),
    },
    "text": {
        "shifted": lambda r, n, m: (_words(r, n, 10), _words(r, m, 8)),
        "gaps": lambda r, n, m: (_with_gaps(_words(r, n, 10)), _with_gaps(_words(r, m, 10))),
    },
}


def sides_of(column: str, shape: str, rows: tuple[int, int]) -> Sides:
    """Return a column's values on both sides, as pandas holds them."""
    random = np.random.default_rng(7)
    reference, current = (pd.Series(values, name=column) for values in SHAPES[column][shape](random, *rows))
    return reference, current


def ours(column: str, method: str | None, sides: Sides, scratch: Path) -> Score:
    """Return Daywatch's score of a column of two Parquet files."""
    files = [parquet(scratch / f"{name}.parquet", side) for name, side in zip("rc", sides, strict=True)]
    measured = Column(column, KINDS[column], SQL_TYPES[column], Role.FEATURE)
    label = Column("label", ColumnKind.CATEGORICAL, "VARCHAR", Role.LABEL)
    with open_tables(files[0], files[1], (measured, label), scratch) as tables:
        values = usable_values(measured, read_column(tables, measured, count_columns(tables)).values)
    return score_values(measured, values[Side.BASELINE], values[Side.WINDOW], DriftMethod(method=method))


def parquet(path: Path, given: pd.Series) -> Path:
    """Write a column as it would be exported: integers with gaps are integers."""
    array = pyarrow.Array.from_pandas(given, type=pyarrow.int64() if given.name == "integer" else None)
    with duckdb.connect() as connection:
        connection.register("given", pyarrow.table({str(given.name): array}))
        connection.execute(f"COPY (SELECT * FROM given) TO '{path}' (FORMAT parquet)")
    return path


def evidentlys(method: str | None, sides: Sides) -> dict[str, Any]:
    """Return what Evidently says of the column, from full frames in pandas, through its public report."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    reference, current = sides
    column = str(reference.name)
    kind = KINDS[column]
    definition = DataDefinition(
        numerical_columns=[column] if kind is ColumnKind.NUMERIC else [],
        categorical_columns=[column] if kind is ColumnKind.CATEGORICAL else [],
        text_columns=[column] if kind is ColumnKind.TEXT else [],
    )
    np.random.seed(0)  # (a test that permutes by the global generator leaves it unseeded)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        report = Report([ValueDrift(column=column, method=method)], include_tests=True).run(
            Dataset.from_pandas(current.to_frame(), data_definition=definition),
            Dataset.from_pandas(reference.to_frame(), data_definition=definition),
        )
    (drift,) = report.dict()["metrics"]
    (test,) = report.dict()["tests"]
    return {
        "value": float(drift["value"]),
        "threshold": drift["config"]["threshold"],
        "drifted": str(getattr(test["status"], "value", test["status"])) == "FAIL",
    }


def stat_test_alone(method: str | None, sides: Sides) -> dict[str, Any]:
    """Return what Evidently's own stat test says, where its report cannot plot the column."""
    from evidently.legacy.calculations.stattests import get_stattest

    clean = [side.replace([-np.inf, np.inf], np.nan).dropna() for side in sides]
    kind = ColumnType(KINDS[str(sides[0].name)].value)
    np.random.seed(0)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        result = get_stattest(clean[0], clean[1], kind, method)(clean[0], clean[1], kind, None)
    return {
        "value": float(result.drift_score),
        "threshold": result.actual_threshold,
        "drifted": bool(result.drifted),
    }


def theirs_or_none(method: str | None, sides: Sides) -> dict[str, Any] | None:
    """Return Evidently's score, None where its stat test fails or gives no number."""
    try:
        found = evidentlys(method, sides)
    except (ValueError, ArithmeticError, LookupError):
        try:
            found = stat_test_alone(method, sides)
        except (ValueError, ArithmeticError, LookupError):
            return None
    return found if math.isfinite(found["value"]) else None


def rows_for(method: str | None) -> list[tuple[int, int]]:
    """Return sizes on both sides of Evidently's rules: 1,000 rows, and 10,000 for the exact K-S test."""
    if method in SLOW | EQUAL_SIZES:
        return [(150, 150)]
    if method == "ks":
        return [(700, 500), (12_000, 9_000)]
    return [(700, 500), (1300, 800)] if method is None or method in KERNELS else [(700, 500)]


def is_long(method: str | None, rows: tuple[int, int]) -> bool:
    """Only the automatic choice depends on the size: a second size of a method is left to ``make test-shapes``."""
    return method in KERNELS and method != "ks" and rows != (700, 500)


CASES = [
    pytest.param(column, shape, method, rows, marks=[pytest.mark.long] if is_long(method, rows) else [])
    for column, kind in KINDS.items()
    for shape in SHAPES[column]
    for method in (None, *(name for name in STAT_TESTS if kind in APPLIES_TO[name]))
    for rows in rows_for(method)
]


@pytest.mark.parametrize(("column", "shape", "method", "rows"), CASES, ids=str)
def test_scores_equal_evidentlys(
    column: str, shape: str, method: str | None, rows: tuple[int, int], tmp_path: Path
) -> None:
    sides = sides_of(column, shape, rows)
    mine = ours(column, method, sides, tmp_path)
    if method in ADDS_A_SET and KINDS[column] is ColumnKind.CATEGORICAL:
        names = sorted({*sides[0].dropna(), *sides[1].dropna()})
        sides = tuple(side.dropna().map(names.index) for side in sides)  # type: ignore[assignment]
    theirs = theirs_or_none(method, sides)
    if shape == "constant" and method in SLOW:
        assert (mine.value, mine.drifted) == (1.0, False)
        return
    if theirs is None:
        if shape == "constant":
            assert (mine.value is not None, mine.drifted) == (True, False)
        else:
            scored = shape == "huge" and (method is None or method in KERNELS)
            assert (mine.value is not None, bool(mine.note)) == (scored, not scored)
        return
    own = mine.value if mine.evidentlys is None else mine.evidentlys
    assert own == pytest.approx(theirs["value"], abs=1e-9, rel=1e-9), mine
    assert mine.threshold == theirs["threshold"]
    if mine.evidentlys is None:
        assert mine.drifted == theirs["drifted"]
    else:
        assert mine.method in LEFT or shape == "constant"


def test_most_cases_have_a_score_to_compare() -> None:
    scored = [
        theirs_or_none(None, sides_of(column, shape, (700, 500))) is not None
        for column in ("number", "integer", "category")
        for shape in SHAPES[column]
    ]
    assert sum(scored) >= len(scored) - 1  # (all but the huge numbers)


@pytest.mark.parametrize("method", sorted(name for name in KERNELS if ColumnKind.NUMERIC in APPLIES_TO[name]))
@pytest.mark.parametrize("shape", ["shifted", "ties", "apart", "zeroes with a tail", "constant"])
def test_kernels_equal_evidently_beyond_a_block(shape: str, method: str, tmp_path: Path) -> None:
    sides = sides_of("number", shape, (150_000, 90_000))
    mine, theirs = ours("number", method, sides, tmp_path), theirs_or_none(method, sides)
    if theirs is None:
        assert (shape, method, mine.value) == ("constant", "anderson", 1.0)
        return
    own = mine.value if mine.evidentlys is None else mine.evidentlys
    assert own == pytest.approx(theirs["value"], abs=1e-9, rel=1e-9)


def test_every_kernel_is_one_of_evidentlys_tests() -> None:
    assert set(KERNELS) <= set(STAT_TESTS)
    assert {"wasserstein", "jensenshannon", "psi", "ks"} <= set(KERNELS)


@pytest.mark.parametrize("rows", [1, 1000, 1001])
@pytest.mark.parametrize("distinct", range(1, 8))
@pytest.mark.parametrize("kind", list(ColumnKind))
def test_automatic_choice_is_evidentlys(kind: ColumnKind, distinct: int, rows: int) -> None:
    from evidently.legacy.calculations.stattests import get_stattest

    values = pd.Series(np.arange(rows) % distinct)
    others = pd.Series(np.arange(distinct))
    theirs = get_stattest(values, others, ColumnType(kind.value), None)
    assert automatic_test(kind, rows, distinct) == theirs.name


def test_the_preset_scores_as_its_metric_does(tmp_path: Path) -> None:
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    columns = ["number", "integer", "boolean", "category"]
    given = {
        column: sides_of(column, "shifted" if column != "category" else "two", (1300, 800))
        for column in columns
    }
    definition = DataDefinition(numerical_columns=columns[:2], categorical_columns=columns[2:])
    reference, current = (
        Dataset.from_pandas(pd.DataFrame({name: pair[side] for name, pair in given.items()}), definition)
        for side in (0, 1)
    )
    metrics = Report([DataDriftPreset()]).run(current, reference).dict()["metrics"]
    theirs = {each["config"]["column"]: each["value"] for each in metrics if "column" in each["config"]}
    for column in columns:
        mine = ours(column, None, given[column], tmp_path)
        assert mine.value == pytest.approx(float(theirs[column]), abs=1e-9)


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
        Dataset.from_pandas(side.to_frame(), definition) for side in sides_of("number", "shifted", (100, 100))
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
    from daywatch.measure.evidently_report.snapshot import empty_document, join_documents
    from evidently.core.report import Snapshot

    document = join_documents([empty_document("flights", datetime(2013, 2, 9, tzinfo=UTC))])
    assert Snapshot.loads(json.dumps(document)).get_name() == "flights"


def test_telemetry_is_off() -> None:
    script = (
        "import os; os.environ.pop('DO_NOT_TRACK', None);"
        "import daywatch.measure; from evidently.telemetry import event_logger;"
        "print(event_logger.is_enabled())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
