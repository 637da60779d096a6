"""Objects of mutated records in every source and layout, each with the plain count of what is in them."""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import Any

import pyarrow as pa
from captures import Inference, at, one
from sources import Files, manifest, transaction

from tests.fuzz import account
from tests.fuzz.account import Expected
from tests.fuzz.mutations import HOSTILE_TEXTS, mutated, mutated_text, mutated_values

DAY = "2024-03-03"
_HOUR = "2024/03/03/12"
_OBJECTS = 3
"""Objects of an export: what one of them breaks must not touch the next."""


@dataclass(frozen=True)
class Layout:
    """A source and a layout of its records.

    Attributes:
        capture: ``capture`` in the model's YAML.
        make: Makes the objects of so many mutated records; gets their number, a dice and the data URI.
        count: Counts what is in the objects, from the files and their names alone.
        changes: Other changes of the model's YAML.
    """

    capture: dict[str, Any]
    make: Callable[[int, Random, str], Files]
    count: Callable[[Files], Expected]
    changes: dict[str, Any] = field(default_factory=dict)


def _inference(number: int, dice: Random) -> Inference:
    """Return an inference; one in fifty has the id of an earlier one."""
    known = number and dice.random() < 0.02
    request = f"{dice.gauss(50, 10):.2f},{dice.randrange(9)},{dice.choice(('true', 'false'))},{dice.choice(('DE', 'FR'))}"
    identity = f"e{dice.randrange(number) if known else number:07}"
    return one(
        identity,
        at(DAY, 12, number % 60),
        request=request,
        response=f"{dice.randrange(2)},{dice.random():.4f}",
    )


