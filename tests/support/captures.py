"""Plays the endpoint of the small model: SageMaker's capture and ground-truth objects in a local folder."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from models import YAML

ENDPOINT = YAML["capture"]["endpoint"]
TRUTH = YAML["labels"]["prefix"]
COUNTRIES = ("DE", "FR", "IT")


@dataclass(frozen=True)
class Inference:
    """One record of the endpoint, and its outcome.

    Attributes:
        event_id: Event id of the capture record.
        at: Time of the answer, UTC.
        request: The request, as a line of CSV.
        response: The answer, as a line of CSV.
        label: The outcome, None if it is not known.
    """

    event_id: str
    at: datetime
    request: str
    response: str
    label: str | None = None

    def record(self) -> dict[str, Any]:
        """Return the capture record."""
        payload = {"observedContentType": "text/csv", "encoding": "CSV"}
        return {
            "captureData": {
                "endpointInput": {**payload, "mode": "INPUT", "data": self.request},
                "endpointOutput": {**payload, "mode": "OUTPUT", "data": self.response},
            },
            "eventMetadata": {"eventId": self.event_id, "inferenceTime": f"{self.at:%Y-%m-%dT%H:%M:%SZ}"},
            "eventVersion": "0",
        }

    def line(self) -> bytes:
        """Return the capture record as a line, without line end."""
        return json.dumps(self.record()).encode()

    def truth(self) -> dict[str, Any]:
        """Return the ground-truth record."""
        return {
            "groundTruthData": {"data": self.label, "encoding": "CSV"},
            "eventMetadata": {"eventId": self.event_id},
            "eventVersion": "0",
        }


def at(day: str, hour: int = 12, minute: int = 0) -> datetime:
    """Return a time of a day, UTC."""
    parsed = date.fromisoformat(day)
    return datetime(parsed.year, parsed.month, parsed.day, hour, minute, tzinfo=UTC)


def one(event_id: str = "e1", when: datetime | None = None, **changes: Any) -> Inference:
    """Return one ordinary inference of 3 March."""
    ordinary = Inference(event_id, when or at("2024-03-03"), "12.5,3,true,DE", "1,0.9", "1")
    return replace(ordinary, **changes)


def day_of(day: str, rows: int = 60, wrong: float = 0.1) -> list[Inference]:
    """Return a day's inferences, spread over its hours; the same day gives the same inferences.

    Args:
        day: The day, as an ISO date.
        rows: Number of inferences.
        wrong: Share of the labels that differ from the prediction, from 0 to 1.
    """
    dice = random.Random(day)  # noqa: S311 - test data
    found = []
    for number in range(rows):
        probability = dice.random()
        predicted = probability >= 0.5
        label = predicted != (dice.random() < wrong)
        country = COUNTRIES[dice.randrange(len(COUNTRIES))]
        request = f"{dice.gauss(50, 10):.2f},{dice.randrange(1, 9)},{dice.random() < 0.5},{country}".lower()
        request = request[: -len(country)] + country
        found.append(
            Inference(
                event_id=f"{day}-{number:04}",
                at=at(day, number * 24 // rows, number % 60),
                request=request,
                response=f"{int(predicted)},{probability:.4f}",
                label=str(int(label)),
            )
        )
    return found


class Endpoint:
    """Writes captures and ground truth as a SageMaker endpoint would.

    Args:
        folder: The data URI, a local folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def capture(self, inferences: Iterable[Inference], name: str = "capture") -> None:
        """Write capture objects, one per hour."""
        self._hourly(f"{ENDPOINT}/AllTraffic", name, [(one.at, one.record()) for one in inferences])

    def label(self, inferences: Iterable[Inference], name: str = "truth") -> None:
        """Write the ground truth of those whose outcome is known, an hour after the inference."""
        known = [(one.at + timedelta(hours=1), one.truth()) for one in inferences if one.label is not None]
        self._hourly(TRUTH, name, known)

    def play(self, inferences: Iterable[Inference]) -> None:
        """Write both."""
        inferences = list(inferences)
        self.capture(inferences)
        self.label(inferences)

    def raw(self, content: bytes, hour: str = "2024/03/03/12", name: str = "raw.jsonl") -> str:
        """Write bytes as a capture object and return its key."""
        return self._write(f"{ENDPOINT}/AllTraffic/{hour}/{name}", content)

    def raw_truth(self, content: bytes, hour: str = "2024/03/03/13", name: str = "raw.jsonl") -> str:
        """Write bytes as a ground-truth object and return its key."""
        return self._write(f"{TRUTH}/{hour}/{name}", content)

    def _hourly(self, prefix: str, name: str, records: list[tuple[datetime, dict[str, Any]]]) -> None:
        lines: dict[str, list[str]] = defaultdict(list)
        for time, record in records:
            lines[f"{prefix}/{time:%Y/%m/%d/%H}/{name}.jsonl"].append(json.dumps(record) + "\n")
        for key, texts in lines.items():
            self._write(key, "".join(texts).encode())

    def _write(self, key: str, content: bytes) -> str:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return key
