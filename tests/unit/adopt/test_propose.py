"""What `daywatch init` proposes for each source judges a day as the YAML that a person wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from captures import Endpoint, Inference, day_of
from daywatch.adopt.propose import propose, write_new
from daywatch.config.loading.load import load_model
from daywatch.config.model.model import MonitoredModel
from daywatch.engine.settings import scratch_folder
from daywatch.errors import SetupError
from daywatch.ingest.export import export_window
from daywatch.storage import open_storage
from daywatch.window import Window
from models import YAML, local_deployment, model
from sources import SHAPES, answers_of, columns_of, write_files

DAYS = ("2024-03-01", "2024-03-02", "2024-03-03")
TYPES = {"amount": "number", "items": "integer", "member": "boolean", "country": "category"}

KSERVE = {
    "transaction_id": "i1",
    "request": {"id": "1", "inputs": [{"name": "amount", "shape": [1], "data": [1.5]}]},
    "response": {"outputs": []},
    "start_at": "2024-03-03T12:00:00Z",
    "status": "ok",
}


def _days() -> list[Inference]:
    return [one for day in DAYS for one in day_of(day)]


def _proposed(folder: Path, captures: str, **options: Any) -> tuple[MonitoredModel, dict[str, Any]]:
    """Return the proposed model, loaded as lint loads it, and its YAML as data."""
    deployment = local_deployment(folder)
    path = deployment.models / "shop.yaml"
    proposal = propose("shop", captures, deployment, **options)
    write_new(proposal, path)
    return load_model(path), yaml.safe_load(proposal.text)


def _rows(found: MonitoredModel, folder: Path) -> list[tuple[Any, ...]]:
    """Return a day's exported values, in the order of the records."""
    import duckdb

    deployment = local_deployment(folder)
    storage = open_storage(deployment.data_uri, deployment)
    names = [one.name for one in found.features]
    with scratch_folder(deployment.engine) as scratch:
        files = export_window(Window.of_day(DAYS[-1]), found, storage, scratch, deployment.connections)
        assert files.counts.quarantine == ()
        columns = ", ".join(
            f'"{one}"' for one in (*names, "event_id", "inference_time", "prediction", "probability")
        )
        return duckdb.sql(f"SELECT {columns} FROM '{files.inferences}' ORDER BY event_id").fetchall()


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """The rows that the YAML of a person gives, which are the same for every source (test_sources.py)."""
    folder = tmp_path_factory.mktemp("by_hand")
    Endpoint(folder / "data").capture(_days())
    rows = _rows(model(), folder)
    assert len(rows) == 60
    return rows


@pytest.mark.parametrize("shape", SHAPES)
def test_a_source_is_read_as_by_the_yaml_of_a_person(tmp_path: Path, by_hand: list[Any], shape: str) -> None:
    capture, files = SHAPES[shape]
    data = Path(local_deployment(tmp_path).data_uri)
    write_files(data, files(_days(), str(data)))
    prefix = capture.get("prefix", "shop-endpoint")

    found, written = _proposed(tmp_path, prefix)

    assert written["capture"]["source"] == capture.get("source", "sagemaker_realtime")
    assert written["output"]["response"] == ["prediction", "probability"]
    assert [one["type"] for one in written["features"]] == list(TYPES.values())
    assert (found.baseline.days, found.plan.is_standard) == (model().baseline.days, True)
    assert _rows(found, tmp_path) == by_hand


def test_json_payloads_have_paths_rows_and_names(tmp_path: Path) -> None:
    endpoint = Endpoint(tmp_path / "data")
    lines = []
    for one in _days():
        record = one.record()
        answer = answers_of(one)
        for side, document in (
            ("endpointInput", {"instances": [{**columns_of(one), "customer": {"age": 30}}]}),
            (
                "endpointOutput",
                {"predictions": [{"score": answer["probability"], "predicted_label": answer["prediction"]}]},
            ),
        ):
            record["captureData"][side] |= {
                "data": json.dumps(document),
                "encoding": "JSON",
                "observedContentType": "application/json",
            }
        lines.append(json.dumps(record))
    endpoint.raw("\n".join(lines[120:]).encode(), "2024/03/03/12")

    _, written = _proposed(tmp_path, "shop-endpoint")

    assert written["capture"]["payload"] == {"request_rows": "$.instances", "response_rows": "$.predictions"}
    assert written["features"][-1] == {"name": "customer_age", "type": "integer", "at": '$."customer"."age"'}
    assert written["output"]["at"] == {"prediction": '$."predicted_label"', "probability": '$."score"'}


