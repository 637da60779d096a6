"""A payload is what the YAML says it is; without that, what the record says; without that, a guess that is told."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import models
import pytest
from captures import Endpoint, one
from daywatch.ingest.reading.quarantine import Reason
from sources import manifest, transaction, write_files

Export = Callable[..., Any]

CSV, ANSWER = "12.5,3,true,DE", "1,0.9"
ROWS = [(12.5, 3, True, "DE", "1", 0.9), (0.5, 1, False, "FR", "0", 0.25)]
OBJECTS = [dict(zip(("amount", "items", "member", "country"), row[:4], strict=True)) for row in ROWS]
ANSWERS = [dict(zip(("prediction", "probability"), row[4:], strict=True)) for row in ROWS]
COLUMNS = {name: [one_[name] for one_ in OBJECTS] for name in OBJECTS[0]}
ANSWER_COLUMNS = {name: [one_[name] for one_ in ANSWERS] for name in ANSWERS[0]}


def side(data: str, encoding: str = "CSV", content_type: str | None = "text/csv") -> dict[str, Any]:
    return {"observedContentType": content_type, "mode": "INPUT", "data": data, "encoding": encoding}


def packed(data: str, content_type: str) -> dict[str, Any]:
    return side(base64.b64encode(data.encode()).decode(), "BASE64", content_type)


def record(request: dict[str, Any], response: dict[str, Any], event_id: str = "e") -> bytes:
    record = one(event_id).record()
    record["captureData"] = {"endpointInput": request, "endpointOutput": response}
    return json.dumps(record).encode()


def rows_of(exported: Any) -> list[tuple[Any, ...]]:
    columns = ("amount", "items", "member", "country", "prediction", "probability")
    return list(zip(*(exported.column(name) for name in columns), strict=True))


def realtime(**payload: Any) -> Any:
    return models.model(capture={"endpoint": "shop-endpoint", "payload": payload})


def as_lines(rows: list[dict[str, Any]]) -> str:
    return "\n".join(map(json.dumps, rows))


@pytest.mark.parametrize(
    ("request_", "response", "payload", "guessed"),
    [
        (side(CSV, "JSON", "application/json"), side(ANSWER), {"request_kind": "csv"}, ""),
        (side(json.dumps(OBJECTS[0])), side(ANSWER), {"request_kind": "json"}, ""),
        (side(as_lines(OBJECTS[:1]), "TSV", None), side(ANSWER), {"request_kind": "jsonl"}, ""),
        (
            packed(CSV, "image/png"),
            packed(ANSWER, "a/b"),
            {"request_kind": "csv", "response_kind": "csv"},
            "",
        ),
        (
            side(CSV),
            packed(json.dumps(ANSWERS[0]), "text/html; charset=utf-8"),
            {"response_kind": "json"},
            "",
        ),
        (
            side(CSV),
            packed(json.dumps(ANSWERS[0]), "text/html; charset=utf-8"),
            {},
            "response of text/html; charset=utf-8 as json",
        ),
        (packed(CSV, "text/plain"), side(ANSWER), {}, "request of text/plain as csv"),
        (
            packed(json.dumps(OBJECTS[0]), "application/octet-stream"),
            packed(json.dumps(ANSWERS[0]), "application/vnd.shop.rows+json"),
            {},
            "request of application/octet-stream as json; response of application/vnd.shop.rows+json as json",
        ),
    ],
)
def test_what_a_payload_is(
    endpoint: Endpoint,
    export: Export,
    request_: dict[str, Any],
    response: dict[str, Any],
    payload: dict[str, str],
    guessed: str,
) -> None:
    endpoint.raw(record(request_, response))

    exported = export(model=realtime(**payload))

    assert exported.quarantine == []
    assert rows_of(exported) == ROWS[:1]
    assert [one.payload for one in exported.counts.guessed_payloads] == ([guessed] if guessed else [])


@pytest.mark.parametrize(
    ("request_", "response", "reason", "detail"),
    [
        (side(CSV), packed("\x00\x01", "image/png"), Reason.ENCODING, "the response is neither CSV nor JSON"),
        (packed("\x00", "image/png"), side(ANSWER), Reason.ENCODING, "the request is neither CSV nor JSON"),
        (side(CSV), side("!", "BASE64"), Reason.NOT_BASE64, "the response is said to be BASE64"),
        (side(CSV), side('"1', "CSV"), Reason.NOT_CSV, "the response is not whole CSV"),
    ],
)
def test_an_unreadable_part_is_named_and_its_request_was_served(
    endpoint: Endpoint,
    export: Export,
    request_: dict[str, Any],
    response: dict[str, Any],
    reason: Reason,
    detail: str,
) -> None:
    endpoint.raw(record(request_, response) + b"\n" + record(side(CSV), side(ANSWER), "good"))

    exported = export()

    (bad,) = exported.quarantine
    assert (bad["record"], bad["row_in_record"], bad["reason"]) == (1, None, reason)
    assert bad["detail"].startswith(detail)
    assert [row["event_id"] for row in exported.operations] == ["e", "good"]


LINE = "1,0.9,0,0.25"


@pytest.mark.parametrize(
    ("request_", "response", "changes"),
    [
        (side(f"{CSV}\n0.5,1,false,FR"), side(LINE), {}),
        (side(f"{CSV}\n0.5,1,false,FR"), side(f" {LINE}\r\n".replace(",", ", ")), {}),
        (side(as_lines(OBJECTS), "JSON", "application/jsonlines"), side(f"[{LINE}]", "JSON", None), {}),
        (
            side(f"{CSV}\n0.5,1,false,FR"),
            side("0.9,x,1,0.25,y,0"),
            {"output": {"task": "binary_classification", "response": ["prediction", "probability"],
                        "at": {"prediction": 2, "probability": 0}}},
        ),
        (
            side(f"{CSV}\n0.5,1,false,FR"),
            side("1,0.1,0.9,0,0.75,0.25"),
            {"output": {"task": "binary_classification", "response": ["prediction", "probabilities"],
                        "classes": ["0", "1"]}},
        ),
        (side(json.dumps(COLUMNS), "JSON"), side(json.dumps(ANSWER_COLUMNS), "JSON"), {}),
        (
            side(json.dumps({"instances": COLUMNS}), "JSON"),
            side(json.dumps({"predictions": ANSWERS}), "JSON"),
            {"capture__payload": {"request_rows": "$.instances", "response_rows": "$.predictions"}},
        ),
    ],
    ids=["CSV", "spaces", "a list", "positions", "vectors", "columns", "columns at a path"],
)  # fmt: skip
def test_several_rows_at_once(
    endpoint: Endpoint, export: Export, request_: Any, response: Any, changes: dict[str, Any]
) -> None:
    endpoint.raw(record(request_, response))

    exported = export(model=models.model(**changes))

    assert exported.quarantine == []
    assert rows_of(exported) == ROWS
    assert exported.counts.rows_read == 2


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        (side(json.dumps({**COLUMNS, "items": [1]}), "JSON"), side(LINE)),
        (
            side(json.dumps(COLUMNS), "JSON"),
            side(json.dumps({"prediction": [1], "probability": [0.9]}), "JSON"),
        ),
        (side(f"{CSV}\n0.5,1,false,FR"), side("1,0.9,0")),
    ],
)
def test_rows_that_do_not_fit(endpoint: Endpoint, export: Export, request_: Any, response: Any) -> None:
    endpoint.raw(record(request_, response))

    assert [bad["reason"] for bad in export().quarantine] == [Reason.ROWS_DIFFER]


def test_a_text_that_looks_like_a_list_is_a_text(endpoint: Endpoint, export: Export) -> None:
    model = models.model(features=[{"name": "comment", "type": "text"}])
    endpoint.raw(record(side(json.dumps({"comment": "[deleted]"}), "JSON"), side(ANSWER)))

    assert export(model=model).column("comment") == ["[deleted]"]


def test_the_kind_of_a_transactions_payload(endpoint: Endpoint, export: Export) -> None:
    found = transaction(one(), request=as_lines(OBJECTS), response=as_lines(ANSWERS))
    write_files(endpoint.folder, {"shop-log/2024/03/03/12/a.jsonl": json.dumps([found]).encode()})
    payload = {"request_kind": "jsonl", "response_kind": "jsonl"}
    capture = {"source": "transaction_records", "prefix": "shop-log", "payload": payload}

    assert rows_of(export(model=models.model(capture=capture))) == ROWS


def test_the_kind_of_a_transforms_lines(endpoint: Endpoint, export: Export) -> None:
    """A line of CSV may begin with a bracket."""
    uri = f"{endpoint.folder}/jobs/"
    write_files(
        endpoint.folder,
        {
            "jobs/a.csv": b"[DE,12.5\n",
            "jobs/a.csv.out": b"1,0.9,i1,2024-03-03T12:00:00Z\n",
            "shop-batch/input/2024/03/03/12/m.json": manifest(uri, "a.csv"),
            "shop-batch/output/2024/03/03/12/m.json": manifest(uri, "a.csv.out"),
        },
    )
    features = [{"name": "country", "type": "category"}, {"name": "amount", "type": "number"}]
    capture = {"source": "sagemaker_batch", "prefix": "shop-batch", "payload": {"request_kind": "csv"}}

    exported = export(model=models.model(capture=capture, features=features))

    assert exported.column("country") == ["[DE"]
