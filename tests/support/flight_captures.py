"""Some hundred real flights as inferences, for every shape that captures come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from captures import Inference
from daywatch.days import DAY
from daywatch_demo.flights.data import CATEGORIES, FEATURES, flights_between

COLUMNS: dict[str, Callable[[str], Any]] = {name: str if name in CATEGORIES else float for name in FEATURES}
"""The features in order, and how their text is typed."""

CHANGES: dict[str, Any] = {
    "features": [{"name": n, "type": "category" if n in CATEGORIES else "number"} for n in FEATURES],
}
"""What a model of flights has in its YAML in place of the small model's."""


def flights_of(days: Iterable[datetime]) -> list[Inference]:
    """Return every third flight of some days, scored by a simple rule."""
    found = []
    for day in days:
        rows = flights_between(day, day + DAY).iloc[::3]
        lines = (
            rows[FEATURES]
            .astype({"hour": float, "distance": float})
            .to_csv(header=False, index=False)
            .splitlines()
        )
        for request, row in zip(lines, rows.to_dict("records"), strict=True):
            delay = row["dep_delay"] if row["dep_delay"] == row["dep_delay"] else 90.0
            probability = round(min(max((delay + 20) / 80, 0.0), 1.0), 6)
            moment = row["inference_time"].to_pydatetime()
            found.append(
                Inference(
                    row["inference_id"],
                    moment - timedelta(microseconds=row["inference_time"].microsecond),
                    request,
                    f"{int(probability >= 0.5)},{probability}",
                    str(row["late"]),
                )
            )
    return found
