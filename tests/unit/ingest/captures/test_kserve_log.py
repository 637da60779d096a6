"""KServe's request log: an object for each request and response, whose ids join them."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import models
import pytest
from captures import Endpoint, Inference, at, day_of
from daywatch.ingest.captures.registry import source_of, stored_as_read
from daywatch.storage import open_storage
from daywatch.window import Window
from sources import answers_of, columns_of

Export = Callable[..., Any]
DAY = "2024-03-03"
FOLDER = "logs/shop/basket/predictor"
CAPTURE = {
    "source": "kserve_log",
    "prefix": FOLDER,
    "payload": {"request_rows": "$.instances", "response_rows": "$.predictions"},
}


def entry(one: Inference, side: str, body: Any, **changes: Any) -> dict[str, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = {
        "Url": {"Scheme": "s3", "Host": "logs"},
        "Bytes": base64.b64encode(raw).decode(),
        "ContentType": "application/json",
        "ReqType": f"org.kubeflow.serving.inference.{side}",
        "Id": one.event_id,
        "InferenceService": "basket",
        "Namespace": "shop",
        "Component": "predictor",
        "Endpoint": "default",
        "Metadata": {"Date": [f"{one.at:%Y-%m-%dT%H:%M:%SZ}"]},
        "Annotations": {"team": "shop"},
    }
    return {**found, **changes}


def write(folder: Path, name: str, content: Any, stored: datetime) -> Path:
    path = folder / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    os.utime(path, (stored.timestamp(), stored.timestamp()))
    return path


def log(folder: Path, inferences: list[Inference]) -> None:
    """Write the log; a response is stored a second after its request."""
    for one in inferences:
        request, answer = columns_of(one), answers_of(one)
        write(
            folder, f"{one.event_id}-request.json", [entry(one, "request", {"instances": [request]})], one.at
        )
        later = one.at + timedelta(seconds=1)
        write(
            folder, f"{one.event_id}-response.json", entry(one, "response", {"predictions": [answer]}), later
        )


def test_a_day_of_objects(endpoint: Endpoint, export: Export) -> None:
    ours = day_of(DAY, rows=48)
    log(endpoint.folder, [*day_of("2024-03-02", rows=6), *ours, *day_of("2024-03-04", rows=6)])
    write(endpoint.folder, "notes.txt", b"no capture", ours[0].at)
    model = models.model(capture={**CAPTURE, "keep": {"endpoint": "$.Endpoint"}}, labels=None)

    exported = export(model=model)

    assert (exported.counts.records, exported.counts.rows, exported.counts.quarantined) == (48, 48, 0)
    found = {row["event_id"]: row for row in exported.rows}
    for one in ours:
        row = found[one.event_id]
        values = {**columns_of(one), **answers_of(one)}
        assert {name: row[name] for name in values} == values
        assert (row["inference_time"], row["inference_id"]) == (one.at, one.event_id)
    served = exported.operations[0]
    assert (served["variant"], served["attributes"], served["endpoint"]) == (
        "basket",
        '{"team":"shop"}',
        "default",
    )
    assert served["request_bytes"] > 50
    assert export(model=model).contents == exported.contents


def test_a_time_in_the_objects_counts_before_that_of_the_storage(endpoint: Endpoint, export: Export) -> None:
    ours = day_of(DAY, rows=4)
    log(endpoint.folder, ours)
    for path in endpoint.folder.rglob("*.json"):
        os.utime(path, (at("2024-03-04", 6).timestamp(),) * 2)
    timed = {**CAPTURE, "time": "$.Metadata.Date[0]"}
    exported = export(model=models.model(capture=timed, labels=None))
    assert [row["inference_time"] for row in exported.rows] == [one.at for one in ours]
    # By the storage's time, they are of another day.
    assert export(model=models.model(capture=CAPTURE, labels=None)).counts.records == 0


def test_what_is_not_joined_and_what_cannot_be_read(endpoint: Endpoint, export: Export) -> None:
    when = at(DAY)
    ours = day_of(DAY, rows=8)
    log(endpoint.folder, ours)
    names = [one.event_id for one in ours]
    folder = endpoint.folder / FOLDER
    (folder / f"{names[0]}-response.json").unlink()
    (folder / f"{names[1]}-request.json").unlink()
    write(endpoint.folder, f"{names[2]}-request.json", b'[{"Id": "cut', when)
    write(endpoint.folder, f"{names[3]}-request.json", [entry(ours[3], "request", "", Bytes="%%%")], when)
    write(endpoint.folder, f"{names[4]}-request.json", [{"Bytes": "e30="}], when)
    write(endpoint.folder, f"{names[5]}-response.json", entry(ours[5], "response", b"\xff\xfe"), when)

    counts = export(model=models.model(capture=CAPTURE, labels=None)).counts

    assert (counts.rows, counts.unanswered) == (2, 1)
    # Of the objects that cannot be read, the response is a record of its own without a request.
    assert counts.reasons == {"no_input": 3, "not_a_capture": 1, "not_base64": 2, "not_json": 1}
    assert counts.records == counts.exported + counts.quarantined + counts.unanswered == 10


def test_objects_of_several_requests(endpoint: Endpoint, export: Export) -> None:
    """KServe may store a batch in an object, under the id of its last request; an id may come twice."""
    first, second = day_of(DAY, rows=2)
    requests = [entry(one, "request", {"instances": [columns_of(one)]}) for one in (first, second, second)]
    answers = [entry(one, "response", {"predictions": [answers_of(one)]}) for one in (second, second, first)]
    write(endpoint.folder, "x-request.json", requests, first.at)
    write(endpoint.folder, "x-response.json", answers, first.at)
    counts = export(model=models.model(capture=CAPTURE, labels=None)).counts
    assert (counts.records, counts.rows, counts.duplicates) == (3, 2, 1)


@pytest.mark.parametrize("parts", ["request", "response"])
def test_one_side_alone(endpoint: Endpoint, export: Export, parts: str) -> None:
    """The logger may log requests alone, or responses."""
    log(endpoint.folder, day_of(DAY, rows=4))
    for path in endpoint.folder.rglob("*.json"):
        if not path.name.endswith(f"-{parts}.json"):
            path.unlink()
    capture = {**CAPTURE, "payload": {**CAPTURE["payload"], "parts": parts}}
    counts = export(model=models.model(capture=capture, labels=None)).counts
    assert (counts.records, counts.rows) == (4, 4)


def test_a_response_that_arrives_later_is_late_evidence(endpoint: Endpoint, tmp_path: Path) -> None:
    log(endpoint.folder, day_of(DAY, rows=2))
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))
    model, window = models.model(capture=CAPTURE), Window.of_day(DAY)

    def keys() -> list[str]:
        source = source_of(model)
        return [one.key for one in stored_as_read(source, source.objects(storage, window))]

    assert len(keys()) == 4
    next(endpoint.folder.rglob("*-response.json")).unlink()
    assert len(keys()) == 3
