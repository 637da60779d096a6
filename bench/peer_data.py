"""How a peer reads a day: ``json.loads`` on each line, into pandas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.columns import CATEGORIES, ENDPOINT, GROUND_TRUTH, NUMBERS

if TYPE_CHECKING:
    import pandas as pd


def read_day(bucket: str, day: str) -> pd.DataFrame:
    """Return features, ``prediction``, ``probability`` and ``target`` of a day.

    Args:
        bucket: Name of the bucket with captures and ground truth; boto3 takes server and key from the environment.
        day: ISO date.
    """
    import pandas as pd

    folder = day.replace("-", "/")
    rows = []
    for line in _lines(bucket, f"{ENDPOINT}/AllTraffic/{folder}/"):
        record = json.loads(line)
        request = record["captureData"]["endpointInput"]["data"].split(",")
        answer = record["captureData"]["endpointOutput"]["data"].split(",")
        rows.append([record["eventMetadata"]["inferenceId"], *request, *answer])
    frame = pd.DataFrame(rows, columns=["id", *NUMBERS, *CATEGORIES, "prediction", "probability"])
    frame = frame.astype(dict.fromkeys([*NUMBERS, "probability"], float) | {"prediction": int})
    truth = {}
    for line in _lines(bucket, f"{GROUND_TRUTH}/{folder}/"):
        record = json.loads(line)
        truth[record["eventMetadata"]["eventId"]] = int(record["groundTruthData"]["data"])
    frame["target"] = frame["id"].map(truth)
    return frame.drop(columns="id")


def _lines(bucket: str, prefix: str) -> Iterator[bytes]:
    import boto3

    client = boto3.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for key in [found["Key"] for page in pages for found in page.get("Contents", [])]:
        yield from client.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
