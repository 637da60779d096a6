"""Data sets as baselines: every format gives the same rows; a bad one gets a sentence, and nothing is written."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import models
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.errors import SetupError
from daywatch.ingest.datasets.read import read_dataset
from daywatch.ingest.export import ExportedFiles

NAMES = ("amount", "items", "member", "country", "bought")
ROWS: list[tuple[Any, ...]] = [
    (12.5, 3, True, "DE", 1),
    (0.5, 1, False, "FR", 0),
    (None, 2, True, "DE", 0),
    (7.0, 9, False, None, 1),
]
DATASET = {"dataset": "training", "label": "bought"}

Read = Callable[..., ExportedFiles]


def records(names: tuple[str, ...] = NAMES) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in ROWS]


def as_csv(rows: list[tuple[Any, ...]], names: tuple[str, ...] | None = NAMES) -> bytes:
    shown = [
        [
            ""
            if value is None
            else str(value).lower()
            if value in (True, False) and isinstance(value, bool)
            else str(value)
            for value in row
        ]
        for row in rows
    ]
    lines = [",".join(row) for row in shown]
    return "\n".join([",".join(names), *lines] if names else lines).encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def as_json(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that writes files below the data URI and reads them as a model's data set."""

    def run(files: dict[str, bytes], baseline: dict[str, Any] = DATASET, **changes: Any) -> ExportedFiles:
        for name, content in files.items():
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        model = models.model(baseline=baseline, **changes)
        return read_dataset(model, models.local_deployment(tmp_path), scratch)

    return run


def rows_of(files: ExportedFiles) -> list[tuple[Any, ...]]:
    with pq.ParquetFile(files.inferences) as file:
        found = file.read().to_pylist()
    assert {row["inference_time"] for row in found} == {None}
    return [(*(row[name] for name in NAMES[:-1]), row["label"]) for row in found]


EXPECTED = [(*row[:-1], str(row[-1])) for row in ROWS]
SHUFFLED = ("bought", "country", "amount", "extra", "items", "member")

FORMATS: dict[str, tuple[dict[str, bytes], dict[str, Any]]] = {
    "CSV": ({"training.csv": as_csv(ROWS)}, {**DATASET, "dataset": "training.csv"}),
    "CSV, gzip, in a folder": ({"training/a.csv.gz": gzip.compress(as_csv(ROWS))}, DATASET),
    "CSV without a header, the label first": (
        {"training.csv": as_csv([(row[-1], *row[:-1]) for row in ROWS], None)},
        {"dataset": "training.csv", "header": False, "label": 0},
    ),
    "CSV without a header, by position": (
        {"training.csv": as_csv([("x", row[3], row[0], row[1], row[2], row[4]) for row in ROWS], None)},
        {
            "dataset": "training.csv",
            "header": False,
            "label": 5,
            "columns": {"country": 1, "amount": 2, "items": 3, "member": 4},
        },
    ),
    "JSON Lines": ({"training.jsonl": as_json(records())}, {**DATASET, "dataset": "training.jsonl"}),
    "JSON array": (
        {"training.jsonl": json.dumps(records()).encode()},
        {**DATASET, "dataset": "training.jsonl"},
    ),
    "Parquet": ({"training.parquet": as_parquet(records())}, {**DATASET, "dataset": "training.parquet"}),
    "many files, of several kinds": (
        {
            "training/1.csv": as_csv(ROWS[:1]),
            "training/2.jsonl": as_json(records()[1:2]),
            "training/3.parquet": as_parquet(records()[2:]),
            "training/_SUCCESS": b"",
        },
        DATASET,
    ),
    "files by a pattern": (
        {
            "training/part-1.csv": as_csv(ROWS[:2]),
            "training/part-2.csv": as_csv(ROWS[2:]),
            "training/x.csv": b"x",
        },
        {**DATASET, "dataset": "training/part-*.csv"},
    ),
    "other names": (
        {"training.parquet": as_parquet(records(("Sum", "items", "member", "country", "y")))},
        {"dataset": "training.parquet", "label": "y", "columns": {"amount": "Sum"}},
    ),
    "columns in another order": (
        {"training.csv": as_csv([(r[4], r[3], r[0], "x", r[1], r[2]) for r in ROWS], SHUFFLED)},
        {**DATASET, "dataset": "training.csv"},
    ),
}


@pytest.mark.parametrize(("files", "baseline"), FORMATS.values(), ids=FORMATS)
def test_a_format(read: Read, files: dict[str, bytes], baseline: dict[str, Any]) -> None:
    found = read(files, baseline)

    assert rows_of(found) == EXPECTED
    assert (found.counts.rows, found.counts.labelled, found.counts.quarantined) == (4, 4, 0)
    assert pq.read_metadata(found.operations).num_rows == 0


