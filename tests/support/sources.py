"""The same inferences in the format of each source, with the configuration that reads them."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from captures import Inference

Columns = dict[str, Callable[[str], Any]]

COLUMNS: Columns = {"amount": float, "items": int, "member": lambda text: text == "true", "country": str}
"""The small model's features in order, with the functions that cast their text."""

Files = dict[str, bytes]


def hourly(inferences: Iterable[Inference]) -> dict[datetime, list[Inference]]:
    """Return inferences by their hour."""
    hours: dict[datetime, list[Inference]] = defaultdict(list)
    for one in inferences:
        hours[one.at.replace(minute=0)].append(one)
    return hours


def columns_of(one: Inference, columns: Columns = COLUMNS) -> dict[str, Any]:
    """Return an inference's features by name, typed; an empty one is None."""
    values = zip(columns.items(), one.request.split(","), strict=True)
    return {name: cast(value) if value else None for (name, cast), value in values}


def answers_of(one: Inference) -> dict[str, Any]:
    """Return an inference's answer by name, typed."""
    prediction, probability = one.response.split(",")
    return {"prediction": prediction, "probability": float(probability)}


def realtime(inferences: Iterable[Inference]) -> Files:
    """Return SageMaker's real-time captures."""
    return {
        f"shop-endpoint/AllTraffic/{hour:%Y/%m/%d/%H}/capture.jsonl": b"\n".join(one.line() for one in ours)
        for hour, ours in hourly(inferences).items()
    }


def batch(inferences: Iterable[Inference], uri: str) -> Files:
    """Return SageMaker's Batch Transform captures with their manifests."""
    files: Files = {}
    for hour, ours in hourly(inferences).items():
        name = f"{hour:%Y%m%d%H}.csv"
        files[f"jobs/in/{name}"] = "".join(f"{one.request}\n" for one in ours).encode()
        files[f"jobs/out/{name}.out"] = "".join(
            f"{one.response},{one.event_id},{one.at:%Y-%m-%dT%H:%M:%SZ}\n" for one in ours
        ).encode()
        for side, folder, file in (("input", "in", name), ("output", "out", f"{name}.out")):
            files[f"shop-batch/{side}/{hour:%Y/%m/%d/%H}/m.json"] = manifest(f"{uri}/jobs/{folder}/", file)
    return files


def manifest(prefix: str, *names: Any) -> bytes:
    """Return a manifest."""
    return json.dumps([{"prefix": prefix}, *names]).encode()


def transaction(one: Inference, columns: Columns = COLUMNS, **changes: Any) -> dict[str, Any]:
    """Return an inference transaction record."""
    record = {
        "transaction_id": one.event_id,
        "model_name": "shop",
        "environment": "production",
        "deployment_id": "shop-7",
        "model_version": "3",
        "server_id": "a",
        "type": "predict",
        "request": columns_of(one, columns),
        "response": answers_of(one),
        "request_size": 120,
        "response_size": 40,
        "start_at": f"{one.at:%Y-%m-%dT%H:%M:%S.000Z}",
        "end_at": f"{one.at:%Y-%m-%dT%H:%M:%S.012Z}",
        "status": "succeeded",
        "elapse": 12,
        "requester": {"principal": "till", "ip": "10.0.0.1"},
    }
    return record | changes


def transactions(inferences: Iterable[Inference], columns: Columns = COLUMNS) -> Files:
    """Return transaction records as gzipped JSON Lines."""
    return {
        f"shop-log/{hour:%Y/%m/%d/%H}/records.jsonl.gz": gzip.compress(
            b"\n".join(json.dumps(transaction(one, columns)).encode() for one in ours), mtime=0
        )
        for hour, ours in hourly(inferences).items()
    }


def transactions_parquet(inferences: Iterable[Inference], columns: Columns = COLUMNS) -> Files:
    """Return transaction records as Parquet, with nested requests and responses and typed times."""
    return {
        f"shop-log/{hour:%Y/%m/%d/%H}/records.parquet": parquet(
            [transaction(one, columns, start_at=one.at) for one in ours]
        )
        for hour, ours in hourly(inferences).items()
    }


def table(inferences: Iterable[Inference], columns: Columns = COLUMNS) -> Files:
    """Return a Parquet table a day."""
    days: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in inferences:
        row = {"id": one.event_id, "at": one.at, **columns_of(one, columns), **answers_of(one)}
        days[f"shop-table/dt={one.at:%Y-%m-%d}/part.parquet"].append(row)
    return {key: parquet(rows) for key, rows in days.items()}


def table_csv(inferences: Iterable[Inference], columns: Columns = COLUMNS) -> Files:
    """Return one gzipped CSV table per day."""
    days: dict[str, list[str]] = defaultdict(
        lambda: [",".join(("id", "at", *columns, "prediction", "probability"))]
    )
    for one in inferences:
        line = f"{one.event_id},{one.at:%Y-%m-%d %H:%M:%S},{one.request},{one.response}"
        days[f"shop-table/dt={one.at:%Y-%m-%d}/part.csv.gz"].append(line)
    return {key: gzip.compress("\n".join(lines).encode(), mtime=0) for key, lines in days.items()}


def parquet(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return bytes(sink.getvalue().to_pybytes())


def cloudwatch_export(inferences: Iterable[Inference], columns: Columns = COLUMNS) -> Files:
    """Return transaction records as CloudWatch Logs exports them: gzip, a time in front of each, a folder a stream."""
    files: dict[str, list[str]] = defaultdict(list)
    for n, one in enumerate(inferences):
        record = transaction(one, columns)
        del record["start_at"]
        key = f"shop-export/{one.at:%Y/%m/%d}/0a1b2c/server-{n % 2}/000000.gz"
        files[key].append(f"{one.at:%Y-%m-%dT%H:%M:%S.000Z} {json.dumps(record)}")
    return {key: gzip.compress("\n".join(lines).encode(), mtime=0) for key, lines in files.items()}


SHAPES: dict[str, tuple[dict[str, Any], Callable[..., Files]]] = {
    "sagemaker_realtime": ({"endpoint": "shop-endpoint"}, lambda found, *_: realtime(found)),
    "sagemaker_batch": (
        {"source": "sagemaker_batch", "prefix": "shop-batch"},
        lambda found, uri, *_: batch(found, uri),
    ),
    "transaction_records": (
        {"source": "transaction_records", "prefix": "shop-log", "model_name": "shop"},
        lambda found, _, *columns: transactions(found, *columns),
    ),
    "transaction_records, CloudWatch": (
        {"source": "transaction_records", "prefix": "shop-export", "partition": "%Y/%m/%d"},
        lambda found, _, *columns: cloudwatch_export(found, *columns),
    ),
    "transaction_records, Parquet": (
        {"source": "transaction_records", "prefix": "shop-log", "environment": "production"},
        lambda found, _, *columns: transactions_parquet(found, *columns),
    ),
    "table": (
        {
            "source": "table",
            "prefix": "shop-table",
            "partition": "dt=%Y-%m-%d",
            "time_column": "at",
            "id_column": "id",
        },
        lambda found, _, *columns: table(found, *columns),
    ),
    "table, CSV": (
        {
            "source": "table",
            "prefix": "shop-table",
            "partition": "dt=%Y-%m-%d/*.csv.gz",
            "time_column": "at",
            "id_column": "id",
        },
        lambda found, _, *columns: table_csv(found, *columns),
    ),
}
"""For each shape its ``capture`` in the YAML, and the function that makes files of inferences, data URI and columns."""


def write_files(folder: Path, files: Files) -> None:
    """Write files below a folder."""
    for key, content in files.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