def test_a_score_alone_is_a_probability(tmp_path: Path) -> None:
    Endpoint(tmp_path / "data").capture(
        [replace(one, response=one.response.split(",")[1]) for one in _days()]
    )

    found, _ = _proposed(tmp_path, "shop-endpoint")

    assert (found.output.response, found.output.threshold) == (("probability",), 0.5)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (lambda n: f"{n * 1.37}", {"task": "regression", "response": ["prediction"]}),
        (lambda n: "abc"[n % 3], {"task": "multiclass_classification", "response": ["prediction"]}),
        (
            lambda n: f"{0.25 + n / 1000},{0.5 - n / 1000},0.25",
            {"response": ["probabilities"], "classes": ["0", "1", "2"], "task": "multiclass_classification"},
        ),
        (
            lambda n: f"{'good' if n % 2 else 'bad'},{0.6 + n / 1000}",
            {"task": "binary_classification", "confidence_of": "prediction"},
        ),
        (
            lambda n: f"{'good' if n % 2 else 'bad'},{0.9 if n % 2 else 0.1}{n}",
            {"positive_class": "good", "negative_class": "bad"},
        ),
    ],
)
def test_tasks_and_classes_follow_from_the_answers(
    tmp_path: Path, answers: Any, expected: dict[str, Any]
) -> None:
    Endpoint(tmp_path / "data").capture(
        [replace(one, response=answers(n)) for n, one in enumerate(day_of(DAYS[0]))]
    )

    _, written = _proposed(tmp_path, "shop-endpoint")

    assert {key: written["output"].get(key) for key in expected} == expected


def test_a_training_file_names_the_features_and_is_the_baseline(tmp_path: Path) -> None:
    endpoint = Endpoint(tmp_path / "data")
    endpoint.play(_days())
    rows = "".join(f"{one.label},{one.request}\n" for one in _days())
    write_files(
        endpoint.folder, {"train.csv": f"bought,{','.join(TYPES)}\n{rows}".encode(), "odd.csv": b"a,b\n1,2\n"}
    )
    with pytest.raises(
        SetupError, match=r"4 values in a row, but \S+odd\.csv has the columns a, b: expected"
    ):
        propose("shop", "shop-endpoint", local_deployment(tmp_path), dataset="odd.csv")

    write_files(endpoint.folder, {"bare.csv": rows.encode()})
    with pytest.raises(
        SetupError, match=r"bare\.csv begins with 0, 44\.81, 6, which are values: expected a row of"
    ):
        propose("shop", "shop-endpoint", local_deployment(tmp_path), dataset="bare.csv")

    found, written = _proposed(tmp_path, "shop-endpoint", dataset="train.csv", labels="shop-truth")

    assert {one.name: str(one.type) for one in found.features} == TYPES
    assert written["baseline"] == {"dataset": "train.csv", "label": "bought"}
    assert written["labels"] == {"source": "sagemaker_ground_truth", "prefix": YAML["labels"]["prefix"]}
    assert str(found.schedule.first_window) == DAYS[0]


def test_labels_in_tables_and_feedback_are_found(tmp_path: Path) -> None:
    endpoint = Endpoint(tmp_path / "data")
    endpoint.capture(_days())
    feedback = {"transaction": {"id": "e1"}, "outcome": {"bought": 1}, "reported_at": "2024-03-03T13:00:00Z"}
    write_files(
        endpoint.folder,
        {
            "feedback/2024/03/03/a.jsonl": json.dumps(feedback).encode(),
            "outcomes/dt=2024-03-03/a.csv": b"event_id,label\ne1,1\n",
        },
    )
    deployment = local_deployment(tmp_path)

    texts = [
        propose("shop", "shop-endpoint", deployment, labels=one).text for one in ("feedback", "outcomes")
    ]

    first, second = (yaml.safe_load(one)["labels"] for one in texts)
    assert first == {
        "prefix": "feedback",
        "source": "transaction_feedback",
        "id": "transaction.id",
        "label": "outcome.bought",
        "collected_at": "reported_at",
    }
    assert second == {
        "prefix": "outcomes",
        "source": "table",
        "partition": "dt=%Y-%m-%d",
        "id": "event_id",
        "label": "label",
    }