def test_predictions_and_probabilities_are_read_as_the_model_answers_them(read: Read) -> None:
    rows = [dict(one, p=n % 2, score=25.0 * n) for n, one in enumerate(records())]
    output = {"task": "binary_classification", "response": ["prediction", "probability"], "scale": "percent"}
    baseline = {**DATASET, "prediction": "p", "probability": "score"}

    found = read({"training/a.parquet": as_parquet(rows)}, baseline, output=output)

    with pq.ParquetFile(found.inferences) as file:
        written = file.read(["prediction", "probability", "label"]).to_pylist()
    assert [row["prediction"] for row in written] == ["0", "1", "0", "1"]
    assert [row["probability"] for row in written] == [0, 0.25, 0.5, 0.75]


def test_one_spelling_for_the_classes_of_predictions_and_labels(read: Read) -> None:
    rows = [dict(one, p=f"{n % 2}.0") for n, one in enumerate(records())]

    found = read({"training/a.parquet": as_parquet(rows)}, {**DATASET, "prediction": "p"})

    with pq.ParquetFile(found.inferences) as file:
        written = file.read(["prediction", "label"]).to_pylist()
    assert {row["prediction"] for row in written} == {row["label"] for row in written} == {"0", "1"}


def test_rows_that_cannot_be_read_are_quarantined(read: Read) -> None:
    bad = as_csv(ROWS) + b"\n1,x,true,DE,1\n1,2,3\n"

    found = read({"training/a.csv": bad})

    assert rows_of(found) == EXPECTED
    assert sorted(found.counts.reasons) == ["not_a_number", "value_count"]


def test_the_same_data_gives_the_same_id(read: Read) -> None:
    first = read({"training/a.csv": as_csv(ROWS)}).digest
    assert read({"training/a.csv": as_csv(ROWS)}, schedule={"first_window": "2024-06-01"}).digest == first
    assert read({"training/a.csv": as_csv(ROWS[1:])}).digest != first


REFUSED: dict[str, tuple[dict[str, bytes], dict[str, Any], str]] = {
    "nothing there": (
        {"other/a.csv": b"x"},
        {**DATASET, "dataset": "other/b.csv"},
        "There is no data set .*other/b.csv: expected a file, or a folder of files, .*has a.csv",
    ),
    "without a feature": (
        {"training/a.csv": as_csv([row[1:] for row in ROWS], ("items", "Member", "country", "bought"))},
        DATASET,
        "has no column amount, member; its columns are: items, Member, country, bought. Is it Member for member",
    ),
    "without the label": (
        {"training/a.parquet": as_parquet([{**one, "bought": 1} for one in records()])},
        {**DATASET, "label": "sold"},
        "has no column sold; its columns are: amount, items, member, country, bought",
    ),
    "of another type": (
        {"training/a.csv": as_csv([("cheap", *row[1:]) for row in ROWS])},
        DATASET,
        "has another type in amount: expected a number, but 4 of 4 values are none, such as .*received cheap",
    ),
    "empty": ({"training/a.csv": b""}, DATASET, "The data set .*training is empty: expected rows"),
    "a header alone": ({"training/a.csv": as_csv([])}, DATASET, "is empty: expected rows"),
    "of one class": (
        {"training/a.csv": as_csv([(*row[:4], 1) for row in ROWS])},
        DATASET,
        "has no labels of more than one class: all 4 labels are '1'",
    ),
    "without labels": (
        {"training/a.csv": as_csv([(*row[:4], None) for row in ROWS])},
        DATASET,
        "has no labels of more than one class: no row has a label",
    ),
    "doubled names": (
        {"training/a.csv": as_csv([(*row, 1) for row in ROWS], (*NAMES, "items"))},
        DATASET,
        "has two columns with one name: items. Rename one of them",
    ),
    "not Parquet": ({"training/a.parquet": b"PAR"}, DATASET, "a.parquet cannot be read"),
    "not JSON": (
        {"training/a.jsonl": b"amount,items"},
        DATASET,
        "a.jsonl cannot be read: line 1 is not a JSON",
    ),
    "too few columns": (
        {"training/a.csv": as_csv([row[1:] for row in ROWS], None)},
        {"dataset": "training", "header": False, "label": 0},
        "has 4 columns, expected 5: 4 features and label of the data set",
    ),
    "a name without names": (
        {"training/a.csv": as_csv(ROWS, None)},
        {"dataset": "training", "header": False, "label": "bought"},
        "has no names of columns: give label of the data set under 'baseline' as a number",
    ),
}


@pytest.mark.parametrize(("files", "baseline", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_bad_data_set_gets_a_sentence(
    read: Read, files: dict[str, bytes], baseline: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SetupError, match=sentence) as caught:
        read(files, baseline)
    assert "\n" not in str(caught.value)
