"""A synthetic model and its days: 20 numbers, 6 categories, prediction, probability, ground truth.

The baseline's day has no faults. On the days after it, four numbers and a category have drifted and the
probability says less about the outcome, so that a day has everything: drift, RED, a mail.
"""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from daywatch.config.model.model import MonitoredModel

from bench.columns import CATEGORIES, ENDPOINT, GROUND_TRUTH, NUMBERS, WORDS

BASELINE_DAY = "2026-01-04"
DAYS = ("2026-01-05", "2026-01-06", "2026-01-07")
_DRIFTED = (0.35, 0.25, 0.2, 0.1, 0.1)
_CHUNK = 50_000


def bench_configuration() -> dict[str, Any]:
    """Return the contents of the model's YAML."""
    action = {"do": "look", "who": "bench", "within_hours": 24}
    return {
        "model": "bench",
        "namespace": "/bench",
        "description": "synthetic",
        "owner": "bench",
        "contacts": ["bench@example.com"],
        "features": [{"name": name, "type": "number"} for name in NUMBERS]
        + [{"name": name, "type": "category"} for name in CATEGORIES],
        "output": {"task": "binary_classification", "response": ["prediction", "probability"]},
        "capture": {"endpoint": ENDPOINT},
        "labels": {"prefix": GROUND_TRUTH, "delay_days": 0},
        "baseline": {"first": BASELINE_DAY, "last": BASELINE_DAY},
        "plan": {
            "rules": [
                {"metric": "roc_auc", "amber": "falls by 5 %", "red": "falls by 10 %"},
                {"metric": "log_loss", "amber": "rises by 10 %"},
                {"metric": "drifted_share", "amber": "> 5 %", "red": "> 50 %"},
                {"metric": "quarantined_share", "amber": "> 1 %"},
            ],
            "actions": {"amber": action, "red": action, "grey": action},
        },
        "schedule": {"first_window": DAYS[0]},
    }


def bench_model() -> MonitoredModel:
    """Return the model's configuration."""
    return MonitoredModel.model_validate(bench_configuration())


def write_day(folder: Path, day: str, rows: int) -> int:
    """Write a day of captures and of its ground truth, 24 hours of JSON Lines each, as SageMaker writes them.

    The same day and rows give the same bytes.

    Args:
        folder: The data folder.
        day: ISO date.
        rows: Number of records.

    Returns:
        Size of the captures in bytes.
    """
    # One process for each hour, spawned and not forked: the benchmark itself runs servers and threads.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return sum(pool.map(partial(_write_hour, folder, day, rows), range(24)))


def _write_hour(folder: Path, day: str, rows: int, hour: int) -> int:
    first, last = rows * hour // 24, rows * (hour + 1) // 24
    below = f"{date.fromisoformat(day):%Y/%m/%d}/{hour:02}"
    captures = folder / ENDPOINT / "AllTraffic" / below / "captures.jsonl"
    labels = folder / GROUND_TRUTH / below / "labels.jsonl"
    for path in (captures, labels):
        path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with captures.open("w", encoding="utf-8") as records, labels.open("w", encoding="utf-8") as outcomes:
        for start in range(first, last, _CHUNK):
            lines, truth = _lines(day, hour, range(start, min(start + _CHUNK, last)))
            written += records.write("\n".join(lines) + "\n")
            outcomes.write("\n".join(truth) + "\n")
    return written


def _lines(day: str, hour: int, numbers: range) -> tuple[list[str], list[str]]:
    """Return the capture records and the ground truth of some consecutive rows of an hour."""
    random = np.random.default_rng([date.fromisoformat(day).toordinal(), numbers.start])
    size, faultless = len(numbers), day == BASELINE_DAY
    values = random.normal(size=(size, len(NUMBERS)))
    values[:, :4] += 0 if faultless else 0.3
    values = values.round(6)
    words = random.choice(WORDS, size=(size, len(CATEGORIES)))
    words[:, 0] = random.choice(WORDS, size=size, p=None if faultless else _DRIFTED)
    probability = random.random(size).round(6)
    chance = probability if faultless else 0.3 + 0.4 * probability
    label = (random.random(size) < chance).astype(int)
    lines, truth = [], []
    for row, number in enumerate(numbers):
        event = {"eventId": str(uuid.UUID(int=number * 7919 + 1)), "inferenceId": f"{day}-{number:012}"}
        timestamp = f"{day}T{hour:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        request = ",".join([*map(repr, values[row].tolist()), *words[row].tolist()])
        answer = f"{int(probability[row] > 0.5)},{probability[row]}"
        lines.append(_record(request, answer, {**event, "inferenceTime": timestamp}))
        truth.append(_outcome(event["inferenceId"], str(label[row])))
    return lines, truth


def _record(request: str, answer: str, event: dict[str, str]) -> str:
    payload = {"observedContentType": "text/csv", "encoding": "CSV"}
    record = {
        "captureData": {
            "endpointInput": {**payload, "mode": "INPUT", "data": request},
            "endpointOutput": {**payload, "mode": "OUTPUT", "data": answer},
        },
        "eventMetadata": event,
        "eventVersion": "0",
    }
    return json.dumps(record, separators=(",", ":"))


def _outcome(inference_id: str, label: str) -> str:
    record = {
        "groundTruthData": {"data": label, "encoding": "CSV"},
        "eventMetadata": {"eventId": inference_id},
        "eventVersion": "0",
    }
    return json.dumps(record, separators=(",", ":"))
