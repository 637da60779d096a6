"""How models answer: probabilities in percent, of the predicted class, or by label; from every source."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import models
import pytest
from captures import Endpoint, one
from sources import Files, parquet, transaction, write_files

Export = Callable[..., Any]

CLASSIFIER = {"task": "binary_classification"}
OF_PREDICTION = {
    **CLASSIFIER,
    "response": ["prediction", "probability"],
    "positive_class": "yes",
    "negative_class": "no",
    "scale": "percent",
    "confidence_of": "prediction",
}
BY_LABEL = {
    **CLASSIFIER,
    "response": ["probabilities"],
    "classes": ["no", "yes"],
    "positive_class": "yes",
}

CONFIDENCES = [{"prediction": "yes", "probability": 98.05}, {"prediction": "no", "probability": 75.0}]
SCORES = [
    {"probabilities": [{"label": "yes", "score": 0.75}, {"label": "no", "score": 0.25}]},
    {"probabilities": [{"label": "no", "score": 0.875}, {"label": "yes", "score": 0.125}]},
]

AMOUNTS = (12.5, 0.5)


def realtime(answers: list[Any]) -> tuple[dict[str, Any], Files]:
    """Return captures of JSON."""
    lines = []
    for number, answer in enumerate(answers):
        record = one(f"e{number}").record()
        side = {"observedContentType": "application/json", "mode": "OUTPUT", "data": json.dumps(answer)}
        record["captureData"]["endpointOutput"] = {**side, "encoding": "JSON"}
        lines.append(json.dumps(record).encode())
    return {"endpoint": "shop-endpoint"}, {
        "shop-endpoint/AllTraffic/2024/03/03/12/a.jsonl": b"\n".join(lines)
    }


def batch(answers: list[Any]) -> tuple[dict[str, Any], Files]:
    """Return a batch transform whose output is JSON Lines."""
    stamped = [
        {**answer, "SageMakerInferenceId": f"e{n}", "SageMakerInferenceTime": "2024-03-03T12:00:00Z"}
        for n, answer in enumerate(answers)
    ]
    files = {
        f"shop-batch/{side}/2024/03/03/12/m.json": json.dumps([{"prefix": "DATA_URI/jobs/"}, name]).encode()
        for side, name in (("input", "a.csv"), ("output", "a.csv.out"))
    }
    files["jobs/a.csv"] = "".join(f"{one('e').request}\n" for _ in answers).encode()
    files["jobs/a.csv.out"] = "\n".join(map(json.dumps, stamped)).encode()
    return {"source": "sagemaker_batch", "prefix": "shop-batch"}, files


def log(answers: list[Any]) -> list[dict[str, Any]]:
    return [transaction(one(f"e{n}"), response=answer) for n, answer in enumerate(answers)]


def transactions(answers: list[Any]) -> tuple[dict[str, Any], Files]:
    """Return transaction records as JSON Lines."""
    lines = b"\n".join(json.dumps(record).encode() for record in log(answers))
    return {"source": "transaction_records", "prefix": "shop-log"}, {"shop-log/2024/03/03/12/a.jsonl": lines}


def transactions_parquet(answers: list[Any]) -> tuple[dict[str, Any], Files]:
    """Return transaction records as Parquet with nested responses."""
    return {"source": "transaction_records", "prefix": "shop-log"}, {
        "shop-log/2024/03/03/12/a.parquet": parquet(log(answers))
    }


def table(answers: list[Any]) -> tuple[dict[str, Any], Files]:
    """Return a Parquet table."""
    rows = [
        {"id": f"e{n}", "amount": 12.5, "items": 3, "member": True, "country": "DE", **answer}
        for n, answer in enumerate(answers)
    ]
    return {"source": "table", "prefix": "shop-table", "id_column": "id"}, {
        "shop-table/2024/03/03/a.parquet": parquet(rows)
    }


def table_csv(answers: list[Any]) -> tuple[dict[str, Any], Files]:
    """Return a CSV table; what is nested is JSON in a cell."""
    lines = [",".join(("id", "amount", "items", "member", "country", *answers[0]))]
    for n, answer in enumerate(answers):
        cells = [value if isinstance(value, str) else json.dumps(value) for value in answer.values()]
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
        lines.append(",".join((f"e{n}", "12.5", "3", "true", "DE", *quoted)))
    return {"source": "table", "prefix": "shop-table", "id_column": "id"}, {
        "shop-table/2024/03/03/a.csv": "\n".join(lines).encode()
    }


SOURCES = (realtime, batch, transactions, transactions_parquet, table, table_csv)


def exported(
    endpoint: Endpoint, export: Export, source: tuple[dict[str, Any], Files], output: dict[str, Any]
) -> Any:
    capture, files = source
    uri = str(endpoint.folder)
    write_files(
        endpoint.folder, {key: text.replace(b"DATA_URI", uri.encode()) for key, text in files.items()}
    )
    return export(model=models.model(capture=capture, output=output))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_a_confidence_in_percent_of_the_predicted_class(
    endpoint: Endpoint, export: Export, source: Callable[..., Any]
) -> None:
    found = exported(endpoint, export, source(CONFIDENCES), OF_PREDICTION)

    assert found.quarantine == []
    assert found.column("prediction") == ["yes", "no"]
    assert found.column("probability") == pytest.approx([0.9805, 0.25])


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_scores_by_label(endpoint: Endpoint, export: Export, source: Callable[..., Any]) -> None:
    found = exported(endpoint, export, source(SCORES), BY_LABEL)

    assert found.quarantine == []
    assert found.column("probabilities") == [[0.25, 0.75], [0.875, 0.125]]
    assert found.column("prediction") == ["yes", "no"]
    assert found.column("probability") == [0.75, 0.125]


MULTICLASS = {
    "task": "multiclass_classification",
    "response": ["probabilities"],
    "classes": ["a", "b", "c"],
    "scale": "percent",
    "score_keys": {"label": "Name", "score": "Score"},
}
NAMED = [{"Name": name, "Score": score} for name, score in (("c", 50), ("a", 12.5), ("b", 37.5))]
OBJECT = {"c": 50, "a": 12.5, "b": 37.5}
BY_CLASS = [0.125, 0.375, 0.5]
PERCENT = {**CLASSIFIER, "response": ["probability"], "scale": "percent", "threshold": 0.8}

LAYOUTS: dict[str, tuple[Any, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "the whole answer is a list of scores": (
        NAMED,
        MULTICLASS,
        {},
        {"probabilities": BY_CLASS, "prediction": "c"},
    ),
    "a list of scores at a path": (
        {"answer": {"classes": NAMED}},
        {**MULTICLASS, "at": {"probabilities": "$.answer.classes"}},
        {},
        {"probabilities": BY_CLASS, "prediction": "c"},
    ),
    "a list of scores for each row": (
        [NAMED],
        MULTICLASS,
        {"response_rows": "$"},
        {"probabilities": BY_CLASS, "prediction": "c"},
    ),
    "an object with the classes as keys": (
        {"probabilities": OBJECT},
        MULTICLASS,
        {},
        {"probabilities": BY_CLASS, "prediction": "c"},
    ),
    "the whole answer is such an object": (
        OBJECT,
        {**MULTICLASS, "at": {"probabilities": "$"}},
        {},
        {"probabilities": BY_CLASS, "prediction": "c"},
    ),
    "only the greatest score": (
        [{"label": "no", "score": 0.75}],
        {
            **OF_PREDICTION,
            "scale": "fraction",
            "at": {"prediction": "$[0].label", "probability": "$[0].score"},
        },
        {},
        {"probability": 0.25, "prediction": "no"},
    ),
    "one probability in percent, below the threshold": (
        79.5,
        PERCENT,
        {},
        {"probability": 0.795, "prediction": "0"},
    ),
    "one probability in percent, on the threshold": (
        80,
        PERCENT,
        {},
        {"probability": 0.8, "prediction": "1"},
    ),
    "a class that is spelt otherwise": (
        {"prediction": 1.0, "probability": 75},
        {**OF_PREDICTION, "positive_class": "1", "negative_class": "0"},
        {},
        {"probability": 0.75, "prediction": "1"},
    ),
    "a third class has no probability of the positive one": (
        {"prediction": "perhaps", "probability": 75},
        OF_PREDICTION,
        {},
        {"probability": None, "prediction": "perhaps"},
    ),
}


@pytest.mark.parametrize(("answer", "output", "payload", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_of_answers(
    endpoint: Endpoint,
    export: Export,
    answer: Any,
    output: dict[str, Any],
    payload: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    capture, files = realtime([answer])

    found = exported(endpoint, export, ({**capture, "payload": payload}, files), output)

    assert found.quarantine == []
    assert [{name: row[name] for name in expected} for row in found.rows] == [expected]


NOT_BY_LABEL = {
    "a class without a score": [{"label": "yes", "score": 0.9}, {"label": "maybe", "score": 0.1}],
    "a class that comes twice": [{"label": "yes", "score": 0.9}, {"label": "yes", "score": 0.1}],
    "a score without a label": [{"score": 0.9}, {"label": "no", "score": 0.1}],
    "a score that is no number": [{"label": "yes", "score": "high"}, {"label": "no", "score": 0.1}],
    "too few": {"yes": 0.9},
    "too many": {"yes": 0.9, "no": 0.05, "maybe": 0.05},
}


def short(answer: Any) -> str:
    return json.dumps(answer, separators=(",", ":"))[:60]


def test_scores_without_one_for_each_class_are_quarantined(endpoint: Endpoint, export: Export) -> None:
    answers = [{"probabilities": answer} for answer in NOT_BY_LABEL.values()]

    found = exported(endpoint, export, realtime(answers), BY_LABEL)

    assert found.counts.rows == 0
    assert [bad["detail"] for bad in found.quarantine] == [
        f"probabilities: expected 2 numbers, one for each of no, yes, but received {short(answer)}"
        for answer in NOT_BY_LABEL.values()
    ]


def test_several_probabilities_in_one_line_are_several_rows(endpoint: Endpoint, export: Export) -> None:
    record = one("e").record()
    request, answer = record["captureData"]["endpointInput"], record["captureData"]["endpointOutput"]
    request["data"], answer["data"] = "1,1,true,DE\n2,2,true,DE\n3,3,true,DE", "79.5,80,98.05\n"
    endpoint.raw(json.dumps(record).encode())

    found = export(model=models.model(output=PERCENT))

    assert found.quarantine == []
    assert found.column("amount") == [1.0, 2.0, 3.0]
    assert found.column("probability") == pytest.approx([0.795, 0.8, 0.9805])
    assert found.column("prediction") == ["0", "1", "1"]
