"""How requests and responses may be laid out, in SageMaker's captures and in transaction records."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import models
import pytest
from captures import Endpoint, one
from daywatch.ingest.reading.quarantine import Reason
from sources import parquet, transaction, write_files

Export = Callable[..., Any]

FEATURES = {"amount": 12.5, "items": 3, "member": True, "country": "DE"}
ANSWERS = {"prediction": "1", "probability": 0.9}
ROW = (12.5, 3, True, "DE", "1", 0.9)
SECOND = (0.5, 1, False, "FR", "0", 0.25)


def side(data: str, encoding: str = "JSON", content_type: str = "application/json") -> dict[str, Any]:
    return {"observedContentType": content_type, "mode": "INPUT", "data": data, "encoding": encoding}


def packed(data: str, content_type: str) -> dict[str, Any]:
    return side(base64.b64encode(data.encode()).decode(), "BASE64", content_type)


def record(request: dict[str, Any] | None, response: dict[str, Any] | None, **metadata: Any) -> bytes:
    """Return a capture record with these sides."""
    ordinary = one("e").record()
    parts = {"endpointInput": request, "endpointOutput": response}
    ordinary["captureData"] = {name: part for name, part in parts.items() if part is not None}
    ordinary["eventMetadata"] |= metadata
    return json.dumps(ordinary).encode()


CSV = side("12.5,3,true,DE", "CSV", "text/csv")
CSV_ANSWER = side("1,0.9", "CSV", "text/csv")
JSON_TEXT, ANSWER_TEXT = json.dumps(FEATURES), json.dumps(ANSWERS)
TWO = [FEATURES, {"amount": 0.5, "items": 1, "member": False, "country": "FR"}]
TWO_ANSWERS = [ANSWERS, {"prediction": 0, "probability": 0.25}]

LAYOUTS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[tuple[Any, ...]]]] = {
    "CSV": (CSV, CSV_ANSWER, {}, [ROW]),
    "JSON by name": (side(JSON_TEXT), side(ANSWER_TEXT), {}, [ROW]),
    "JSON list in order": (side('[12.5, 3, true, "DE"]'), side('["1", 0.9]'), {}, [ROW]),
    "JSON and CSV": (side(JSON_TEXT), CSV_ANSWER, {}, [ROW]),
    "JSON Lines": (
        side("\n".join(map(json.dumps, TWO)) + "\r\n\n", content_type="application/jsonlines; charset=utf-8"),
        side("\n".join(map(json.dumps, TWO_ANSWERS)), content_type="application/jsonlines"),
        {},
        [ROW, SECOND],
    ),
    "BASE64 of CSV": (packed("12.5,3,true,DE", "Text/CSV; charset=utf-8"), CSV_ANSWER, {}, [ROW]),
    "BASE64 of JSON": (
        packed(JSON_TEXT, "application/json"),
        packed(ANSWER_TEXT, "application/json"),
        {},
        [ROW],
    ),
    "BASE64 of JSON Lines": (
        packed("\n".join(map(json.dumps, TWO)), "application/x-jsonlines"),
        side("1,0.9\n0,0.25", "CSV"),
        {},
        [ROW, SECOND],
    ),
    "rows at a path": (
        side(json.dumps({"instances": TWO})),
        side(json.dumps({"predictions": TWO_ANSWERS})),
        {"payload": {"request_rows": "$.instances", "response_rows": "$.predictions"}},
        [ROW, SECOND],
    ),
    "lists at a path": (
        side(json.dumps({"instances": [list(FEATURES.values()), [0.5, 1, False, "FR"]]})),
        side("[[1, 0.9], [0, 0.25]]"),
        {"payload": {"request_rows": "$.instances", "response_rows": "$"}},
        [ROW, SECOND],
    ),
    "header": (
        side('member,country,extra,amount,items\ntrue,DE,x,12.5,3\nfalse,"FR",y,0.5,1\n', "CSV"),
        side("1,0.9\n0,0.25", "CSV"),
        {"payload": {"header": True}},
        [ROW, SECOND],
    ),
    "header with a byte-order mark": (
        side("\ufeffamount, items ,member,country\r\n12.5,3,true,DE", "CSV"),
        CSV_ANSWER,
        {"payload": {"header": True}},
        [ROW],
    ),
    "missing and null keys are missing values": (
        side('{"amount": null, "country": "DE"}'),
        side(ANSWER_TEXT),
        {},
        [(None, None, None, "DE", "1", 0.9)],
    ),
    "numbers of JSON": (
        side('{"amount": 1e5, "items": 9007199254740993, "member": false, "country": 7}'),
        side('{"prediction": 0, "probability": 1E-3}'),
        {},
        [(1e5, 9007199254740993, False, "7", "0", 0.001)],
    ),
}


def values(exported: Any) -> list[tuple[Any, ...]]:
    names = (*FEATURES, *ANSWERS)
    return [tuple(row[name] for name in names) for row in exported.rows]


@pytest.mark.parametrize(("request_", "response", "capture", "rows"), LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout(
    endpoint: Endpoint,
    export: Export,
    request_: dict[str, Any],
    response: dict[str, Any],
    capture: dict[str, Any],
    rows: list[tuple[Any, ...]],
) -> None:
    endpoint.raw(record(request_, response))

    exported = export(model=models.model(capture={"endpoint": "shop-endpoint", **capture}))

    assert [bad["detail"] for bad in exported.quarantine] == []
    assert values(exported) == rows


def at_positions(positions: dict[str, Any], output: dict[str, Any] | None = None, **payload: Any) -> Any:
    """Return the model with features at these positions."""
    features = [{**feature, "at": positions[feature["name"]]} for feature in models.YAML["features"]]
    changes = {"output": output} if output else {}
    capture = {"endpoint": "shop-endpoint", "payload": payload}
    return models.model(features=features, capture=capture, **changes)


def test_positions_may_skip_and_reorder(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(record(side("x,DE,true,y,3,12.5,z", "CSV"), CSV_ANSWER))

    exported = export(model=at_positions({"amount": 5, "items": 4, "member": 2, "country": 1}))

    assert values(exported) == [ROW]


def test_a_row_too_short_for_its_positions_is_not_taken_for_one_in_order(
    endpoint: Endpoint, export: Export
) -> None:
    """It has as many values as there are features, but not at their positions."""
    endpoint.raw(record(side("1,2,3,4", "CSV"), CSV_ANSWER))

    (bad,) = export(model=at_positions({"amount": 5, "items": 4, "member": 2, "country": 1})).quarantine

    assert bad["reason"] == Reason.VALUE_COUNT
    assert bad["detail"] == "expected at least 6 values in the request, but received fewer"


def test_nested_paths(endpoint: Endpoint, export: Export) -> None:
    request = {"basket": {"sum": 12.5, "lines": [3]}, "who": {"a.b": True, "at": [{"country": "DE"}]}}
    answer = {"scores": {"late": [0.1, 0.9]}, "class": "1"}
    endpoint.raw(record(side(json.dumps(request)), side(json.dumps(answer))))
    positions = {
        "amount": "$.basket.sum",
        "items": "$.basket.lines[0]",
        "member": '$.who."a.b"',
        "country": "$.who.at[0].country",
    }
    output = {
        "task": "binary_classification",
        "response": ["prediction", "probability"],
        "at": {"prediction": "$.class", "probability": "$.scores.late[1]"},
    }

    assert values(export(model=at_positions(positions, output))) == [ROW]


@pytest.mark.parametrize("header", ["amount,items,member", "amount,items,member,country,x", "a,b,c,d"])
def test_a_header_that_does_not_fit(endpoint: Endpoint, export: Export, header: str) -> None:
    endpoint.raw(record(side(f"{header}\n12.5,3,true,DE", "CSV"), CSV_ANSWER))
    model = models.model(capture={"endpoint": "shop-endpoint", "payload": {"header": True}})

    (bad,) = export(model=model).quarantine

    assert bad["reason"] == Reason.VALUE_COUNT
    assert "header" in bad["detail"]


def test_a_header_without_rows(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(record(side("amount,items,member,country\n", "CSV"), CSV_ANSWER))
    model = models.model(capture={"endpoint": "shop-endpoint", "payload": {"header": True}})

    (bad,) = export(model=model).quarantine

    assert (bad["reason"], bad["detail"]) == (Reason.NOT_CSV, "the request has a header, but no rows")


def test_rows_that_are_not_at_their_path(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(record(side('{"rows": []}'), CSV_ANSWER))
    model = models.model(capture={"endpoint": "shop-endpoint", "payload": {"request_rows": "$.instances"}})

    (bad,) = export(model=model).quarantine

    assert bad["reason"] == Reason.NOT_PAYLOAD_JSON
    assert bad["detail"] == "the request holds no rows at $.instances"


CLASSES = {"task": "multiclass_classification", "classes": ["a", "b", "c"]}
VECTORS: dict[str, tuple[dict[str, Any], list[str], list[str], list[list[float]]]] = {
    "JSON": (side('{"probabilities": [0.1, 0.7, 0.2]}'), ["probabilities"], ["b"], [[0.1, 0.7, 0.2]]),
    "a bare list": (side("[0.1, 0.2, 0.7]"), ["probabilities"], ["c"], [[0.1, 0.2, 0.7]]),
    "one CSV value": (
        side('a,"[0.1, 0.7, 0.2]"', "CSV"),
        ["prediction", "probabilities"],
        ["a"],
        [[0.1, 0.7, 0.2]],
    ),
    "CSV values": (
        side("c,0.5,0.5,0,x", "CSV"),
        ["prediction", "probabilities", "ignore"],
        ["c"],
        [[0.5, 0.5, 0.0]],
    ),
    "ties": (side("0.4,0.4,0.2", "CSV"), ["probabilities"], ["a"], [[0.4, 0.4, 0.2]]),
}


@pytest.mark.parametrize(("response", "names", "predictions", "vectors"), VECTORS.values(), ids=VECTORS)
def test_a_vector_of_probabilities(
    endpoint: Endpoint,
    export: Export,
    response: dict[str, Any],
    names: list[str],
    predictions: list[str],
    vectors: list[list[float]],
) -> None:
    endpoint.raw(record(CSV, response))

    exported = export(model=models.model(output={**CLASSES, "response": names}))

    assert exported.column("prediction") == predictions
    assert exported.column("probabilities") == vectors


@pytest.mark.parametrize(
    ("output", "response", "probability"),
    [
        ({"response": ["probabilities"]}, side('{"probabilities": [0.75, 0.25]}'), 0.25),
        ({"response": ["probabilities"], "positive_class": "no"}, side("[0.75, 0.25]"), 0.75),
        ({"response": ["prediction", "probabilities"]}, side("yes,0.75,0.25", "CSV"), 0.25),
        # What the endpoint says itself is not made up from the vector.
        ({"response": ["probability", "probabilities"]}, side("0.3,0.75,0.25", "CSV"), 0.3),
    ],
)
def test_two_classes_with_a_vector_have_a_probability(
    endpoint: Endpoint, export: Export, output: dict[str, Any], response: dict[str, Any], probability: float
) -> None:
    endpoint.raw(record(CSV, response))
    wanted = {"task": "binary_classification", "classes": ["no", "yes"], "positive_class": "yes", **output}

    exported = export(model=models.model(output=wanted))

    assert exported.column("probability") == [probability]
    assert exported.column("probabilities") == [[0.75, 0.25]]


@pytest.mark.parametrize(
    "vector", ["[0.1, 0.9]", "[0.1, null, 0.9]", "[0.1, NaN, 0.9]", '["high", 0, 0]', "{}", "null"]
)
def test_a_vector_that_is_none(endpoint: Endpoint, export: Export, vector: str) -> None:
    endpoint.raw(record(CSV, side(f'{{"probabilities": {vector}}}')))

    (bad,) = export(model=models.model(output={**CLASSES, "response": ["probabilities"]})).quarantine

    assert bad["reason"] == Reason.NOT_A_NUMBER
    by_class = ", one for each of a, b, c" if vector == "{}" else ""
    assert bad["detail"].startswith(f"probabilities: expected 3 numbers{by_class}, but received ")


def test_only_requests_were_captured(endpoint: Endpoint, export: Export) -> None:
    """A response that nobody asked for may be anything."""
    endpoint.raw(record(CSV, None) + b"\n" + record(CSV, side("AA==", "BASE64", "image/png"), eventId="f"))
    capture = {"endpoint": "shop-endpoint", "payload": {"parts": "request"}}

    for output in (
        {"response": ["prediction", "probability"], "task": "binary_classification"},
        {**CLASSES, "response": ["probabilities"]},
        {"response": ["probabilities"], "task": "binary_classification", "classes": ["0", "1"]},
    ):
        exported = export(model=models.model(capture=capture, output=output))

        assert exported.quarantine == []
        assert exported.column("amount") == [12.5, 12.5]
        assert exported.column("prediction") == [None, None]


def test_only_responses_were_captured(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(record(None, side("1,0.9\n0,0.25", "CSV")))
    capture = {"endpoint": "shop-endpoint", "payload": {"parts": "response"}}

    exported = export(model=models.model(capture=capture))

    assert exported.column("probability") == [0.9, 0.25]
    assert exported.column("amount") == [None, None]


LOG = {"source": "transaction_records", "prefix": "shop-log"}
KEY = "shop-log/2024/03/03/12/a.jsonl"


def log(endpoint: Endpoint, *records: dict[str, Any]) -> None:
    write_files(endpoint.folder, {KEY: "\n".join(map(json.dumps, records)).encode()})


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        (FEATURES, ANSWERS),
        (JSON_TEXT, ANSWER_TEXT),
        ("12.5,3,true,DE", "1,0.9"),
        (list(FEATURES.values()), "[1, 0.9]"),
    ],
    ids=["objects", "JSON in a text", "CSV in a text", "lists"],
)
def test_a_transactions_payload(endpoint: Endpoint, export: Export, request_: Any, response: Any) -> None:
    log(endpoint, transaction(one(), request=request_, response=response))

    assert values(export(model=models.model(capture=LOG))) == [ROW]


def test_requests_without_answer_are_counted_and_no_inferences(endpoint: Endpoint, export: Export) -> None:
    """An attempt that failed before another one of the same id succeeded is a record of its own."""
    log(
        endpoint,
        transaction(one("a"), status="failed", response=None),
        transaction(one("a"), status="Success"),
        transaction(one("b"), status="timeout", request=None, response=None),
        transaction(one("b"), status="timeout", request=None, response=None),
        transaction(one("c"), response=None),
        transaction(one("d"), status=None),
        *(transaction(one("e"), status=status) for status in ("failed", "ok", "failed", "ok")),
    )

    exported = export(model=models.model(capture=LOG))

    assert exported.column("event_id") == ["a", "e"]
    counts = exported.counts
    assert (counts.records, counts.exported, counts.unanswered, counts.duplicates, counts.quarantined) == (
        10,
        2,
        3,
        3,
        2,
    )
    assert exported.reasons == [(5, Reason.NO_PREDICTION), (6, Reason.NOT_A_CAPTURE)]


def test_records_of_other_models_are_not_ours(endpoint: Endpoint, export: Export) -> None:
    """One that does not say whose it is may be."""
    log(
        endpoint,
        transaction(one("a"), model_name="other"),
        transaction(one("b"), environment="test"),
        transaction(one("c"), model_name=None),
        transaction(one("d")),
    )
    capture = {**LOG, "model_name": "shop", "environment": "production"}

    exported = export(model=models.model(capture=capture))

    assert exported.column("event_id") == ["d"]
    assert exported.reasons == [(3, Reason.NOT_A_CAPTURE)]
    assert exported.quarantine[0]["detail"] == "expected status and model_name and environment"


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("$.requester.principal", {}),
        ("$.request.basket", {"request": {**FEATURES, "basket": "till"}}),
        ("$.request.basket", {"request": json.dumps({**FEATURES, "basket": "till"})}),
    ],
)
def test_the_id_stands_at_a_path(
    endpoint: Endpoint, export: Export, path: str, changes: dict[str, Any]
) -> None:
    log(endpoint, transaction(one("a"), **changes))

    assert export(model=models.model(capture={**LOG, "id": path})).column("inference_id") == ["till"]


def test_a_record_without_an_id_is_known_by_its_place(endpoint: Endpoint, export: Export) -> None:
    log(endpoint, transaction(one("a"), transaction_id=None), transaction(one("a"), transaction_id=""))

    exported = export(model=models.model(capture=LOG))

    assert exported.column("event_id") == [f"{KEY}#1", f"{KEY}#2"]
    assert exported.column("inference_id") == [None, None]


CONFIDENT = {**LOG, "confidence": "$.confidence"}
SCORED = {"task": "binary_classification", "response": ["prediction", "probability"]}
BESIDE = {**SCORED, "at": {"prediction": "$.class", "probability": "$.confidence"}}


@pytest.mark.parametrize(
    ("output", "response"),
    [
        (BESIDE, {"class": "1"}),
        (BESIDE, '{"class": "1" }'),
        (BESIDE, {"class": "1", "confidence": 0.1}),
        (SCORED, ["1"]),
        (SCORED, " [1] "),
        (SCORED, "1"),
        (SCORED, "1\r\n"),
        (SCORED, 1),
    ],
)
def test_a_confidence_beside_the_response(
    endpoint: Endpoint, export: Export, output: dict[str, Any], response: Any
) -> None:
    log(endpoint, transaction(one(), response=response, confidence=0.123456789012345678))

    exported = export(model=models.model(capture=CONFIDENT, output=output))

    assert exported.quarantine == []
    assert exported.column("prediction") == ["1"]
    assert exported.column("probability") == [0.123456789012345678]


@pytest.mark.parametrize(("output", "response"), [(BESIDE, {"class": "1"}), (SCORED, ["1"]), (SCORED, "1")])
def test_a_confidence_that_is_missing(
    endpoint: Endpoint, export: Export, output: dict[str, Any], response: Any
) -> None:
    log(endpoint, transaction(one("a"), response=response), transaction(one("b"), response=None))

    exported = export(model=models.model(capture=CONFIDENT, output=output))

    assert exported.column("probability") == [None]
    assert exported.counts.quarantined == 1


@pytest.mark.parametrize(
    ("confidence", "reason"),
    [("0.9\x00", Reason.NUL_CHARACTER), ("much", Reason.NOT_A_NUMBER), ({"a": [1]}, Reason.NOT_A_NUMBER)],
)
def test_a_confidence_that_is_no_number(
    endpoint: Endpoint, export: Export, confidence: Any, reason: Reason
) -> None:
    log(endpoint, transaction(one(), response={"class": "1"}, confidence=confidence))

    exported = export(model=models.model(capture=CONFIDENT, output=BESIDE))

    assert [bad["reason"] for bad in exported.quarantine] == [reason]


def test_an_empty_answer_with_a_confidence_has_no_prediction(endpoint: Endpoint, export: Export) -> None:
    log(endpoint, transaction(one("a"), response={}, confidence=0.5))

    exported = export(model=models.model(capture=CONFIDENT, output=BESIDE))

    assert [bad["reason"] for bad in exported.quarantine] == [Reason.NO_PREDICTION]


def test_a_confidence_in_parquet(endpoint: Endpoint, export: Export) -> None:
    record = transaction(one(), response={"class": "1"}, scores={"confidence": 0.25})
    write_files(endpoint.folder, {"shop-log/2024/03/03/12/a.parquet": parquet([record])})

    capture = {**LOG, "confidence": "$.scores.confidence"}
    exported = export(model=models.model(capture=capture, output=BESIDE))

    assert exported.column("probability") == [0.25]
