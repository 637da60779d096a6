"""A synthetic model and its captures: 20 numbers, 6 categories, prediction and probability."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
from daywatch.config.model import MonitoredModel
from daywatch.window import Window

DAY = Window.of_day("2026-01-05")
NUMBERS = [f"n{number:02}" for number in range(20)]
CATEGORIES = [f"c{number}" for number in range(6)]
ENDPOINT = "bench"
_WORDS = np.array(["aa", "bb", "cc", "dd", "ee"])
_CHUNK = 50_000


def bench_model() -> MonitoredModel:
    """Return the model's configuration."""
    action = {"do": "look", "who": "bench", "within_hours": 24}
    content: dict[str, Any] = {
        "model": "bench",
        "namespace": "/bench",
        "description": "synthetic",
        "owner": "bench",
        "contacts": ["bench@example.com"],
        "features": [{"name": name, "type": "number"} for name in NUMBERS]
        + [{"name": name, "type": "category"} for name in CATEGORIES],
        "output": {"task": "binary_classification", "response": ["prediction", "probability"]},
        "capture": {"endpoint": ENDPOINT},
        "baseline": {"first": "2026-01-01", "last": "2026-01-04"},
        "plan": {
            "rules": [{"metric": "rows", "red": "< 1"}],
            "actions": {"amber": action, "red": action, "grey": action},
        },
        "schedule": {"first_window": "2026-01-05"},
    }
    return MonitoredModel.model_validate(content)


def write_captures(folder: Path, rows: int) -> int:
    """Write a day of captures, 24 hours of JSON Lines as SageMaker writes them; the same rows, the same bytes.

    Args:
        folder: The data folder.
        rows: How many records.

    Returns:
        Bytes written.
    """
    written = 0
    for hour in range(24):
        first, last = rows * hour // 24, rows * (hour + 1) // 24
        target = folder / ENDPOINT / "AllTraffic" / f"2026/01/05/{hour:02}" / "captures.jsonl"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8") as file:
            for start in range(first, last, _CHUNK):
                lines = _lines(hour, start, min(start + _CHUNK, last))
                written += file.write("\n".join(lines) + "\n")
    return written


def _lines(hour: int, first: int, last: int) -> list[str]:
    """Return the records of a stretch of one hour."""
    random = np.random.default_rng(first)
    numbers = random.normal(size=(last - first, len(NUMBERS))).round(6)
    words = random.choice(_WORDS, size=(last - first, len(CATEGORIES)))
    probability = random.random(last - first).round(6)
    payload = {"observedContentType": "text/csv", "encoding": "CSV"}
    lines = []
    for row, number in enumerate(range(first, last)):
        request = ",".join([*map(repr, numbers[row].tolist()), *words[row].tolist()])
        answer = f"{int(probability[row] > 0.5)},{probability[row]}"
        moment = f"2026-01-05T{hour:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        record = {
            "captureData": {
                "endpointInput": {**payload, "mode": "INPUT", "data": request},
                "endpointOutput": {**payload, "mode": "OUTPUT", "data": answer},
            },
            "eventMetadata": {
                "eventId": str(uuid.UUID(int=number * 7919 + 1)),
                "inferenceId": f"inference-{number:012}",
                "inferenceTime": moment,
            },
            "eventVersion": "0",
        }
        lines.append(json.dumps(record, separators=(",", ":")))
    return lines