def _spread(number: int) -> list[range]:
    """Return the numbers of the records of each object."""
    bounds = [number * n // _OBJECTS for n in range(_OBJECTS + 1)]
    return [range(*pair) for pair in pairwise(bounds)]


def _mutated_payload(text: str, dice: Random) -> str:
    """Return a payload with mutated bytes or values, or half the time as it was."""
    kind = dice.randrange(4)
    return text if kind < 2 else mutated_text(text, dice) if kind == 2 else mutated_values(text, dice)


# SageMaker's real-time captures


def _capture(inference: Inference, dice: Random, request: str, response: str, **part: str) -> bytes:
    """Return a capture whose payload, line or both are mutated."""
    record = inference.record()
    for name, data in (("endpointInput", request), ("endpointOutput", response)):
        record["captureData"][name] |= part | {"data": data}
        if part.get("encoding") == "BASE64" and dice.random() < 0.9:
            coded = base64.b64encode(data.encode("utf-8", "surrogatepass")).decode()
            record["captureData"][name]["data"] = coded
    return json.dumps(record, ensure_ascii=dice.random() < 0.9).encode("utf-8", "surrogatepass")


def _realtime_csv(number: int, dice: Random) -> bytes:
    inference = _inference(number, dice)
    pair = (_mutated_payload(text, dice) for text in (inference.request, inference.response))
    return _capture(inference, dice, *pair)


def _realtime_rows(number: int, dice: Random) -> bytes:
    """Return a capture of several rows, answered in as many lines, or all in one."""
    inferences = [_inference(number, dice) for _ in range(dice.randrange(1, 6))]
    end = dice.choice(("\n", "\r\n", "\n\n"))
    request = end.join(_mutated_payload(each.request, dice) for each in inferences)
    answers = (_mutated_payload(each.response, dice) for each in inferences)
    return _capture(inferences[0], dice, request, dice.choice((end, end, ",")).join(answers))


def _named(inference: Inference) -> tuple[dict[str, Any], dict[str, Any]]:
    record = transaction(inference)
    return record["request"], record["response"]


def _realtime_json(number: int, dice: Random) -> bytes:
    inferences = [_inference(number, dice) for _ in range(dice.randrange(1, 4))]
    pairs = [_named(each) for each in inferences]
    request, response = (
        {key: [each[n] for each in pairs]} for n, key in enumerate(("instances", "predictions"))
    )
    texts = (
        mutated_text(json.dumps(side), dice) if dice.random() < 0.4 else json.dumps(side)
        for side in (request, response)
    )
    return _capture(inferences[0], dice, *texts, encoding="JSON", observedContentType="application/json")


def _realtime_base64(number: int, dice: Random) -> bytes:
    inference = _inference(number, dice)
    kinds = (
        "text/csv",
        "application/json",
        "application/jsonlines",
        "text/html; charset=utf-8",
        "\x01\n",
        "",
    )
    request, response = (
        text if dice.random() < 0.5 else json.dumps(text.split(","))
        for text in (inference.request, inference.response)
    )
    pair = (_mutated_payload(text, dice) for text in (request, response))
    return _capture(inference, dice, *pair, encoding="BASE64", observedContentType=dice.choice(kinds))


Line = Callable[[int, Random], bytes]


def _lines(of: Line, numbers: range, dice: Random) -> bytes:
    """Return lines, of which six in ten are mutated, and some come twice; the first is none that begins like gzip."""
    lines = [of(numbers[0], dice)]
    for number in numbers[1:]:
        line = dice.choice(lines) if dice.random() < 0.01 else of(number, dice)
        lines.append(line if dice.random() < 0.4 else mutated(line, dice))
    return b"\n".join(lines)


def _realtime_files(of: Line) -> Callable[[int, Random, str], Files]:
    folder = f"shop-endpoint/AllTraffic/{_HOUR}"

    def make(number: int, dice: Random, _: str) -> Files:
        return {f"{folder}/{n}.jsonl": _lines(of, numbers, dice) for n, numbers in enumerate(_spread(number))}

    return make


def _realtime_arrays(number: int, dice: Random, _: str) -> Files:
    """Return arrays whose elements are JSON, whatever else they are; the first of each is an object."""
    files: Files = {}
    for n, numbers in enumerate(_spread(number)):
        elements = [one(f"first{n}", at(DAY)).line()]
        for number_ in numbers[1:]:
            line = mutated(_realtime_csv(number_, dice), dice)
            elements.append(line.strip(b" \t\r\n") if _is_element(line) else _realtime_csv(number_, dice))
        files[f"shop-endpoint/AllTraffic/{_HOUR}/{n}.jsonl"] = b"[" + b",\n".join(elements) + b"]"
    return files


def _is_element(line: bytes) -> bool:
    """Return whether a line is JSON within an array too: in UTF-8 and without a byte-order mark."""
    try:
        json.loads(line.decode())
    except (ValueError, RecursionError):
        return False
    return True


def _each(count: Callable[[bytes], Any]) -> Callable[[Files], Expected]:
    return lambda files: {key: count(content) for key, content in files.items()}


# SageMaker's Batch Transform


def _transform_csv(joined: bool, timed: bool) -> Callable[[int, Random], tuple[bytes, bytes]]:
    """Return the function that makes an answer and its request."""

    def of(number: int, dice: Random) -> tuple[bytes, bytes]:
        inference = _inference(number, dice)
        request, response = (_mutated_payload(text, dice) for text in (inference.request, inference.response))
        answer = f"{request},{response}" if joined else response
        answer += f",{inference.event_id},{inference.at:%Y-%m-%dT%H:%M:%SZ}" if timed else ""
        return _line(answer), _line(request)

    return of


def _line(text: str) -> bytes:
    """Return text as one line."""
    return text.replace("\n", " ").encode("utf-8", "surrogatepass")


def _transform_json(number: int, dice: Random) -> tuple[bytes, bytes]:
    inference = _inference(number, dice)
    request, response = _named(inference)
    about = {
        "SageMakerOutput": response,
        "SageMakerInferenceId": inference.event_id,
        "SageMakerInferenceTime": f"{inference.at:%Y-%m-%dT%H:%M:%SZ}",
    }
    given = request if dice.random() < 0.5 else {"SageMakerInput": [*request.values()]}
    return json.dumps(given | about).encode(), b""


def _transform_files(
    of: Callable[[int, Random], tuple[bytes, bytes]], blank: float = 0.0
) -> Callable[[int, Random, str], Files]:
    """Return the function that makes outputs and inputs, with a share of blank lines in the inputs."""

    def make(number: int, dice: Random, uri: str) -> Files:
        files: Files = {}
        for n, numbers in enumerate(_spread(number)):
            pairs = [of(each, dice) for each in numbers]
            changed = (
                [
                    mutated(side, dice) if at and dice.random() < share else side
                    for side, share in zip(pair, (0.6, 0.2), strict=True)
                ]
                for at, pair in enumerate(pairs)
            )
            answers, requests = (
                [side.replace(b"\n", b" ") or b"-" for side in both] for both in zip(*changed, strict=True)
            )
            if n and blank:
                requests = [
                    line for each in requests for line in ([b"", each] if dice.random() < blank else [each])
                ]
            files[f"jobs/out/{n}.csv.out"] = b"\n".join(answers)
            files[f"jobs/in/{n}.csv"] = b"\n".join(requests)
        for side, ending in (("in", ""), ("out", ".out")):
            names = [f"{n}.csv{ending}" for n in range(_OBJECTS)]
            files[f"shop-batch/{side}put/{_HOUR}/m.json"] = manifest(f"{uri}/jobs/{side}/", *names)
        return files

    return make


def _transform_count(*, joined: bool = False, timed: bool = True) -> Callable[[Files], Expected]:
    def count(files: Files) -> Expected:
        ids = account.transform_id if timed else (lambda _: None)
        outputs = [key for key in files if key.endswith(".out")]
        inputs = [None if joined else f"jobs/in/{n}.csv" for n in range(_OBJECTS)]
        return {
            out: account.transform(files, out, into, ids) for out, into in zip(outputs, inputs, strict=True)
        }

    return count


# Transaction records


def _transaction(number: int, dice: Random) -> bytes:
    inference = _inference(number, dice)
    record = transaction(inference, status=dice.choice(("succeeded", "succeeded", "OK", "failed", "timeout")))
    if dice.random() < 0.3:
        side = dice.choice(("request", "response"))
        record[side][dice.choice([*record[side]])] = dice.choice(HOSTILE_TEXTS)
    return json.dumps(record).encode()


def _transaction_text(number: int, dice: Random) -> bytes:
    """Return a record whose payloads are text, with the confidence next to the response."""
    inference = _inference(number, dice)
    prediction = inference.response.partition(",")[0]
    responses = (prediction, json.dumps([prediction]), json.dumps({"prediction": prediction}))
    requests = (inference.request, json.dumps(_named(inference)[0]))
    texts = {
        "request": _mutated_payload(dice.choice(requests), dice),
        "response": _mutated_payload(dice.choice(responses), dice),
    }
    return json.dumps(transaction(inference, confidence=dice.random(), **texts)).encode()


def _transaction_files(of: Line) -> Callable[[int, Random, str], Files]:
    def make(number: int, dice: Random, _: str) -> Files:
        return {
            f"shop-log/{_HOUR}/{n}.jsonl.gz": gzip.compress(_lines(of, numbers, dice), 1, mtime=0)
            for n, numbers in enumerate(_spread(number))
        }

    return make


# Tables

_TEXT, _MOMENT = pa.string(), pa.timestamp("us", "UTC")
_TYPES = {
    **{
        "id": _TEXT,
        "at": _MOMENT,
        "amount": pa.float64(),
        "items": pa.int64(),
        "member": pa.bool_(),
        "country": _TEXT,
    },
    **{"prediction": _TEXT, "probability": pa.float64()},
}
_HOSTILE: dict[pa.DataType, tuple[Any, ...]] = {
    pa.float64(): (None, math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, -0.0, 0.1 + 0.2, 2.0**63),
    pa.int64(): (None, -(2**63), 2**63 - 1, 2**53 + 1, 0),
    pa.bool_(): (None, True),
    _TEXT: (None, *HOSTILE_TEXTS),
    _MOMENT: (None, *(datetime(year, 1, 1, tzinfo=UTC) for year in (1, 1677, 1970, 2262, 9999))),
}


def _row(number: int, dice: Random) -> dict[str, Any]:
    inference = _inference(number, dice)
    request, response = _named(inference)
    return {"id": inference.event_id, "at": inference.at, **request, **response}


def _hostile_row(number: int, dice: Random) -> dict[str, Any]:
    """Return a row with one or two hostile values of their columns' types."""
    row = _row(number, dice)
    for _ in range(dice.randrange(1, 3)):
        name = dice.choice([*_TYPES])
        row[name] = dice.choice(_HOSTILE[_TYPES[name]])
    return row


def _text_row(number: int, dice: Random) -> dict[str, Any]:
    """Return a row of texts, one or two of them hostile or with changed bytes."""
    row = {name: str(value) for name, value in _row(number, dice).items()}
    for _ in range(dice.randrange(1, 3)):
        name = dice.choice([*row])
        row[name] = mutated_text(row[name], dice)
    return row


def _parquet(rows: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema), sink, row_group_size=500)
    return bytes(sink.getvalue().to_pybytes())


