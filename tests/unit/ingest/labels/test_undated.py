"""Labels in one file, or in files that are not dated; and what is said where none are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from captures import one
from daywatch.ingest.intake_sentences import intake_sentences
from daywatch.ingest.labels.dated import what_is_there
from daywatch.ingest.labels.load import label_folders
from daywatch.storage import open_storage
from labelled import DAY, Labelled
from models import local_deployment, model

CSV = b"inference_id,label\ne1,1\ne2,0\nelsewhere,1\n"
TRUTH = b"\n".join(
    json.dumps(
        {"groundTruthData": {"data": label, "encoding": "CSV"}, "eventMetadata": {"eventId": event}}
    ).encode()
    for event, label in (("e1", "1"), ("e2", "0"))
)
FEEDBACK = b'{"inference_id": "e1", "label": 1}\n{"inference_id": "e2", "label": 0}\n'

INFERENCES = {"e1": 1, "e2": 1}

LAYOUTS: dict[str, tuple[dict[str, bytes], dict[str, Any]]] = {
    "one file": ({"truth/all.csv": CSV}, {"source": "table", "prefix": "truth/all.csv"}),
    "files not dated": (
        {
            "truth/a.csv": CSV[:24],
            "truth/below/b.csv": b"inference_id,label\ne2,0\n",
            "truth/notes.txt": b"x",
        },
        {"source": "table", "prefix": "truth", "partition": "none"},
    ),
    "feedback in one file": (
        {"truth/all.jsonl": FEEDBACK},
        {"source": "transaction_feedback", "prefix": "truth/all.jsonl"},
    ),
    "ground truth in one file": ({"truth/all.jsonl": TRUTH}, {"prefix": "truth/all.jsonl"}),
    "ground truth not dated": ({"truth/all.jsonl": TRUTH}, {"prefix": "truth", "partition": "none"}),
}


@pytest.fixture
def here(tmp_path: Path) -> Labelled:
    place = Labelled(tmp_path)
    for event in INFERENCES:
        place.endpoint.raw(one(event).line(), name=f"{event}.jsonl")
    return place


@pytest.mark.parametrize(("files", "labels"), LAYOUTS.values(), ids=LAYOUTS)
def test_labels_that_are_not_dated_are_read_whole(
    here: Labelled, files: dict[str, bytes], labels: dict[str, Any]
) -> None:
    for key, content in files.items():
        here.write(key, content)

    found = here.read(labels, INFERENCES)

    assert found.labels == {("e1", 1): "1", ("e2", 1): "0"}
    assert found.bad == []


def test_a_time_of_collection_still_counts(here: Labelled) -> None:
    """The label of e2 was collected when the delay was over."""
    here.write(
        "truth/all.csv", b"inference_id,label,at\ne1,1,2024-03-05 23:59:59\ne2,1,2024-03-06 00:00:00\n"
    )

    labels = {"source": "table", "prefix": "truth/all.csv", "collected_at": "at", "delay_days": 2}

    assert here.read(labels, INFERENCES).labels == {("e1", 1): "1", ("e2", 1): None}


NOT_FOUND: dict[str, tuple[dict[str, bytes], dict[str, Any], str]] = {
    "no file": (
        {"truth/2023/a.csv": CSV},
        {"source": "table", "prefix": "truth", "delay_days": 1},
        "no label of these rows in {data}/truth, folders 2024/03/03 to 2024/03/04",
    ),
    "no file that is not dated": (
        {"truth/a.txt": CSV},
        {"source": "table", "prefix": "truth", "partition": "none"},
        "no label of these rows in {data}/truth, not dated",
    ),
    "other ids": (
        {"truth/all.csv": b"inference_id,label\nx1,1\nx2,0\n"},
        {"source": "table", "prefix": "truth/all.csv"},
        "2 labels of no row of these days, such as that of 'x1', while an inference has the id 'e1', "
        "in {data}/truth/all.csv, not dated",
    ),
    "no label is known": (
        {"truth/all.csv": b"inference_id,label\ne1,\n"},
        {"source": "table", "prefix": "truth/all.csv", "partition": "none"},
        "no label of these rows in {data}/truth/all.csv, not dated",
    ),
}


@pytest.mark.parametrize(("files", "labels", "sentence"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_the_sentence_says_where_was_looked_and_what_was_there(
    here: Labelled, files: dict[str, bytes], labels: dict[str, Any], sentence: str
) -> None:
    for key, content in files.items():
        here.write(key, content)

    counts = here.export(labels).counts

    assert intake_sentences(counts)[1].endswith(f"; {sentence.format(data=here.folder / 'data')}")


@pytest.mark.parametrize(
    ("delay", "folders"), [(0, "folder 2024/03/03"), (2, "folders 2024/03/03 to 2024/03/05")]
)
def test_the_folders_are_those_of_the_window_and_of_the_delay(delay: int, folders: str) -> None:
    labels = {"source": "table", "prefix": "truth", "delay_days": delay}

    assert label_folders(model(labels=labels), DAY) == folders


def test_a_query_and_a_model_without_labels_have_no_folders() -> None:
    labels = {"source": "sql", "connection": "truth", "query": "SELECT id, label FROM truth"}

    assert label_folders(model(labels=labels), DAY) == label_folders(model(labels=None), DAY) == ""


def test_what_is_there_instead(here: Labelled) -> None:
    here.write("truth/2023/a.csv", CSV)
    here.write("truth/all.csv", CSV)
    storage = open_storage(str(here.folder / "data"), local_deployment(here.folder))

    assert what_is_there("truth", storage) == f"{storage.uri}/truth has 2023/, all.csv"
    assert what_is_there("truth/2024/03/03", storage) == f"{storage.uri}/truth has 2023/, all.csv"
    assert what_is_there("tuth/daily", storage) == f"{storage.uri} has shop-endpoint/, truth/"
    for number in range(10):
        here.write(f"many/{number}.csv", CSV)
    names = ", ".join(f"{number}.csv" for number in range(10))
    assert what_is_there("many", storage) == f"{storage.uri}/many has {names}"
    here.write("many/a.csv", CSV)
    assert what_is_there("many", storage) == f"{storage.uri}/many has {names} and others"


def test_where_nothing_is_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    storage = open_storage(str(tmp_path / "data"), local_deployment(tmp_path))

    assert what_is_there("truth/daily", storage) == f"{storage.uri} has nothing"


def test_a_partition_that_is_none_of_both() -> None:
    with pytest.raises(ValueError, match="or 'none' for files that are not dated, but received 'daily'"):
        model(labels={"source": "table", "prefix": "truth", "partition": "daily"})
