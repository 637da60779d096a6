"""Generated worlds: a model that scores orders, with a weekly rhythm, a tail, rare categories and missing values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MODEL = "orders"
FIRST = date(2024, 3, 4)
"""A Monday, the first day of the baseline."""

FEATURES = {
    "amount": "number",
    "distance": "number",
    "temperature": "number",
    "age": "integer",
    "items": "integer",
    "member": "boolean",
    "kind": "category",
    "city": "category",
}
_KINDS = ("book", "food", "game", "shoe", "tool", "toy")
_HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 7, 9, 9, 8, 8, 9, 8, 7, 7, 8, 9, 9, 8, 6, 4, 3, 2], dtype=float)


@dataclass(frozen=True)
class World:
    """A world.

    Attributes:
        seed: The seed of everything that happens in it.
        rows: Rows of an ordinary weekday; a weekend has six tenths of it.
        baseline_days: Days of the baseline.
        labelled: Whether outcomes become known.
    """

    seed: int
    rows: int
    baseline_days: int = 14
    labelled: bool = True

    @property
    def first_window(self) -> date:
        """The first day after the baseline."""
        return FIRST + timedelta(days=self.baseline_days)

    def configuration(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Return the model's YAML as data.

        Args:
            plan: Its plan.
        """
        labels = {"source": "table", "prefix": "outcomes", "id": "id", "label": "label", "delay_days": 1}
        return {
            "model": MODEL,
            "namespace": "/bench/trust",
            "description": "Will an order be paid late?",
            "owner": "bench",
            "contacts": ["bench@example.com"],
            "features": [{"name": name, "type": kind} for name, kind in FEATURES.items()],
            "output": {"task": "binary_classification", "response": ["prediction", "probability"]},
            "capture": {"source": "table", "prefix": "captures", "time_column": "at", "id_column": "id"},
            **({"labels": labels} if self.labelled else {}),
            "baseline": {"first": str(FIRST), "last": str(self.first_window - timedelta(days=1))},
            "plan": plan,
            "schedule": {"first_window": str(self.first_window)},
        }

    def day(self, day: date) -> pd.DataFrame:
        """Return a day's rows with their outcomes.

        Args:
            day: The day.
        """
        number = (day - FIRST).days
        random = np.random.default_rng([self.seed, number, self.rows])
        weekend = day.weekday() >= 5
        rows = int(random.poisson(self.rows * (0.6 if weekend else 1.0) * random.lognormal(0, 0.06)))
        times = _times(day, rows, random)
        kinds = np.array([4, 8, 3 + 3 * weekend, 2, 1, 2 + 2 * weekend], dtype=float)
        cities = 1 / np.arange(1, 401) ** 1.1
        amount = random.lognormal(3 + 0.15 * weekend + random.normal(0, 0.03), 0.9, rows).round(2)
        distance = random.gamma(2, 6, rows).round(1)
        age = random.normal(41, 13, rows).clip(18, 95).round().astype(int)
        items = 1 + random.poisson(1.4 + 0.4 * weekend, rows)
        member = random.random(rows) < 0.35
        temperature = (random.normal(11, 2.5) + random.normal(0, 3, rows)).round(1)
        kind = random.choice(len(_KINDS), rows, p=kinds / kinds.sum())
        score = 0.9 * (np.log(amount) - 3) - 0.06 * (age - 41) / 13 + 0.08 * (distance - 12) - 0.7 * member
        score += 0.5 * (kind == 1) + 0.3 * (items - 2) - 1.3
        probability = 1 / (1 + np.exp(-score))
        frame = pd.DataFrame(
            {
                "id": [f"{day:%Y%m%d}-{n}" for n in range(rows)],
                "at": times,
                "amount": amount,
                "distance": distance,
                "temperature": np.where(random.random(rows) < 0.02, np.nan, temperature),
                "age": age,
                "items": items,
                "member": member,
                "kind": np.array(_KINDS)[kind],
                "city": [f"city {n}" for n in random.choice(cities.size, rows, p=cities / cities.sum())],
                "probability": probability.round(6),
            }
        )
        frame["prediction"] = np.where(probability >= 0.5, "1", "0")
        frame["label"] = np.where(random.random(rows) < 1 / (1 + np.exp(-1.6 * score)), "1", "0")
        return frame


def _times(day: date, rows: int, random: np.random.Generator) -> list[datetime]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    hours = random.choice(24, rows, p=_HOURS / _HOURS.sum())
    seconds = np.sort(hours * 3600 + random.integers(0, 3600, rows))
    return [start + timedelta(seconds=int(one)) for one in seconds]


def write_day(folder: Path, day: date, rows: pd.DataFrame, *, labelled: bool) -> None:
    """Write a day as captured tables and outcomes, in place of what is there.

    Args:
        folder: The data folder.
        day: The day.
        rows: Its rows; a column that is not there was not captured.
        labelled: Whether the outcomes are written.
    """
    captured = folder / "captures" / f"{day:%Y/%m/%d}" / "rows.csv"
    captured.parent.mkdir(parents=True, exist_ok=True)
    rows.drop(columns="label").to_csv(captured, index=False)
    if labelled:
        outcomes = folder / "outcomes" / f"{day:%Y/%m/%d}" / "rows.parquet"
        outcomes.parent.mkdir(parents=True, exist_ok=True)
        rows[["id", "label"]].drop_duplicates("id").to_parquet(outcomes, index=False)


def write_model(path: Path, configuration: dict[str, Any]) -> None:
    """Write a model's YAML; JSON is YAML.

    Args:
        path: The file.
        configuration: The content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(configuration, indent=1), encoding="utf-8")
