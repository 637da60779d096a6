"""One notion of a class: every source and its labels agree with a baseline, however they spell the same values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import models
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from captures import one
from daywatch.config.model.columns import CategoryType
from daywatch.errors import SetupError
from daywatch.ingest.category_types import CategoryTypes, check_declared, find_category_types
from daywatch.ingest.export import ExportedFiles, export_window
from daywatch.storage import open_storage
from daywatch.window import Window
from labelled import Labelled

FEATURES = [{"name": "region", "type": "category"}, {"name": "version", "type": "category"}]
TABLE = {"source": "table", "prefix": "t", "id_column": "id"}
TRUTH = {"source": "table", "prefix": "truth"}
BASELINE, DAY = "2024-03-02", "2024-03-03"


def export(
    here: Labelled, day: str, types: CategoryTypes | None = None, **changes: Any
) -> tuple[list[tuple[Any, ...]], ExportedFiles]:
    """Return region, version, prediction and label of each row of a day, and the export."""
    scratch = here.folder / "scratch" / day
    scratch.mkdir(parents=True, exist_ok=True)
    storage = open_storage(str(here.folder / "data"), models.local_deployment(here.folder))
    given = {
        "features": FEATURES,
        "output": {"task": "binary_classification", "response": ["prediction"]},
        "plan__rules": [{"metric": "accuracy", "red": "< 0.5"}],
        "capture": TABLE,
        "labels": TRUTH,
    }
    model = models.model(**{**given, **changes})
    files = export_window(Window.of_day(day), model, storage, scratch, category_types=types)
    table = pq.read_table(files.inferences)
    names = [name for name in ("region", "version", "prediction", "label") if name in table.column_names]
    return sorted(zip(*(table[name].to_pylist() for name in names), strict=True), key=str), files


def write(here: Labelled, day: str, rows: dict[str, pa.Array], label: pa.Array) -> None:
    ids = pa.array([f"{day}-{n}" for n in range(len(label))])
    for folder, columns in (("t", {"id": ids, **rows}), ("truth", {"inference_id": ids, "label": label})):
        path = here.folder / "data" / folder / day.replace("-", "/") / "a.parquet"
        path.parent.mkdir(parents=True)
        pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize(
    ("region", "prediction", "label"),
    [
        (pa.array([1.0, 2.0, None]), pa.array([1.0, 0.0, 1.0]), pa.array([1.0, float("nan"), 0.0])),
        (pa.array(["1", "2.0", "nan"]), pa.array(["1.0", "0e0", "1"]), pa.array(["1", None, "0.0"])),
        (pa.array([1, 2, None], pa.uint64()), pa.array([True, False, True]), pa.array(["True", "", "f"])),
        (
            pa.array(["1", "2", None]).dictionary_encode(),
            pa.array([1, 0, 1], pa.decimal128(4, 2)),
            pa.array(["1", "NaN", "0"]).dictionary_encode(),
        ),
    ],
)
def test_a_day_is_read_as_its_baseline_was(
    tmp_path: Path, region: pa.Array, prediction: pa.Array, label: pa.Array
) -> None:
    here = Labelled(tmp_path)
    versions = pa.array(["1.9", "1.10", "2.0"])
    frozen = {"region": pa.array([1, 2, 3]), "version": versions, "prediction": pa.array([1, 0, 1])}
    write(here, BASELINE, frozen, pa.array([1, 0, 0]))
    write(here, DAY, {"region": region, "version": versions, "prediction": prediction}, label)

    before, files = export(here, BASELINE)
    now, _ = export(here, DAY, files.category_types)

    assert files.category_types == CategoryTypes(
        classes=CategoryType.INTEGER,
        features={"region": CategoryType.INTEGER, "version": CategoryType.TEXT},
    )
    assert before == [("1", "1.9", "1", "1"), ("2", "1.10", "0", "0"), ("3", "2.0", "1", "0")]
    assert now == [("1", "1.9", "1", "1"), ("2", "1.10", "0", None), (None, "2.0", "1", "0")]


def test_the_yaml_spells_the_classes_and_may_say_what_they_are(tmp_path: Path) -> None:
    here = Labelled(tmp_path)
    rows = {
        "region": pa.array(["a", "b"]),
        "version": pa.array(["1", "2"]),
        "prediction": pa.array([True, False]),
    }
    write(here, BASELINE, rows, pa.array(["false", "T"]))
    output = {"task": "binary_classification", "response": ["prediction"], "positive_class": "True"}

    found, files = export(here, BASELINE, output=output)
    declared, as_text = export(here, BASELINE, output={**output, "class_type": "text"})

    assert [row[2:] for row in found] == [("True", "False"), ("False", "True")]
    assert files.category_types.classes is CategoryType.BOOLEAN
    assert [row[2:] for row in declared] == [("true", "false"), ("false", "T")]
    assert as_text.category_types.classes is CategoryType.TEXT
    assert files.digest != as_text.digest
    model = models.model(output={**models.YAML["output"], "class_type": "text"})
    with pytest.raises(SetupError, match=r"class_type of 'shop' is text, but .* b was frozen with boolean"):
        check_declared(files.category_types, model, "b")
    check_declared(files.category_types, models.model(), "b")  # which declares nothing
    check_declared(as_text.category_types, model, "b")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("'1'", CategoryType.INTEGER),
        ("CASE WHEN n < 3000 THEN '1' ELSE '1.10' END", CategoryType.TEXT),
        ("CASE WHEN n < 3000 THEN '1' ELSE 'x' END", CategoryType.TEXT),
        ("CASE WHEN n < 3000 THEN NULL ELSE 'true' END", CategoryType.BOOLEAN),
        ("NULL::VARCHAR", CategoryType.TEXT),
    ],
)
def test_all_rows_say_what_a_category_is(values: str, kind: CategoryType) -> None:
    """The first 2,048 rows alone show only that it is text; labels and unreadable rows say nothing of it."""
    model = models.model(features=[{"name": "region", "type": "category"}])
    with duckdb.connect() as connection:
        connection.execute(f"""
            CREATE MACRO is_readable(number) AS number < 4000;
            CREATE VIEW typed_rows AS
                SELECT n AS number, true AS is_answered, CASE WHEN n < 4000 THEN {values} ELSE 'bad' END AS value_0,
                    CASE WHEN n < 4000 THEN '1' ELSE 'bad' END AS answer_prediction
                FROM range(4010) AS t(n);
            CREATE TABLE label_records AS FROM (VALUES ('0.5', true), ('bad', false)) AS t(label, is_known);
        """)
        found = find_category_types(connection, model)
        regression = {"task": "regression", "response": ["prediction"]}
        without_classes = find_category_types(
            connection, models.model(features=[{"name": "region", "type": "category"}], output=regression)
        )

    assert found == CategoryTypes(classes=CategoryType.NUMBER, features={"region": kind})
    assert without_classes == CategoryTypes(classes=CategoryType.TEXT, features={"region": kind})


def test_json_says_numbers_and_truth_values_as_csv_does(tmp_path: Path) -> None:
    here = Labelled(tmp_path)
    given = [
        ({"region": 1, "version": 1.5}, 2.0),
        ({"region": "1.0", "version": "x"}, "2"),
        ({"region": float("nan")}, 3),
    ]
    lines = [
        one(f"e{n}", request=json.dumps(request), response=json.dumps({"prediction": answer}))
        .line()
        .replace(b"text/csv", b"application/json")
        .replace(b'"CSV"', b'"JSON"')
        for n, (request, answer) in enumerate(given)
    ]
    here.endpoint.raw(b"\n".join(lines))
    output = {"task": "multiclass_classification", "response": ["prediction"]}
    rules = [{"metric": "quarantined_share", "red": "> 0.2"}]

    found, _ = export(
        here, DAY, capture={"endpoint": "shop-endpoint"}, labels=None, output=output, plan__rules=rules
    )

    assert [row[:3] for row in found] == [("1", "1.5", "2"), ("1", "x", "2"), (None, None, "3")]


@pytest.mark.parametrize(
    ("output", "answers", "expected"),
    [
        ({}, ["0.5", "0.49", "", "nan"], ["1", "0"]),
        ({"threshold": 0.8, "positive_class": "true"}, ["0.8", "0.79"], ["true", "false"]),
        ({"positive_class": "bad", "negative_class": "good"}, ["0.9", "1e-3"], ["bad", "good"]),
    ],
)
def test_one_probability_is_an_answer(
    tmp_path: Path, output: dict[str, Any], answers: list[str], expected: list[str]
) -> None:
    here = Labelled(tmp_path)
    lines = [one(f"e{n}", request="a,b", response=answer).line() for n, answer in enumerate(answers)]
    here.endpoint.raw(b"\n".join(lines))
    output = {"task": "binary_classification", "response": ["probability"], **output}

    found, files = export(here, DAY, capture={"endpoint": "shop-endpoint"}, labels=None, output=output)

    assert sorted(row[2] for row in found) == sorted(expected)
    assert files.counts.quarantined == len(answers) - len(expected)
