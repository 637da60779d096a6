"""Tensors of the Open Inference Protocol: rows one value after the other, with a shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import models
import pytest
from captures import Endpoint, at
from sources import write_files

Export = Callable[..., Any]
ROWS = [[12.5, 3, True, "DE"], [1, 2, False, 'a "b", c'], [0.5, 1, True, None]]
ANSWERS = [[1, 0.9], [0, 0.2], [1, 0.7]]
PAYLOAD = {"request_rows": "$.inputs[0]", "response_rows": "$.outputs[0]"}


def tensor(rows: list[list[Any]], **changes: Any) -> dict[str, Any]:
    flat = [value for row in rows for value in row]
    return {"name": "x", "shape": [len(rows), len(rows[0])], "datatype": "FP64", "data": flat, **changes}


def record(inputs: dict[str, Any], outputs: dict[str, Any], number: int = 0) -> str:
    return json.dumps(
        {
            "transaction_id": f"t{number}",
            "request": {"inputs": [inputs]},
            "response": {"outputs": [outputs]},
            "start_at": f"{at('2024-03-03'):%Y-%m-%dT%H:%M:%SZ}",
            "status": "ok",
        }
    )


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        (tensor(ROWS), tensor(ANSWERS)),
        (tensor(ROWS, data=ROWS), tensor(ANSWERS)),
        (tensor(ROWS, shape=[3, 2, 2]), tensor(ANSWERS, data=ANSWERS)),
    ],
    ids=["flat", "nested", "three dimensions"],
)
def test_rows_of_a_tensor(endpoint: Endpoint, export: Export, inputs: Any, outputs: Any) -> None:
    write_files(endpoint.folder, {"log/2024/03/03/12/a.jsonl": record(inputs, outputs).encode()})
    capture = {"source": "transaction_records", "prefix": "log", "payload": PAYLOAD}
    exported = export(model=models.model(capture=capture, labels=None))
    found = [[row[name] for name in ("amount", "items", "member", "country")] for row in exported.rows]
    assert found == ROWS
    assert exported.column("probability") == [0.9, 0.2, 0.7]


@pytest.mark.parametrize(
    "inputs",
    [
        tensor(ROWS * 1500),
        dict(zip(("amount", "items", "member", "country"), zip(*(ROWS * 1500), strict=True), strict=True)),
    ],
    ids=["flat", "columns"],
)
def test_many_rows_need_little_memory(endpoint: Endpoint, export: Export, inputs: Any) -> None:
    """A copy of all values for each row would need more memory than there is."""
    line = record(inputs, tensor(ANSWERS * 1500))
    write_files(endpoint.folder, {"log/2024/03/03/12/a.jsonl": line.encode()})
    capture = {"source": "transaction_records", "prefix": "log", "payload": PAYLOAD}
    exported = export(model=models.model(capture=capture, labels=None))
    assert exported.counts.rows == 4500
    assert exported.column("amount") == [row[0] for row in ROWS] * 1500
    assert exported.column("probability") == [0.9, 0.2, 0.7] * 1500


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (tensor(ROWS, shape=[3, 5]), "the tensor at $.inputs[0] in the request has not as many values"),
        (tensor(ROWS, shape=[-3, 4]), "the tensor at $.inputs[0] in the request has not as many values"),
        (tensor(ROWS, shape=[]), "the tensor at $.inputs[0] in the request has not as many values"),
        (tensor(ROWS, shape=[2, 6]), "the request has 2 rows, the response 3"),
        (tensor(ROWS, data=[]), "the tensor at $.inputs[0] in the request has not as many values"),
        (
            tensor(ROWS, data=[], shape=[3, 0]),
            "the tensor at $.inputs[0] in the request has not as many values",
        ),
        (tensor(ROWS, shape=["a", 4]), "the tensor at $.inputs[0] in the request has not as many values"),
        (
            tensor(ROWS, shape=[10**15, 10**15]),
            "the tensor at $.inputs[0] in the request has not as many values",
        ),
        (tensor(ROWS, shape=[12, 1]), "the request has 12 rows, the response 3"),
    ],
)
def test_a_tensor_that_does_not_fill_its_shape(
    endpoint: Endpoint, export: Export, inputs: Any, sentence: str
) -> None:
    """It costs its own record, and never the day."""
    lines = [record(inputs, tensor(ANSWERS)), record(tensor(ROWS), tensor(ANSWERS), 1)]
    write_files(endpoint.folder, {"log/2024/03/03/12/a.jsonl": "\n".join(lines).encode()})
    capture = {"source": "transaction_records", "prefix": "log", "payload": PAYLOAD}
    exported = export(model=models.model(capture=capture, labels=None))
    assert exported.counts.rows == 3
    assert exported.quarantine[0]["detail"].startswith(sentence)