def _table_files(
    of: Callable[[int, Random], dict[str, Any]], schema: pa.Schema, folder: str = f"shop-table/dt={DAY}"
) -> Callable[[int, Random, str], Files]:
    def make(number: int, dice: Random, _: str) -> Files:
        return {
            f"{folder}/{n}.parquet": _parquet([of(each, dice) for each in numbers], schema)
            for n, numbers in enumerate(_spread(number))
        }

    return make


def _transaction_row(number: int, dice: Random) -> dict[str, Any]:
    """Return a transaction record with typed, nested payloads and hostile values in them."""
    row = _hostile_row(number, dice)
    sides = {"request": ("amount", "items", "member", "country"), "response": ("prediction", "probability")}
    nested = {side: {name: row[name] for name in names} for side, names in sides.items()}
    nested |= {side: None for side in sides if dice.random() < 0.02}
    return {
        **{
            "transaction_id": row["id"],
            "start_at": row["at"],
            "status": dice.choice(("ok", "ok", "failed", None)),
        },
        **{"elapse": dice.choice(_HOSTILE[pa.float64()]), **nested},
    }


_TRANSACTION_SCHEMA = pa.schema(
    {
        **{"transaction_id": _TEXT, "start_at": _MOMENT, "status": _TEXT, "elapse": pa.float64()},
        "request": pa.struct([(name, _TYPES[name]) for name in ("amount", "items", "member", "country")]),
        "response": pa.struct([(name, _TYPES[name]) for name in ("prediction", "probability")]),
    }
)