def test_no_captured_text_gets_into_the_file(tmp_path: Path) -> None:
    Endpoint(tmp_path / "data").capture(_days())

    text = propose("shop", "shop-endpoint", local_deployment(tmp_path)).text

    assert "3 different values" in text
    assert "FR" not in text


def test_the_days_that_were_looked_at_are_named(tmp_path: Path) -> None:
    Endpoint(tmp_path / "data").capture(day_of(DAYS[0]))
    one = propose("shop", "shop-endpoint", local_deployment(tmp_path))
    Endpoint(tmp_path / "data").capture(_days())
    two = propose("shop", "shop-endpoint", local_deployment(tmp_path))

    assert f" rows of {DAYS[0]} under " in one.seen
    assert f" rows of {DAYS[0]} and {DAYS[-1]} under " in two.seen


def test_nothing_is_written_over(tmp_path: Path) -> None:
    Endpoint(tmp_path / "data").capture(_days())
    _proposed(tmp_path, "shop-endpoint")
    path = local_deployment(tmp_path).models / "shop.yaml"
    path.write_text("mine")

    with pytest.raises(SetupError, match=r"shop\.yaml exists, and is not changed"):
        _proposed(tmp_path, "shop-endpoint")
    assert path.read_text() == "mine"


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    odd = "a: [#x]\n- b\u2028'\""
    rows = f'"{odd.replace(chr(34), chr(34) * 2)}",prediction\n1,0\n2,1\n'
    write_files(tmp_path / "data", {"t/2024-03-03.csv": rows.replace("\n- b", " - b").encode()})

    with pytest.raises(SetupError, match=r"features\[0\]\.name: expected a name without line breaks"):
        propose("shop", "t", local_deployment(tmp_path))
    write_files(tmp_path / "data", {"t/2024-03-03.csv": rows.replace("\n- b\u2028", " - b").encode()})
    found, _ = _proposed(tmp_path, "t")
    assert [one.name for one in found.features] == ["a: [#x] - b'\""]


@pytest.mark.parametrize(
    ("files", "captures", "said"),
    [
        ({"shop/x.txt": b"1"}, "chop", r"There is nothing under \S+/chop: .*has shop/\. Name one"),
        ({"a/2024/1": b"", "b/2024/1": b""}, "", r"Several folders under \S+ could be meant: a/, b/"),
        ({"a/x.txt": b"1"}, "a", r"No path under \S+/a names a day: it has x\.txt; expected"),
        ({"a/2024-03-03/x.txt": b"1"}, "a", r"No captures under \S+2024-03-03/: it has x\.txt; expected"),
        ({"a/2024-03-03/x.jsonl": b'{"k": 1}'}, "a", r"its records have k; expected 'captureData'"),
        ({"a/2024-03-03/x.csv": b"x,y\n1,2\n"}, "a", r"named as an answer: the columns are x, y; expected"),
        ({"a/2024-03-03/x.csv": b""}, "a", r"have no rows that can be read"),
        (
            {"a/2024-03-03/x.jsonl": json.dumps(KSERVE).encode()},
            "a",
            r"inputs with name and data, as KServe v2, .* Write the YAML by hand",
        ),
        ({}, "s3://other/churn", r"s3://other/churn is not below .*set DAYWATCH_DATA_URI"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(
    tmp_path: Path, files: dict[str, bytes], captures: str, said: str
) -> None:
    write_files(tmp_path / "data", files)

    with pytest.raises(SetupError, match=said):
        propose("shop", captures, local_deployment(tmp_path))
