"""Replays a self-hosted service: the same flights as inference transaction records, with their feedback.

The service logs every request with its status and its latency in milliseconds. On 11 February its version 2 is
rolled out at noon and rolled back in the evening: it answers slowly, and some requests fail or time out. The
model in it is the same, so its predictions are as good as before.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime, timedelta
from math import isnan
from random import Random
from typing import TYPE_CHECKING, Any

from daywatch_demo.flights.data import FEATURES

if TYPE_CHECKING:
    import pandas as pd
    from daywatch.storage import Storage
    from sklearn.pipeline import Pipeline

SERVICE = "flights-service"
FEEDBACK = "flights-service-feedback"

ROLLED_OUT, ROLLED_BACK = datetime(2013, 2, 11, 12, tzinfo=UTC), datetime(2013, 2, 11, 20, tzinfo=UTC)
"""The start and the end of version 2."""

_MEDIAN_MS, _SLOW_FACTOR, _SPREAD = 40.0, 7.0, 0.35
_TIMEOUT_MS = 2000
_FAILED, _TIMED_OUT = 0.002, 0.002
_FAILED_IN_2, _TIMED_OUT_IN_2 = 0.09, 0.03


def log_transactions(flights: pd.DataFrame, classifier: Pipeline, storage: Storage) -> int:
    """Score flights and write the service's log and its feedback; the same flights give the same objects.

    Args:
        flights: As ``flights_between`` returns them.
        classifier: The classifier that answers the requests.
        storage: The storage of the data URI.

    Returns:
        Number of objects written.
    """
    scored = flights.assign(probability=classifier.predict_proba(flights[FEATURES])[:, 1])
    objects: dict[str, list[str]] = defaultdict(list)
    for flight in scored.to_dict("records"):
        record = transaction_record(flight)
        objects[f"{SERVICE}/{flight['inference_time']:%Y/%m/%d/%H}/transactions.jsonl"].append(
            json.dumps(record)
        )
        if record["status"] == "succeeded":
            objects[f"{FEEDBACK}/{flight['known_at']:%Y/%m/%d}/feedback.jsonl"].append(
                json.dumps(feedback_record(flight))
            )
    for key, lines in sorted(objects.items()):
        storage.write(key, ("\n".join(lines) + "\n").encode())
    return len(objects)


def transaction_record(flight: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return the record of one request, with its answer if it has one."""
    start = flight["inference_time"].to_pydatetime()
    second = ROLLED_OUT <= start < ROLLED_BACK
    status, milliseconds = _served(flight["inference_id"], second=second)
    values = {name: flight[name] for name in FEATURES}
    # A missing number is NaN, which JSON cannot express.
    request = {name: None if isinstance(one, float) and isnan(one) else one for name, one in values.items()}
    answer = {
        "late": int(flight["probability"] >= 0.5),
        "probability": round(float(flight["probability"]), 6),
    }
    response = answer if status == "succeeded" else None
    return {
        "transaction_id": flight["inference_id"],
        "model_name": "flights",
        "environment": "production",
        "deployment_id": "flights-service-2" if second else "flights-service-1",
        "model_version": "2" if second else "1",
        "server_id": "gate-1",
        "type": "predict",
        "request": request,
        "response": response,
        "request_size": len(json.dumps(request)),
        "response_size": len(json.dumps(response)) if response else 0,
        "start_at": _timestamp(start),
        "end_at": _timestamp(start + timedelta(milliseconds=milliseconds)),
        "status": status,
        "elapse": milliseconds,
        "requester": {"principal": "dispatch", "ip": "192.0.2.7"},
    }


def feedback_record(flight: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return the feedback that the service gets when the outcome of a flight is known."""
    return {
        "transaction": {"id": flight["inference_id"]},
        "outcome": {"late": int(flight["late"])},
        "reported_at": _timestamp(flight["known_at"].to_pydatetime()),
    }


def _served(transaction: str, *, second: bool) -> tuple[str, int]:
    """Return a request's status and its latency in milliseconds; both follow from its id, so they never change."""
    random = Random(transaction)  # noqa: S311 - not for secrets: it simulates a service
    chance = random.random()
    milliseconds = round(_MEDIAN_MS * random.lognormvariate(0, _SPREAD) * (_SLOW_FACTOR if second else 1))
    failed, timed_out = (_FAILED_IN_2, _TIMED_OUT_IN_2) if second else (_FAILED, _TIMED_OUT)
    if chance < timed_out:
        return "timeout", _TIMEOUT_MS
    return ("failed" if chance < timed_out + failed else "succeeded"), milliseconds


def _timestamp(time: datetime) -> str:
    return f"{time.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