def _csv_files(number: int, dice: Random, _: str) -> Files:
    """Return gzipped CSV tables; some values are quoted, and some of these have line ends."""
    files: Files = {}
    for n, numbers in enumerate(_spread(number)):
        lines = [",".join(_TYPES).encode()]
        for each in numbers:
            values = [str(value) for value in _row(each, dice).values()]
            if dice.random() < 0.3:
                place = dice.randrange(len(values))
                inner = dice.choice(
                    (values[place], "a,b", 'say ""hi""', "two\nlines", "three\n\nlines", "x\r\ny")
                )
                values[place] = f'"{inner}"'
            line = ",".join(values).encode()
            lines.append(line if dice.random() < 0.3 else mutated(line, dice))
        files[f"shop-table/dt={DAY}/{n}.csv.gz"] = gzip.compress(b"\n".join(lines), 1, mtime=0)
    return files


_REALTIME: dict[str, Any] = {"endpoint": "shop-endpoint"}
_BATCH: dict[str, Any] = {"source": "sagemaker_batch", "prefix": "shop-batch"}
_LOG: dict[str, Any] = {"source": "transaction_records", "prefix": "shop-log"}
_TABLE: dict[str, Any] = {
    **{
        "source": "table",
        "prefix": "shop-table",
        "partition": "dt=%Y-%m-%d",
        "time_column": "at",
        "id_column": "id",
    }
}
_CONFIDENT = {
    "task": "binary_classification",
    "response": ["prediction", "probability"],
    "at": {"prediction": "$.prediction", "probability": "$.confidence"},
}
_MISSING = [
    {"name": name, "type": kind, "on_bad_value": "missing"}
    for name, kind in (
        ("amount", "number"),
        ("items", "integer"),
        ("member", "boolean"),
        ("country", "category"),
    )
]


def _id_of_table(name: str) -> Callable[[Files], Expected]:
    return _each(lambda content: account.parquet_rows(content, name))


LAYOUTS: dict[str, Layout] = {
    "sagemaker_realtime": Layout(_REALTIME, _realtime_files(_realtime_csv), _each(account.realtime)),
    "sagemaker_realtime, several rows": Layout(
        _REALTIME, _realtime_files(_realtime_rows), _each(account.realtime), {"features": _MISSING}
    ),
    "sagemaker_realtime, JSON": Layout(
        {**_REALTIME, "payload": {"request_rows": "$.instances", "response_rows": "$.predictions"}},
        _realtime_files(_realtime_json),
        _each(account.realtime),
    ),
    "sagemaker_realtime, BASE64": Layout(
        _REALTIME, _realtime_files(_realtime_base64), _each(account.realtime)
    ),
    "sagemaker_realtime, array": Layout(_REALTIME, _realtime_arrays, _each(account.realtime_array)),
    "sagemaker_batch": Layout(
        _BATCH, _transform_files(_transform_csv(joined=False, timed=True)), _transform_count()
    ),
    "sagemaker_batch, joined": Layout(
        {**_BATCH, "joined": True},
        _transform_files(_transform_csv(joined=True, timed=True)),
        _transform_count(joined=True),
    ),
    "sagemaker_batch, JSON": Layout(
        {**_BATCH, "joined": True}, _transform_files(_transform_json), _transform_count(joined=True)
    ),
    "sagemaker_batch, without ids": Layout(
        {**_BATCH, "inference_columns": False},
        _transform_files(_transform_csv(joined=False, timed=False), blank=0.01),
        _transform_count(timed=False),
    ),
    "transaction_records": Layout(_LOG, _transaction_files(_transaction), _each(account.transactions)),
    "transaction_records, text": Layout(
        {**_LOG, "confidence": "$.confidence"},
        _transaction_files(_transaction_text),
        _each(account.transactions),
        {"output": _CONFIDENT},
    ),
    "transaction_records, Parquet": Layout(
        _LOG,
        _table_files(_transaction_row, _TRANSACTION_SCHEMA, f"shop-log/{_HOUR}"),
        _id_of_table("transaction_id"),
    ),
    "table": Layout(_TABLE, _table_files(_hostile_row, pa.schema(_TYPES)), _id_of_table("id")),
    "table, text": Layout(
        _TABLE,
        _table_files(_text_row, pa.schema(dict.fromkeys(_TYPES, _TEXT))),
        _id_of_table("id"),
        {"features": _MISSING},
    ),
    "table, CSV": Layout(_TABLE, _csv_files, _each(account.csv_table)),
}
"""Every source, with each layout of its records."""
